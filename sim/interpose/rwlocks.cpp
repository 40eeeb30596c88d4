// pthread reader-writer locks. What a call returns is what glibc returns, where POSIX defines it.
//
// The kind stands in the real lock, where pthread_rwlock_init or a static initialiser wrote it. As in glibc, only
// PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP makes readers wait for waiting writers.
#include "../objects/misuse.hpp"
#include "lock_calls.hpp"

#include <cerrno>

#include <pthread.h>

using namespace heddle::sim;

namespace {

void apply_kind(execution& machine, const pthread_rwlock_t* lock) {
  if (lock->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) prefer_writers(machine, lock);
}

int lock_until(execution& machine, const pthread_rwlock_t* lock, lock_mode mode, std::uint64_t deadline,
               std::uintptr_t pc) {
  observe_use(machine, lock, pc);
  apply_kind(machine, lock);
  return error_of(take(machine, lock, mode, lock_rule::error_checking, deadline, pc));
}

int try_lock(execution& machine, const pthread_rwlock_t* lock, lock_mode mode, std::uintptr_t pc) {
  apply_kind(machine, lock);
  const lock_result result = try_take(machine, lock, mode, lock_rule::normal, pc);
  if (result == lock_result::done) observe_use(machine, lock, pc);
  return error_of(result);
}

int lock_until(execution& machine, const pthread_rwlock_t* lock, lock_mode mode, const timespec* time, clockid_t clock,
               std::uintptr_t pc) {
  if (!is_valid(*time) || !is_waitable(clock)) return EINVAL;
  return lock_until(machine, lock, mode, deadline_of(*time, clock), pc);
}

}  // namespace

extern "C" {

int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes) noexcept {
  if (execution* const machine = running()) {
    observe_change(*machine, lock, HEDDLE_CALLER);
    machine->forget_object(lock, object_kind::lock);
  }
  return HEDDLE_REAL(pthread_rwlock_init)(lock, attributes);
}

int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_destroy)(lock);
  observe_change(*machine, lock, HEDDLE_CALLER);
  end_lock(*machine, lock, HEDDLE_CALLER);
  return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_rdlock)(lock);
  return lock_until(*machine, lock, lock_mode::shared, no_deadline, HEDDLE_CALLER);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_wrlock)(lock);
  return lock_until(*machine, lock, lock_mode::exclusive, no_deadline, HEDDLE_CALLER);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_tryrdlock)(lock);
  return try_lock(*machine, lock, lock_mode::shared, HEDDLE_CALLER);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_rwlock_trywrlock)(lock);
  return try_lock(*machine, lock, lock_mode::exclusive, HEDDLE_CALLER);
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
  return error_of(release(*machine, lock, lock_rule::normal, HEDDLE_CALLER));
}

}  // extern "C"
