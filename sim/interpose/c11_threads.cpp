// <threads.h>: glibc implements it on symbols of its own, so each call is taken over by itself. Its types share the
// layout of their pthread counterparts, and so the model.
#include "../objects/cancellation.hpp"
#include "../objects/misuse.hpp"
#include "../objects/thread_keys.hpp"
#include "../objects/waits.hpp"
#include "lock_calls.hpp"
#include "thread_handles.hpp"

#include <threads.h>

using namespace heddle::sim;

namespace {

int c11_error(int error) noexcept {
  switch (error) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

// mtx_init leaves in it what pthread_mutex_init would.
lock_rule rule_of(const mtx_t* mutex) noexcept {
  return heddle::sim::rule_of(reinterpret_cast<const pthread_mutex_t*>(mutex));
}

int lock_until(execution& machine, mtx_t* mutex, std::uint64_t deadline, std::uintptr_t pc) {
  return c11_error(error_of(take(machine, mutex, lock_mode::exclusive, rule_of(mutex), deadline, pc)));
}

int wait_until(execution& machine, cnd_t* condition, mtx_t* mutex, std::uint64_t deadline, std::uintptr_t pc) {
  cancellation_point point(machine);
  const lock_result result = wait_for_notification(machine, condition, mutex, rule_of(mutex), deadline, pc);
  return point.interrupted() ? thrd_success : c11_error(error_of(result));
}

}  // namespace

extern "C" {

// ---------------------------------------------------------------- threads

int thrd_create(thrd_t* handle, thrd_start_t start, void* argument) {
  execution* const machine = running();
  if (machine == nullptr) {
    detail::one_os_thread = false;
    return HEDDLE_REAL(thrd_create)(handle, start, argument);
  }
  virtual_thread& created = create_recorded(*machine, nullptr, argument, false, 0, HEDDLE_CALLER);
  created.start_c11 = start;
  *handle = handle_of(created);
  return thrd_success;
}

int thrd_join(thrd_t handle, int* result) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(thrd_join)(handle, result);
  void* value = nullptr;
  const int error = join_until(*machine, handle, &value, no_deadline, HEDDLE_CALLER);
  if (error == 0 && result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return c11_error(error);
}

int thrd_detach(thrd_t handle) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(thrd_detach)(handle);
  return c11_error(detach(*machine, handle, HEDDLE_CALLER));
}

thrd_t thrd_current() {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(thrd_current)() : handle_of(machine->current());
}

void thrd_exit(int result) {
  execution* const machine = running();
  if (machine == nullptr) HEDDLE_REAL(thrd_exit)(result);
  machine->leave_thread(reinterpret_cast<void*>(static_cast<std::intptr_t>(result)));
}

int thrd_sleep(const timespec* time, timespec* remaining) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(thrd_sleep)(time, remaining);
  if (!is_valid(*time) || time->tv_sec < 0) return -2;
  return sleep_for(*machine, nanoseconds_of(*time), remaining, HEDDLE_CALLER) ? 0 : -1;
}

void thrd_yield() {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(thrd_yield)();
    return;
  }
  yield_thread(*machine, HEDDLE_CALLER);
}

// ---------------------------------------------------------------- mutexes

int mtx_init(mtx_t* mutex, int type) {
  if (execution* const machine = running()) machine->forget_object(mutex, object_kind::lock);
  return HEDDLE_REAL(mtx_init)(mutex, type);
}

void mtx_destroy(mtx_t* mutex) {
  if (execution* const machine = running()) end_lock(*machine, mutex, HEDDLE_CALLER);
  HEDDLE_REAL(mtx_destroy)(mutex);
}

int mtx_lock(mtx_t* mutex) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(mtx_lock)(mutex);
  return lock_until(*machine, mutex, no_deadline, HEDDLE_CALLER);
}

int mtx_timedlock(mtx_t* mutex, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(mtx_timedlock)(mutex, time);
  if (!is_valid(*time)) return thrd_error;
  return lock_until(*machine, mutex, deadline_of(*time, CLOCK_REALTIME), HEDDLE_CALLER);
}

int mtx_trylock(mtx_t* mutex) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(mtx_trylock)(mutex);
  return c11_error(error_of(try_take(*machine, mutex, lock_mode::exclusive, rule_of(mutex), HEDDLE_CALLER)));
}

int mtx_unlock(mtx_t* mutex) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(mtx_unlock)(mutex);
  return c11_error(error_of(release(*machine, mutex, rule_of(mutex), HEDDLE_CALLER)));
}

// ---------------------------------------------------------------- condition variables

int cnd_init(cnd_t* condition) {
  if (execution* const machine = running()) machine->forget_object(condition, object_kind::condition);
  return HEDDLE_REAL(cnd_init)(condition);
}

void cnd_destroy(cnd_t* condition) {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(cnd_destroy)(condition);
    return;
  }
  end_object(*machine, condition, object_kind::condition, "destroys condition variable", HEDDLE_CALLER);
}

int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(cnd_wait)(condition, mutex);
  return wait_until(*machine, condition, mutex, no_deadline, HEDDLE_CALLER);
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* time) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(cnd_timedwait)(condition, mutex, time);
  if (!is_valid(*time)) return thrd_error;
  return wait_until(*machine, condition, mutex, deadline_of(*time, CLOCK_REALTIME), HEDDLE_CALLER);
}

int cnd_signal(cnd_t* condition) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(cnd_signal)(condition);
  notify_one(*machine, condition, HEDDLE_CALLER);
  return thrd_success;
}

int cnd_broadcast(cnd_t* condition) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(cnd_broadcast)(condition);
  notify_all(*machine, condition, HEDDLE_CALLER);
  return thrd_success;
}

// ---------------------------------------------------------------- keys, once

int tss_create(tss_t* key, tss_dtor_t destructor) {
  const int result = HEDDLE_REAL(tss_create)(key, destructor);
  if (result == thrd_success) remember_key_destructor(*key, destructor);
  return result;
}

void tss_delete(tss_t key) {
  forget_key_destructor(key);
  HEDDLE_REAL(tss_delete)(key);
}

void* tss_get(tss_t key) {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(tss_get)(key) : key_value(machine->current(), key);
}

int tss_set(tss_t key, void* value) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(tss_set)(key, value);
  set_key_value(machine->current(), key, value);
  return thrd_success;
}

void call_once(once_flag* flag, void (*initialise)()) {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(call_once)(flag, initialise);
    return;
  }
  call_once_for(*machine, reinterpret_cast<int*>(flag), initialise, HEDDLE_CALLER);
}

}  // extern "C"
