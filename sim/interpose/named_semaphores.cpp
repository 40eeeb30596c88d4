// Named semaphores of the process: they live in the execution, and are gone with it.
//
// A name that nobody in the execution has made is looked for outside, where another process may have.
#include "../machine/host_memory.hpp"
#include "../objects/waits.hpp"
#include "real.hpp"

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>

using namespace heddle::sim;

namespace {

struct named_semaphore {
  char name[NAME_MAX] = {};
  sem_t* semaphore = nullptr;
  unsigned users = 0;
  bool unlinked = false;
};

// Those of the running execution, in the order of their making; used by the machine's thread only.
struct {
  std::uint64_t serial = 0;
  host_vector<named_semaphore> all;
} registry;

host_vector<named_semaphore>& semaphores_of(const execution& machine) {
  if (registry.serial != machine.serial()) registry.all.clear();
  registry.serial = machine.serial();
  return registry.all;
}

named_semaphore* find(const execution& machine, const char* name) {
  for (named_semaphore& one : semaphores_of(machine)) {
    if (!one.unlinked && std::string_view{one.name} == name) return &one;
  }
  return nullptr;
}

// It goes when it has neither a name nor users.
void remove_if_unused(execution& machine, named_semaphore& one) {
  if (!one.unlinked || one.users != 0) return;
  machine.forget_object(one.semaphore, object_kind::semaphore);
  std::free(one.semaphore);
  host_vector<named_semaphore>& all = semaphores_of(machine);
  all.erase(all.begin() + (&one - all.data()));
}

sem_t* failed(int error) noexcept {
  errno = error;
  return SEM_FAILED;
}

sem_t* make(execution& machine, const char* name, unsigned value) {
  if (value > static_cast<unsigned>(INT_MAX)) return failed(EINVAL);
  if (std::strlen(name) >= sizeof named_semaphore::name) return failed(ENAMETOOLONG);
  auto* const semaphore = static_cast<sem_t*>(std::calloc(1, sizeof(sem_t)));
  if (semaphore == nullptr) return failed(ENOMEM);
  named_semaphore& made = semaphores_of(machine).emplace_back();
  std::strcpy(made.name, name);
  made.semaphore = semaphore;
  made.users = 1;
  set_semaphore(machine, semaphore, value);
  return semaphore;
}

}  // namespace

extern "C" {

sem_t* sem_open(const char* name, int flags, ...) noexcept {
  mode_t mode = 0;
  unsigned value = 0;
  if ((flags & O_CREAT) != 0) {
    va_list list;
    va_start(list, flags);
    mode = va_arg(list, mode_t);
    value = va_arg(list, unsigned);
    va_end(list);
  }
  execution* const machine = running();
  named_semaphore* const known = machine == nullptr ? nullptr : find(*machine, name);
  if (known != nullptr) {
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return failed(EEXIST);
    ++known->users;
    return known->semaphore;
  }
  if (machine == nullptr || (flags & O_CREAT) == 0) return HEDDLE_REAL(sem_open)(name, flags, mode, value);
  return make(*machine, name, value);
}

int sem_close(sem_t* semaphore) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_close)(semaphore);
  for (named_semaphore& one : semaphores_of(*machine)) {
    if (one.semaphore != semaphore || one.users == 0) continue;
    --one.users;
    remove_if_unused(*machine, one);
    return 0;
  }
  return HEDDLE_REAL(sem_close)(semaphore);
}

int sem_unlink(const char* name) noexcept {
  execution* const machine = running();
  named_semaphore* const known = machine == nullptr ? nullptr : find(*machine, name);
  if (known == nullptr) return HEDDLE_REAL(sem_unlink)(name);
  known->unlinked = true;
  remove_if_unused(*machine, *known);
  return 0;
}

}  // extern "C"
