// What the calls on locks have in common: the rule that a mutex was made with, and error numbers.
#pragma once

#include "../objects/locks.hpp"
#include "caller.hpp"
#include "clocks.hpp"
#include "real.hpp"

#include <cerrno>

#include <pthread.h>

namespace heddle::sim {

// What pthread_mutex_t::__data.__kind says: the real pthread_mutex_init or a static initialiser wrote it.
inline lock_rule rule_of(const pthread_mutex_t* mutex) noexcept {
  switch (mutex->__data.__kind & 3) {
    case PTHREAD_MUTEX_RECURSIVE_NP:
      return lock_rule::recursive;
    case PTHREAD_MUTEX_ERRORCHECK_NP:
      return lock_rule::error_checking;
    default:
      return lock_rule::normal;
  }
}

inline int error_of(lock_result result) noexcept {
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
    case lock_result::owner_died:
      return EOWNERDEAD;
    case lock_result::not_recoverable:
      return ENOTRECOVERABLE;
  }
  return EINVAL;
}

// For the race detector: a use of the lock. Those of several threads are in no conflict, but with its begin and end.
inline void observe_use(execution& machine, const void* lock, std::uintptr_t pc) {
  if (racing() != nullptr && is_called_by_executable(pc)) machine.observe(lock, 1, race_access::atomic_load, pc);
}
// The lock is made or destroyed.
inline void observe_change(execution& machine, const void* lock, std::uintptr_t pc) {
  if (racing() != nullptr && is_called_by_executable(pc)) machine.observe(lock, 1, race_access::write, pc);
}

// The clocks that glibc's timed waits take.
inline bool is_waitable(clockid_t clock) noexcept {
  return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

}  // namespace heddle::sim
