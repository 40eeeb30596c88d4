// Named semaphores of the process: they live in the execution, and are gone with it.
//
// A name that nobody in the execution has made is looked for outside, where another process may have.
#include "../objects/waits.hpp"
#include "real.hpp"

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>

using namespace heddle::sim;

namespace {

// One block of the execution's, as what sem_open gives would be elsewhere.
struct named_semaphore {
  sem_t semaphore;
  named_semaphore* next;
  unsigned users;
  bool unlinked;
  char name[NAME_MAX];
};

// Those of the running execution, the newest first; used by the machine's thread only. A search for leaks finds them
// here, so that one that nobody closes is none.
struct {
  std::uint64_t serial = 0;
  named_semaphore* first = nullptr;
} registry;

named_semaphore*& semaphores_of(const execution& machine) {
  if (registry.serial != machine.serial()) registry.first = nullptr;
  registry.serial = machine.serial();
  return registry.first;
}

named_semaphore* find(const execution& machine, const char* name) {
  named_semaphore* one = semaphores_of(machine);
  while (one != nullptr && (one->unlinked || std::string_view{one->name} != name)) one = one->next;
  return one;
}

// It goes when it has neither a name nor users.
void remove_if_unused(execution& machine, named_semaphore& one) {
  if (!one.unlinked || one.users != 0) return;
  machine.forget_object(&one.semaphore, object_kind::semaphore);
  named_semaphore** link = &semaphores_of(machine);
  while (*link != &one) link = &(*link)->next;
  *link = one.next;
  std::free(&one);
}

sem_t* failed(int error) noexcept {
  errno = error;
  return SEM_FAILED;
}

sem_t* make(execution& machine, const char* name, unsigned value) {
  if (value > static_cast<unsigned>(INT_MAX)) return failed(EINVAL);
  if (std::strlen(name) >= sizeof named_semaphore::name) return failed(ENAMETOOLONG);
  auto* const made = static_cast<named_semaphore*>(std::calloc(1, sizeof(named_semaphore)));
  if (made == nullptr) return failed(ENOMEM);
  std::strcpy(made->name, name);
  made->users = 1;
  made->next = std::exchange(semaphores_of(machine), made);
  set_semaphore(machine, &made->semaphore, value);
  return &made->semaphore;
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
    return &known->semaphore;
  }
  if (machine == nullptr || (flags & O_CREAT) == 0) return HEDDLE_REAL(sem_open)(name, flags, mode, value);
  return make(*machine, name, value);
}

int sem_close(sem_t* semaphore) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_close)(semaphore);
  for (named_semaphore* one = semaphores_of(*machine); one != nullptr; one = one->next) {
    if (&one->semaphore != semaphore || one->users == 0) continue;
    --one->users;
    remove_if_unused(*machine, *one);
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
