#include "cancellation.hpp"

#include "../machine/fatal.hpp"
#include "waits.hpp"

#include <csetjmp>
#include <cstring>

#include <pthread.h>

namespace heddle::sim {

namespace {

using boost::context::detail::fcontext_t;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

// A handler that takes the exception for its own would let the thread go on.
void on_swallowed(_Unwind_Reason_Code, _Unwind_Exception*) {
  execution* const machine = running();
  if (machine == nullptr) fatal("a thread's end was caught and not rethrown");
  machine->fail(failure_kind::exception,
                "catch (...) caught the end of a thread (pthread_exit or cancellation) and did not rethrow it");
}

// Jumps to the innermost handler of C code; it comes back through __pthread_unwind_next.
[[noreturn]] void jump_to_cleanup(virtual_thread& self) {
  auto* const buffer = static_cast<__pthread_unwind_buf_t*>(self.cancellation.cleanups);
  // The buffer begins as a jmp_buf does, with the signal mask not saved.
  jmp_buf target;
  std::memset(&target, 0, sizeof target);
  std::memcpy(&target, buffer->__cancel_jmp_buf, sizeof buffer->__cancel_jmp_buf);
  std::longjmp(target, 1);
}

_Unwind_Reason_Code at_frame(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                             _Unwind_Context* context, void* thread) {
  auto& self = *static_cast<virtual_thread*>(thread);
  const bool no_more = (actions & _UA_END_OF_STACK) != 0;
  const std::uintptr_t frame = no_more ? ~std::uintptr_t{0} : _Unwind_GetCFA(context);
  const void* const cleanup = self.cancellation.cleanups;
  // The frame with the innermost handler has been passed, or all of them have.
  if (cleanup != nullptr && reinterpret_cast<std::uintptr_t>(cleanup) < frame) jump_to_cleanup(self);
  if (frame > self.cancellation.base_frame) running()->finish_thread(self.result);
  return _URC_NO_REASON;
}

// Where a thread goes on that was cancelled asynchronously: above all of its frames.
void leave_at_once(transfer_t from) noexcept {
  *static_cast<fcontext_t*>(from.data) = from.fctx;
  execution& machine = *running();
  virtual_thread& self = machine.current();
  address_sanitizer::arrive(self.fake_stack);
  machine.acquire_from(self.cancellation.request);
  self.cancellable = self.signallable = false;
  if (self.cancellation.cleanups != nullptr) jump_to_cleanup(self);
  machine.finish_thread(self.result);
}

void begin_to_leave(virtual_thread& thread, void* result) noexcept {
  thread.cancellation.leaving = true;
  thread.result = result;
}

// Makes a thread that is not running leave when it is chosen next.
void redirect(execution& machine, virtual_thread& target) {
  begin_to_leave(target, PTHREAD_CANCELED);
  if (target.queue != nullptr) target.queue->remove(target);
  target.wanted_lock = nullptr;
  machine.clear_deadline(target);
  machine.announce_for(target, {.kind = operation_kind::thread_exit, .writes = true, .object = 0});
  // Beyond its registers, and what the ABI lets leaf functions use.
  constexpr std::uintptr_t beyond = 512;
  constexpr std::size_t enough = 4096;
  const std::uintptr_t top = (reinterpret_cast<std::uintptr_t>(target.context) - beyond) & ~std::uintptr_t{63};
  target.context = make_fcontext(reinterpret_cast<void*>(top), enough, &leave_at_once);
  machine.enable(target);
}

}  // namespace

void execution::leave_thread(void* result) {
  virtual_thread& self = *current_;
  self.cancellable = self.signallable = false;
  begin_to_leave(self, result);
  self.cancellation.unwinding = {};
  self.cancellation.unwinding.exception_cleanup = &on_swallowed;
  _Unwind_ForcedUnwind(&self.cancellation.unwinding, &at_frame, &self);
  // Unwinding came to a frame that it cannot pass, or to one that lets nothing through.
  fail(failure_kind::exception, "a thread's end (pthread_exit or cancellation) could not be unwound");
}

void cancel_thread(execution& machine, virtual_thread& target, std::uintptr_t pc) {
  if (machine.interleaves()) yield_thread(machine, pc);
  machine.progress();
  if (target.state == run_state::finished || target.cancellation.leaving) return;
  machine.release_into(target.cancellation.request);
  target.cancellation.requested = true;
  if (!target.cancellation.due()) return;
  if (!target.cancellation.asynchronous) {
    machine.interrupt(target, interruption::cancelled);
  } else if (&target != &machine.current()) {
    redirect(machine, target);
  } else {
    machine.leave_thread(PTHREAD_CANCELED);
  }
}

void test_cancellation(execution& machine) {
  if (!machine.current().cancellation.due()) return;
  machine.acquire_from(machine.current().cancellation.request);
  machine.leave_thread(PTHREAD_CANCELED);
}

void test_cancellation_at_point(execution& machine, std::uintptr_t pc) {
  test_cancellation(machine);
  if (!machine.interleaves()) return;
  yield_thread(machine, pc);
  test_cancellation(machine);
}

}  // namespace heddle::sim
