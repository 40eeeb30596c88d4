// pthread_exit, pthread_cancel, and the clean-up handlers of C code.
#include "../objects/cancellation.hpp"

#include "real.hpp"
#include "thread_handles.hpp"

#include <cerrno>

#include <pthread.h>

using namespace heddle::sim;

// What pthread_cleanup_push and pthread_cleanup_pop call in C code compiled without -fexceptions; pthread.h
// declares them for such code only.
extern "C" {
void __pthread_register_cancel(__pthread_unwind_buf_t* buffer);
void __pthread_unregister_cancel(__pthread_unwind_buf_t* buffer);
void __pthread_register_cancel_defer(__pthread_unwind_buf_t* buffer);
void __pthread_unregister_cancel_restore(__pthread_unwind_buf_t* buffer);
void __pthread_unwind_next(__pthread_unwind_buf_t* buffer);
}

namespace {

// The buffers of one thread are chained through the first word that libc keeps for itself in each.
void*& outer_of(__pthread_unwind_buf_t* buffer) noexcept {
  return buffer->__pad[0];
}

// And the second tells whether pthread_cleanup_push_defer_np found asynchronous cancellation.
void*& was_asynchronous(__pthread_unwind_buf_t* buffer) noexcept {
  return buffer->__pad[1];
}

void push(execution& machine, __pthread_unwind_buf_t* buffer) noexcept {
  void*& innermost = machine.current().cancellation.cleanups;
  outer_of(buffer) = innermost;
  innermost = buffer;
}

void pop(execution& machine, __pthread_unwind_buf_t* buffer) noexcept {
  machine.current().cancellation.cleanups = outer_of(buffer);
}

}  // namespace

extern "C" {

void pthread_exit(void* result) {
  execution* const machine = running();
  if (machine == nullptr) HEDDLE_REAL(pthread_exit)(result);
  machine->leave_thread(result);
}

int pthread_cancel(pthread_t handle) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_cancel)(handle);
  virtual_thread* const target = thread_of(*machine, handle);
  if (target == nullptr) return ESRCH;
  cancel_thread(*machine, *target, HEDDLE_CALLER);
  return 0;
}

int pthread_setcancelstate(int state, int* previous) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_setcancelstate)(state, previous);
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  cancellation_state& own = machine->current().cancellation;
  if (previous != nullptr) *previous = own.enabled ? PTHREAD_CANCEL_ENABLE : PTHREAD_CANCEL_DISABLE;
  own.enabled = state == PTHREAD_CANCEL_ENABLE;
  if (own.asynchronous) test_cancellation(*machine);
  return 0;
}

int pthread_setcanceltype(int type, int* previous) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_setcanceltype)(type, previous);
  if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS) return EINVAL;
  cancellation_state& own = machine->current().cancellation;
  if (previous != nullptr) *previous = own.asynchronous ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
  own.asynchronous = type == PTHREAD_CANCEL_ASYNCHRONOUS;
  if (own.asynchronous) test_cancellation(*machine);
  return 0;
}

void pthread_testcancel() {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(pthread_testcancel)();
    return;
  }
  test_cancellation_at_point(*machine, HEDDLE_CALLER);
}

void __pthread_register_cancel(__pthread_unwind_buf_t* buffer) {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(__pthread_register_cancel)(buffer);
    return;
  }
  push(*machine, buffer);
}

void __pthread_unregister_cancel(__pthread_unwind_buf_t* buffer) {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(__pthread_unregister_cancel)(buffer);
    return;
  }
  pop(*machine, buffer);
}

void __pthread_register_cancel_defer(__pthread_unwind_buf_t* buffer) {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(__pthread_register_cancel_defer)(buffer);
    return;
  }
  push(*machine, buffer);
  cancellation_state& own = machine->current().cancellation;
  was_asynchronous(buffer) = own.asynchronous ? buffer : nullptr;
  own.asynchronous = false;
}

void __pthread_unregister_cancel_restore(__pthread_unwind_buf_t* buffer) {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(__pthread_unregister_cancel_restore)(buffer);
    return;
  }
  pop(*machine, buffer);
  machine->current().cancellation.asynchronous = was_asynchronous(buffer) != nullptr;
  if (machine->current().cancellation.asynchronous) test_cancellation(*machine);
}

// A handler that was jumped to is done; the thread goes on leaving.
void __pthread_unwind_next(__pthread_unwind_buf_t* buffer) {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(__pthread_unwind_next)(buffer);
    return;
  }
  pop(*machine, buffer);
  machine->leave_thread(machine->current().result);
}

}  // extern "C"
