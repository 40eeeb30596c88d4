// Who and where the caller is: processor, thread and process numbers that do not depend on the host.
#include "identity.hpp"

#include "../machine/execution.hpp"
#include "real.hpp"
#include "replaceable.hpp"

#include <cerrno>

#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

using namespace heddle::sim;

extern "C" {

pid_t getpid() noexcept {
  return running() == nullptr ? HEDDLE_REAL(getpid)() : process_id;
}

pid_t getppid() noexcept {
  return running() == nullptr ? HEDDLE_REAL(getppid)() : process_id - 1;
}

pid_t gettid() noexcept {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(gettid)() : process_id + static_cast<pid_t>(machine->current().id);
}

// std::thread::hardware_concurrency.
int get_nprocs() noexcept {
  return running() == nullptr ? HEDDLE_REAL(get_nprocs)() : processors;
}

int get_nprocs_conf() noexcept {
  return running() == nullptr ? HEDDLE_REAL(get_nprocs_conf)() : processors;
}

long sysconf(int name) noexcept {
  const bool asks_for_processors = name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF;
  return running() != nullptr && asks_for_processors ? processors : HEDDLE_REAL(sysconf)(name);
}

// Each thread has a processor of its own, as far as there are any.
int sched_getcpu() noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sched_getcpu)();
  return static_cast<int>(machine->current().id % static_cast<thread_id>(processors));
}

HEDDLE_REPLACEABLE int getcpu(unsigned* cpu, unsigned* node) noexcept {
  if (running() == nullptr) return HEDDLE_REAL(getcpu)(cpu, node);
  if (cpu != nullptr) *cpu = static_cast<unsigned>(sched_getcpu());
  if (node != nullptr) *node = 0;
  return 0;
}

}  // extern "C"
