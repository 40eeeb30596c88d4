// pthread mutexes, spin locks and reader-writer locks.
#include "../objects/locks.hpp"
#include "clocks.hpp"
#include "real.hpp"

#include <cerrno>

#include <pthread.h>

using namespace heddle::sim;

namespace {

lock_rule rule_of(const pthread_mutex_t* mutex) noexcept {
  switch (mutex->__data.__kind & 3) {
    case PTHREAD_MUTEX_RECURSIVE_NP:
      return lock_rule::recursive;
    case PTHREAD_MUTEX_ERRORCHECK_NP:
      return lock_rule::error_checking;
    default:
      return lock_rule::normal;
  }
}

int error_of(lock_result result) noexcept {
  switch (result) {
    case lock_result::done:
      return 0;
    case lock_result::busy:
      return EBUSY;
    case lock_result::timed_out:
      return ETIMEDOUT;
    case lock_result::already_held:
      return EDEADLK;
    case lock_result::not_held:
      return EPERM;
  }
  return EINVAL;
}

int lock_until(execution& machine, pthread_mutex_t* mutex, const timespec* time, clockid_t clock, std::uintptr_t pc) {
  if (!is_valid(*time)) return EINVAL;
  return error_of(take(machine, mutex, lock_mode::exclusive, rule_of(mutex), deadline_of(*time, clock), pc));
}

int lock_until(execution& machine, const pthread_rwlock_t* lock, lock_mode mode, const timespec* time, clockid_t clock,
               std::uintptr_t pc) {
  if (!is_valid(*time)) return EINVAL;
  return error_of(take(machine, lock, mode, lock_rule::error_checking, deadline_of(*time, clock), pc));
}

}  // namespace

extern "C" {

// ---------------------------------------------------------------- mutexes

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) noexcept {
  if (execution* const machine = running()) machine->forget_object(mutex, object_kind::lock);
  return HEDDLE_REAL(pthread_mutex_init)(mutex, attributes);
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_destroy)(mutex);
  machine->forget_object(mutex, object_kind::lock);
  return 0;
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_lock)(mutex);
  return error_of(take(*machine, mutex, lock_mode::exclusive, rule_of(mutex), no_deadline, HEDDLE_CALLER));
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_mutex_trylock)(mutex);
  return error_of(try_take(*machine, mutex, lock_mode::exclusive, rule_of(mutex), HEDDLE_CALLER));
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
  return error_of(release(*machine, mutex, HEDDLE_CALLER));
}

// ---------------------------------------------------------------- spin locks

int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
  if (execution* const machine = running()) machine->forget_object(const_cast<const int*>(lock), object_kind::lock);
  return HEDDLE_REAL(pthread_spin_init)(lock, shared);
}

int pthread_spin_destroy(pthread_spinlock_t* lock) noexcept {
  if (execution* const machine = running()) machine->forget_object(const_cast<const int*>(lock), object_kind::lock);
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
  return error_of(release(*machine, const_cast<const int*>(lock), HEDDLE_CALLER));
}

// ---------------------------------------------------------------- reader-writer locks

int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes) noexcept {
  if (execution* const machine = running()) machine->forget_object(lock, object_kind::lock);
  return HEDDLE_REAL(pthread_rwlock_init)(lock, attributes);
}

int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_destroy)(lock);
  machine->forget_object(lock, object_kind::lock);
  return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_rdlock)(lock);
  return error_of(take(*machine, lock, lock_mode::shared, lock_rule::error_checking, no_deadline, HEDDLE_CALLER));
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_wrlock)(lock);
  return error_of(take(*machine, lock, lock_mode::exclusive, lock_rule::error_checking, no_deadline, HEDDLE_CALLER));
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_tryrdlock)(lock);
  return error_of(try_take(*machine, lock, lock_mode::shared, lock_rule::normal, HEDDLE_CALLER));
}

int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_trywrlock)(lock);
  return error_of(try_take(*machine, lock, lock_mode::exclusive, lock_rule::normal, HEDDLE_CALLER));
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* time) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_timedrdlock)(lock, time);
  return lock_until(*machine, lock, lock_mode::shared, time, CLOCK_REALTIME, HEDDLE_CALLER);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* time) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_timedwrlock)(lock, time);
  return lock_until(*machine, lock, lock_mode::exclusive, time, CLOCK_REALTIME, HEDDLE_CALLER);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* time) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_clockrdlock)(lock, clock, time);
  return lock_until(*machine, lock, lock_mode::shared, time, clock, HEDDLE_CALLER);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* time) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_clockwrlock)(lock, clock, time);
  return lock_until(*machine, lock, lock_mode::exclusive, time, clock, HEDDLE_CALLER);
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_unlock)(lock);
  return error_of(release(*machine, lock, HEDDLE_CALLER));
}

}  // extern "C"
