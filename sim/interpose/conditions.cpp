// pthread condition variables, semaphores, barriers.
#include "../objects/cancellation.hpp"
#include "../objects/misuse.hpp"
#include "../objects/waits.hpp"
#include "lock_calls.hpp"

#include <cerrno>

#include <pthread.h>
#include <semaphore.h>

using namespace heddle::sim;

namespace {

int wait_until(execution& machine, pthread_cond_t* condition, pthread_mutex_t* mutex, std::uint64_t deadline,
               std::uintptr_t pc) {
  // A robust mutex may be consistent, but never be anyone else's.
  const bool robust = (mutex->__data.__kind & 16) != 0;
  const lock_rule rule = robust ? lock_rule::error_checking : rule_of(mutex);
  cancellation_point point(machine);
  const lock_result result = wait_for_notification(machine, condition, mutex, rule, deadline, pc);
  // What a signal's handler did may be what is waited for: woken without a notification.
  return point.interrupted() && result == lock_result::timed_out ? 0 : error_of(result);
}

int wait_until(execution& machine, pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* time,
               clockid_t clock, std::uintptr_t pc) {
  if (!is_valid(*time) || !is_waitable(clock)) return EINVAL;
  return wait_until(machine, condition, mutex, deadline_of(*time, clock), pc);
}

// Where glibc keeps the clock that pthread_condattr_setclock chose.
clockid_t clock_of(const pthread_cond_t* condition) noexcept {
  return (condition->__data.__wrefs & 2) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

// The semaphore as the execution knows it: with the count it was given outside, if it came from there.
void adopt(execution& machine, sem_t* semaphore) {
  if (machine.find_object(semaphore, object_kind::semaphore) != nullptr) return;
  int value = 0;
  HEDDLE_REAL(sem_getvalue)(semaphore, &value);
  set_semaphore(machine, semaphore, static_cast<std::uint32_t>(value));
}

int wait_until(execution& machine, sem_t* semaphore, std::uint64_t deadline, std::uintptr_t pc) {
  adopt(machine, semaphore);
  cancellation_point point(machine);
  if (wait_semaphore(machine, semaphore, deadline, pc)) return 0;
  errno = point.interrupted() ? EINTR : ETIMEDOUT;
  return -1;
}

int wait_until(execution& machine, sem_t* semaphore, const timespec* time, clockid_t clock, std::uintptr_t pc) {
  if (is_valid(*time) && is_waitable(clock)) return wait_until(machine, semaphore, deadline_of(*time, clock), pc);
  errno = EINVAL;
  return -1;
}

}  // namespace

extern "C" {

// ---------------------------------------------------------------- condition variables

int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) noexcept {
  if (execution* const machine = running()) {
    observe_change(*machine, condition, HEDDLE_CALLER);
    machine->forget_object(condition, object_kind::condition);
  }
  return HEDDLE_REAL(pthread_cond_init)(condition, attributes);
}

int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cond_destroy)(condition);
  observe_change(*machine, condition, HEDDLE_CALLER);
  end_object(*machine, condition, object_kind::condition, "destroys condition variable", HEDDLE_CALLER);
  return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cond_wait)(condition, mutex);
  return wait_until(*machine, condition, mutex, no_deadline, HEDDLE_CALLER);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cond_timedwait)(condition, mutex, time);
  return wait_until(*machine, condition, mutex, time, clock_of(condition), HEDDLE_CALLER);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cond_clockwait)(condition, mutex, clock, time);
  return wait_until(*machine, condition, mutex, time, clock, HEDDLE_CALLER);
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cond_signal)(condition);
  observe_use(*machine, condition, HEDDLE_CALLER);
  notify_one(*machine, condition, HEDDLE_CALLER);
  return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cond_broadcast)(condition);
  observe_use(*machine, condition, HEDDLE_CALLER);
  notify_all(*machine, condition, HEDDLE_CALLER);
  return 0;
}

// ---------------------------------------------------------------- semaphores

int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
  const int result = HEDDLE_REAL(sem_init)(semaphore, shared, value);
  execution* const machine = running();
  if (machine != nullptr && result == 0) set_semaphore(*machine, semaphore, value);
  return result;
}

int sem_destroy(sem_t* semaphore) noexcept {
  if (execution* const machine = running())
    end_object(*machine, semaphore, object_kind::semaphore, "destroys semaphore", HEDDLE_CALLER);
  return HEDDLE_REAL(sem_destroy)(semaphore);
}

int sem_wait(sem_t* semaphore) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_wait)(semaphore);
  return wait_until(*machine, semaphore, no_deadline, HEDDLE_CALLER);
}

int sem_trywait(sem_t* semaphore) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_trywait)(semaphore);
  adopt(*machine, semaphore);
  if (try_wait_semaphore(*machine, semaphore, HEDDLE_CALLER)) return 0;
  errno = EAGAIN;
  return -1;
}

int sem_timedwait(sem_t* semaphore, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_timedwait)(semaphore, time);
  return wait_until(*machine, semaphore, time, CLOCK_REALTIME, HEDDLE_CALLER);
}

int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_clockwait)(semaphore, clock, time);
  return wait_until(*machine, semaphore, time, clock, HEDDLE_CALLER);
}

int sem_post(sem_t* semaphore) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_post)(semaphore);
  adopt(*machine, semaphore);
  if (post_semaphore(*machine, semaphore, HEDDLE_CALLER)) return 0;
  errno = EOVERFLOW;
  return -1;
}

int sem_getvalue(sem_t* semaphore, int* value) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sem_getvalue)(semaphore, value);
  adopt(*machine, semaphore);
  *value = static_cast<int>(semaphore_value(*machine, semaphore));
  return 0;
}

// ---------------------------------------------------------------- barriers

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes, unsigned count) noexcept {
  execution* const machine = running();
  if (machine == nullptr || count == 0) return HEDDLE_REAL(pthread_barrier_init)(barrier, attributes, count);
  observe_change(*machine, barrier, HEDDLE_CALLER);
  set_barrier(*machine, barrier, count);
  return 0;
}

int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_barrier_destroy)(barrier);
  observe_change(*machine, barrier, HEDDLE_CALLER);
  end_object(*machine, barrier, object_kind::barrier, "destroys barrier", HEDDLE_CALLER);
  return 0;
}

int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_barrier_wait)(barrier);
  observe_use(*machine, barrier, HEDDLE_CALLER);
  return wait_barrier(*machine, barrier, HEDDLE_CALLER) ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

}  // extern "C"
