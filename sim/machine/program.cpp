// Whole programs: `main` as the body of an execution, and its end by `exit`.
//
// How it works. `exit` is libc's own, called on the virtual thread: it runs the handlers of atexit and the static
// destructors of all modules inside the execution, with their scheduling points. The handler that was registered before
// all others runs last, when nothing is left but to flush and to end the process: it leaves the execution instead.
//
// When `main` returns, its thread waits until the others have ended or can never go on; only then it exits. A real
// program may do the same, its main thread being slow, so nothing found then is a false alarm. Threads that
// never end are given up after drain_points_max points. program::main_return::exits leaves the waiting out.
//
// Limit: exit_points_max points after `exit` was called the execution ends as it is: a strategy need not be fair, and a
// real program would have come to its end.
#include "../interpose/real.hpp"
#include "execution.hpp"

#include <cstdlib>

extern "C" int __cxa_atexit(void (*handler)(void*), void* argument, void* module) noexcept;

namespace heddle::sim {

namespace {

constexpr operation exit_operation{.kind = operation_kind::thread_exit, .writes = true, .object = 0};

void end_here() {
  execution* const machine = running();
  if (machine != nullptr && machine->runs_program() && !machine->is_forked()) machine->end_program();
}

}  // namespace

void prepare_for_programs() {
  const bool registered =
      __cxa_atexit([](void*) { end_here(); }, nullptr, nullptr) == 0 && at_quick_exit(&end_here) == 0;
  if (!registered) fatal("out of memory for the handlers of exit");
}

const execution_result& execution::run_program(decision_source& source, const program& what, event_observer* observer) {
  program_ = &what;
  const execution_result& result = run(source, &run_main, this, observer);
  program_ = nullptr;
  return result;
}

void execution::run_main(void* context) {
  execution& self = *static_cast<execution*>(context);
  const program& what = *self.program_;
  const int status = what.main(what.argc, what.argv, what.environment);
  if (what.at_return == program::main_return::waits) self.wait_for_others();
  std::exit(status);
}

void execution::wait_for_others() {
  if (is_last_thread()) return;
  exiting_ = current_;
  exit_limit_ = steps() + drain_points_max;
  announce_for(*current_, exit_operation);
  block(wait_reason::others, nullptr, no_deadline);
}

void execution::stop_waiting_for_others() {
  virtual_thread& exiting = *exiting_;
  exiting_ = nullptr;
  exit_limit_ = no_exit_limit;
  enable(exiting);
}

bool execution::is_last_thread() const noexcept {
  for (thread_id id = 0; id < threads_.size(); ++id) {
    const virtual_thread* const thread = threads_[id];
    if (thread != current_ && thread->id == id && thread->state != run_state::finished) return false;
  }
  return true;
}

void execution::begin_exit(int status) {
  set_exit_status(status);
  announce(exit_operation, current_->pc);
  destroy_thread_locals(*current_);
}

void execution::set_exit_status(int status) {
  if (status != 0 && program_->status_must_be_zero) {
    const std::string message = "the program ended with exit status " + std::to_string(status & 0xff);
    fail(failure_kind::assertion, message.c_str());
  }
  exit_status_ = status & 0xff;
  exiting_ = nullptr;
  exit_limit_ = steps() + exit_points_max;
}

void execution::end_program() noexcept {
  // What the caller did last may yet be seen by others.
  announce(exit_operation, current_->pc);
  set_inactive();
  result_.exit_status = exit_status_;
  result_.cut_short = !is_last_thread();
  return_to_host();
}

}  // namespace heddle::sim
