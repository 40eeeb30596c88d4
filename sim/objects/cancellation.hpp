// Cancellation, and the end of a thread from within: pthread_cancel, pthread_exit and their clean-up handlers.
//
// How it works. A request is a flag of the thread it is for. The thread looks at it at cancellation points: the calls
// that wait, and pthread_testcancel; a wait that is under way is ended. It then leaves as by pthread_exit: its frames
// are unwound by force, as glibc does, so destructors run in C++ code, and handlers of C code compiled without
// exceptions, which stand in buffers on its stack, are jumped to as their frames are passed. Frames without unwind
// information end the unwinding; what is left of the handlers runs all the same. No frame is returned to: the thread
// ends on top.
//
// Asynchronous cancellation acts wherever the thread stands, but unwinds nothing: no destructor of its frames runs.
#pragma once

#include "../machine/execution.hpp"

namespace heddle::sim {

// Asks `target` to end. The caller may be the target.
void cancel_thread(execution& machine, virtual_thread& target, std::uintptr_t pc);

// Ends the calling thread if it was asked to and lets it happen.
void test_cancellation(execution& machine);
// The same as a scheduling point: pthread_testcancel.
void test_cancellation_at_point(execution& machine, std::uintptr_t pc);

// Around a call that waits and is a cancellation point: the thread is asked before it, and may be woken in it.
class cancellation_point {
 public:
  explicit cancellation_point(execution& machine) : machine_(machine), self_(machine.current()) {
    if (self_.cancellation.due()) [[unlikely]]
      test_cancellation(machine);
    again();
  }
  cancellation_point(const cancellation_point&) = delete;
  cancellation_point& operator=(const cancellation_point&) = delete;
  ~cancellation_point() { self_.cancellable = self_.signallable = false; }

  // Before another wait of the same call.
  void again() noexcept {
    self_.interrupted = interruption::none;
    self_.cancellable = self_.signallable = true;
  }

  // To be called after the wait. Does not return when cancellation ended it; true when a signal did.
  bool interrupted() {
    self_.cancellable = self_.signallable = false;
    if (self_.interrupted == interruption::cancelled) [[unlikely]]
      test_cancellation(machine_);
    return self_.interrupted == interruption::signalled;
  }

 private:
  execution& machine_;
  virtual_thread& self_;
};

}  // namespace heddle::sim
