// Threads: creation, joining, identity, names.
#include "../machine/stack_slots.hpp"
#include "../objects/cancellation.hpp"
#include "../objects/misuse.hpp"
#include "../objects/waits.hpp"
#include "clocks.hpp"
#include "real.hpp"
#include "thread_handles.hpp"

#include <cerrno>
#include <cstring>

#include <pthread.h>
#include <sched.h>

using namespace heddle::sim;

namespace {

// Not a function-local static: its guard would be a scheduling point of the first execution only.
size_t default_stack_size() noexcept {
  static constinit size_t size = 0;
  if (size != 0) return size;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_getstacksize(&attributes, &size);
  pthread_attr_destroy(&attributes);
  return size;
}

}  // namespace

namespace heddle::sim {

virtual_thread& create_recorded(execution& machine, void* (*start)(void*), void* argument, bool detached,
                                std::size_t stack_size, std::uintptr_t pc) {
  virtual_thread& created = machine.create_thread(start, argument, detached, stack_size);
  machine.record({.kind = operation_kind::thread_create, .writes = true, .object = created.id}, pc);
  machine.progress();
  return created;
}

int join_until(execution& machine, pthread_t handle, void** result, std::uint64_t deadline, std::uintptr_t pc) {
  virtual_thread* const target = thread_of(machine, handle);
  if (target == nullptr) fail_misuse(machine, "joins a thread that was joined before, or had ended detached", pc);
  if (target == &machine.current()) return EDEADLK;
  if (target->detached) fail_misuse(machine, "joins a detached thread", pc);
  if (!target->joiners.empty()) fail_misuse(machine, "joins a thread that another thread is joining", pc);
  cancellation_point point(machine);
  // A signal's handler has run then; the wait goes on.
  while (!join_thread(machine, *target, deadline, pc)) {
    if (!point.interrupted()) return ETIMEDOUT;
    point.again();
  }
  if (result != nullptr) *result = target->result;
  return 0;
}

int detach(execution& machine, pthread_t handle, std::uintptr_t pc) {
  virtual_thread* const target = thread_of(machine, handle);
  if (target == nullptr) fail_misuse(machine, "detaches a thread that was joined before, or had ended detached", pc);
  if (target->detached) fail_misuse(machine, "detaches a detached thread", pc);
  target->detached = true;
  if (target->state == run_state::finished) machine.release_slot(*target);
  return 0;
}

}  // namespace heddle::sim

extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  execution* const machine = running();
  if (machine == nullptr) {
    detail::one_os_thread = false;
    return HEDDLE_REAL(pthread_create)(handle, attributes, start, argument);
  }
  int state = PTHREAD_CREATE_JOINABLE;
  size_t stack_size = 0;
  if (attributes != nullptr) {
    pthread_attr_getdetachstate(attributes, &state);
    pthread_attr_getstacksize(attributes, &stack_size);
    // Nobody chose libc's default.
    if (stack_size == default_stack_size()) stack_size = 0;
    if (stack_size > stack_slots::large_size) return EAGAIN;
  }
  const bool detached = state == PTHREAD_CREATE_DETACHED;
  *handle = handle_of(create_recorded(*machine, start, argument, detached, stack_size, HEDDLE_CALLER));
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
  return detach(*machine, handle, HEDDLE_CALLER);
}

pthread_t pthread_self() noexcept {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(pthread_self)() : handle_of(machine->current());
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

int sched_yield() noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sched_yield)();
  yield_thread(*machine, HEDDLE_CALLER);
  return 0;
}

}  // extern "C"
