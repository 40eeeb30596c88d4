// pthread mutexes of all kinds, and spin locks. What a call returns is what glibc returns, where POSIX defines it.
//
// How it works. The real mutex is never taken inside an execution; its kind, which the real pthread_mutex_init or a
// static initialiser wrote into it, is all that is read. Priorities have no meaning on the machine: their protocols
// are accepted, and differ in who may unlock.
#include "../objects/misuse.hpp"
#include "lock_calls.hpp"

#include <cerrno>

#include <pthread.h>

using namespace heddle::sim;

namespace {

// glibc's bits of pthread_mutex_t::__data.__kind beyond the type.
constexpr int robust_bit = 16;
constexpr int priority_inheritance_bit = 32;
constexpr int destroyed_kind = -1;

bool is_robust(const pthread_mutex_t* mutex) noexcept {
  return (mutex->__data.__kind & robust_bit) != 0;
}

// Who may unlock: only these kinds look.
lock_rule unlock_rule_of(const pthread_mutex_t* mutex) noexcept {
  if ((mutex->__data.__kind & (robust_bit | priority_inheritance_bit)) != 0) return lock_rule::error_checking;
  return rule_of(mutex);
}

void expect_not_destroyed(execution& machine, const pthread_mutex_t* mutex, const char* what, std::uintptr_t pc) {
  if (mutex->__data.__kind == destroyed_kind) fail_misuse(machine, what, pc);
}

// Whether it was locked before the execution, or by an OS thread outside: then the machine knows nothing of it.
bool is_locked_outside(const pthread_mutex_t* mutex) noexcept {
  return mutex->__data.__lock != 0;
}

int lock_until(execution& machine, pthread_mutex_t* mutex, std::uint64_t deadline, std::uintptr_t pc) {
  observe_use(machine, mutex, pc);
  expect_not_destroyed(machine, mutex, "locks a mutex that was destroyed", pc);
  if (is_robust(mutex)) make_robust(machine, mutex);
  return error_of(take(machine, mutex, lock_mode::exclusive, rule_of(mutex), deadline, pc));
}

int try_lock(execution& machine, pthread_mutex_t* mutex, std::uintptr_t pc) {
  expect_not_destroyed(machine, mutex, "locks a mutex that was destroyed", pc);
  if (is_robust(mutex)) make_robust(machine, mutex);
  const lock_result result = try_take(machine, mutex, lock_mode::exclusive, rule_of(mutex), pc);
  if (result == lock_result::done) observe_use(machine, mutex, pc);
  return error_of(result);
}

int lock_until(execution& machine, pthread_mutex_t* mutex, const timespec* time, clockid_t clock, std::uintptr_t pc) {
  if (!is_waitable(clock)) return EINVAL;
  if (is_valid(*time)) return lock_until(machine, mutex, deadline_of(*time, clock), pc);
  // The time is only looked at by who has to wait.
  const int tried = try_lock(machine, mutex, pc);
  return tried == EBUSY ? EINVAL : tried;
}

}  // namespace

extern "C" {

// ---------------------------------------------------------------- mutexes

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) noexcept {
  if (execution* const machine = running()) {
    observe_change(*machine, mutex, HEDDLE_CALLER);
    machine->forget_object(mutex, object_kind::lock);
  }
  return HEDDLE_REAL(pthread_mutex_init)(mutex, attributes);
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_destroy)(mutex);
  observe_change(*machine, mutex, HEDDLE_CALLER);
  if (is_robust(mutex)) {
    machine->forget_object(mutex, object_kind::lock);
  } else {
    end_lock(*machine, mutex, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(pthread_mutex_destroy)(mutex);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_lock)(mutex);
  return lock_until(*machine, mutex, no_deadline, HEDDLE_CALLER);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_trylock)(mutex);
  return try_lock(*machine, mutex, HEDDLE_CALLER);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* time) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_timedlock)(mutex, time);
  return lock_until(*machine, mutex, time, CLOCK_REALTIME, HEDDLE_CALLER);
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* time) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_clocklock)(mutex, clock, time);
  return lock_until(*machine, mutex, time, clock, HEDDLE_CALLER);
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_unlock)(mutex);
  expect_not_destroyed(*machine, mutex, "unlocks a mutex that was destroyed", HEDDLE_CALLER);
  if (is_locked_outside(mutex) && !is_held(*machine, mutex)) return 0;
  return error_of(release(*machine, mutex, unlock_rule_of(mutex), HEDDLE_CALLER));
}

int pthread_mutex_consistent(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_consistent)(mutex);
  return is_robust(mutex) && make_consistent(*machine, mutex) ? 0 : EINVAL;
}

// ---------------------------------------------------------------- spin locks

int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
  if (execution* const machine = running()) machine->forget_object(const_cast<const int*>(lock), object_kind::lock);
  return HEDDLE_REAL(pthread_spin_init)(lock, shared);
}

int pthread_spin_destroy(pthread_spinlock_t* lock) noexcept {
  if (execution* const machine = running()) end_lock(*machine, const_cast<const int*>(lock), HEDDLE_CALLER);
  return HEDDLE_REAL(pthread_spin_destroy)(lock);
}

int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_spin_lock)(lock);
  return error_of(take(*machine, const_cast<const int*>(lock), lock_mode::exclusive, lock_rule::normal, no_deadline,
                       HEDDLE_CALLER));
}

int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_spin_trylock)(lock);
  return error_of(
      try_take(*machine, const_cast<const int*>(lock), lock_mode::exclusive, lock_rule::normal, HEDDLE_CALLER));
}

int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_spin_unlock)(lock);
  return error_of(release(*machine, const_cast<const int*>(lock), lock_rule::normal, HEDDLE_CALLER));
}

}  // extern "C"
