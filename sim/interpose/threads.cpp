// Threads: creation, end, identity, thread-specific values, once-only initialisation.
#include "../objects/thread_keys.hpp"
#include "../objects/waits.hpp"
#include "clocks.hpp"
#include "real.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

pthread_t handle_of(const virtual_thread& thread) noexcept {
  return reinterpret_cast<pthread_t>(&thread);
}

virtual_thread* thread_of(execution& machine, pthread_t handle) noexcept {
  return machine.thread_by_handle(reinterpret_cast<const void*>(handle));
}

int join_until(execution& machine, pthread_t handle, void** result, std::uint64_t deadline, std::uintptr_t pc) {
  virtual_thread* const target = thread_of(machine, handle);
  if (target == nullptr) return ESRCH;
  if (target == &machine.current()) return EDEADLK;
  if (target->detached) return EINVAL;
  if (!join_thread(machine, *target, deadline, pc)) return ETIMEDOUT;
  if (result != nullptr) *result = target->result;
  return 0;
}

bool once_is_done(const void* control) noexcept {
  return __atomic_load_n(static_cast<const int*>(control), __ATOMIC_ACQUIRE) == 2;
}

}  // namespace

extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  execution* const machine = running();
  if (machine == nullptr) {
    detail::one_os_thread = false;
    return HEDDLE_REAL(pthread_create)(handle, attributes, start, argument);
  }
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &state);
  virtual_thread& created = machine->create_thread(start, argument, state == PTHREAD_CREATE_DETACHED);
  machine->record({.kind = operation_kind::thread_create, .writes = true, .object = created.id}, HEDDLE_CALLER);
  machine->progress();
  *handle = handle_of(created);
  return 0;
}

int pthread_join(pthread_t handle, void** result) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_join)(handle, result);
  return join_until(*machine, handle, result, no_deadline, HEDDLE_CALLER);
}

int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_timedjoin_np)(handle, result, time);
  return join_until(*machine, handle, result, deadline_of(*time, CLOCK_REALTIME), HEDDLE_CALLER);
}

int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_clockjoin_np)(handle, result, clock, time);
  return join_until(*machine, handle, result, deadline_of(*time, clock), HEDDLE_CALLER);
}

int pthread_tryjoin_np(pthread_t handle, void** result) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_tryjoin_np)(handle, result);
  yield_thread(*machine, HEDDLE_CALLER);
  const virtual_thread* const target = thread_of(*machine, handle);
  if (target != nullptr && target->state != run_state::finished) return EBUSY;
  return join_until(*machine, handle, result, no_deadline, HEDDLE_CALLER);
}

int pthread_detach(pthread_t handle) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_detach)(handle);
  virtual_thread* const target = thread_of(*machine, handle);
  if (target == nullptr) return ESRCH;
  if (target->detached) return EINVAL;
  target->detached = true;
  if (target->state == run_state::finished) machine->release_slot(*target);
  return 0;
}

pthread_t pthread_self() noexcept {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(pthread_self)() : handle_of(machine->current());
}

void pthread_exit(void* result) {
  if (running() == nullptr) HEDDLE_REAL(pthread_exit)(result);
  throw thread_exit_request{result};
}

int pthread_setname_np(pthread_t handle, const char* name) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_setname_np)(handle, name);
  virtual_thread* const target = thread_of(*machine, handle);
  if (target == nullptr) return ESRCH;
  if (std::strlen(name) >= sizeof target->name) return ERANGE;
  std::strcpy(target->name, name);
  return 0;
}

int pthread_getname_np(pthread_t handle, char* buffer, size_t size) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_getname_np)(handle, buffer, size);
  const virtual_thread* const target = thread_of(*machine, handle);
  if (target == nullptr) return ESRCH;
  if (size <= std::strlen(target->name)) return ERANGE;
  std::strcpy(buffer, target->name);
  return 0;
}

int pthread_kill(pthread_t handle, int signal) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_kill)(handle, signal);
  if (thread_of(*machine, handle) == nullptr) return ESRCH;
  return signal == 0 ? 0 : raise(signal);
}

int pthread_cancel(pthread_t handle) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cancel)(handle);
  machine->fail(failure_kind::crash,
                "pthread_cancel was called, which this version of the simulated machine does not have");
}

// Where a virtual thread runs is the machine's business: any processor set and priority will do.
int pthread_setaffinity_np(pthread_t handle, size_t size, const cpu_set_t* set) noexcept {
  return running() == nullptr ? HEDDLE_REAL(pthread_setaffinity_np)(handle, size, set) : 0;
}

int pthread_getaffinity_np(pthread_t handle, size_t size, cpu_set_t* set) noexcept {
  if (running() == nullptr) return HEDDLE_REAL(pthread_getaffinity_np)(handle, size, set);
  CPU_ZERO_S(size, set);
  for (int cpu = 0; cpu < 4; ++cpu) CPU_SET_S(cpu, size, set);
  return 0;
}

int pthread_setschedparam(pthread_t handle, int policy, const sched_param* parameters) noexcept {
  return running() == nullptr ? HEDDLE_REAL(pthread_setschedparam)(handle, policy, parameters) : 0;
}

int pthread_getschedparam(pthread_t handle, int* policy, sched_param* parameters) noexcept {
  if (running() == nullptr) return HEDDLE_REAL(pthread_getschedparam)(handle, policy, parameters);
  *policy = SCHED_OTHER;
  *parameters = {};
  return 0;
}

int sched_yield() noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sched_yield)();
  yield_thread(*machine, HEDDLE_CALLER);
  return 0;
}

pid_t gettid() noexcept {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(gettid)() : static_cast<pid_t>(1'000 + machine->current().id);
}

// std::thread::hardware_concurrency: the same on every machine.
int get_nprocs() noexcept {
  return running() == nullptr ? HEDDLE_REAL(get_nprocs)() : 4;
}

// ---------------------------------------------------------------- keys

int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  const int result = HEDDLE_REAL(pthread_key_create)(key, destructor);
  if (result == 0) remember_key_destructor(*key, destructor);
  return result;
}

int pthread_key_delete(pthread_key_t key) noexcept {
  forget_key_destructor(key);
  return HEDDLE_REAL(pthread_key_delete)(key);
}

void* pthread_getspecific(pthread_key_t key) noexcept {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(pthread_getspecific)(key) : key_value(machine->current(), key);
}

int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_setspecific)(key, value);
  set_key_value(machine->current(), key, const_cast<void*>(value));
  return 0;
}

// ---------------------------------------------------------------- once

int pthread_once(pthread_once_t* control, void (*initialise)()) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_once)(control, initialise);
  if (!begin_once(*machine, control, &once_is_done, HEDDLE_CALLER)) return 0;
  struct finish {
    execution& machine;
    pthread_once_t* control;
    bool done = false;
    ~finish() {
      if (done) __atomic_store_n(control, 2, __ATOMIC_RELEASE);
      end_once(machine, control);
    }
  } finish{*machine, control};
  initialise();
  finish.done = true;
  return 0;
}

}  // extern "C"
