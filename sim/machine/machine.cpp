#include "heddle/sim/machine.hpp"

#include "../hooks/observer.hpp"
#include "execution.hpp"
#include "fatal.hpp"
#include "signals.hpp"

// libc's own knowledge: true until the first OS thread is created. libstdc++ takes shortcuts while it is true; on the
// machine it must see threads.
extern "C" char __libc_single_threaded;

namespace heddle::sim {

namespace {

struct machine_parts {
  explicit machine_parts(const machine_options& options) : core(options), handlers(options) {}

  execution core;
  signal_handlers handlers;
};

// Not destroyed with the static objects: the `exit` of a whole program destroys those while the machine runs.
machine_parts* the_machine = nullptr;

}  // namespace

machine::machine(const machine_options& options) {
  if (running() != nullptr) fatal("a machine was made inside an execution: explorations do not nest");
  if (the_machine != nullptr) fatal("a second machine was made: one exploration runs at a time in a process");
  if (__libc_single_threaded != 0) detail::one_os_thread = true;
  __libc_single_threaded = 0;
  observe_hooks();
  the_machine = new machine_parts(options);
}

machine::~machine() {
  delete the_machine;
  the_machine = nullptr;
}

const execution_result& machine::run(decision_source& source, void (*body)(void*), void* context,
                                     event_observer* observer) {
  return the_machine->core.run(source, body, context, observer);
}

const execution_result& machine::run_program(decision_source& source, const program& what, event_observer* observer) {
  return the_machine->core.run_program(source, what, observer);
}

void machine::judge_failures_by(failure_judge* judge) noexcept {
  the_machine->core.judge_failures_by(judge);
}

void machine::look_for_leaks(bool wanted) noexcept {
  the_machine->core.look_for_leaks(wanted);
}

}  // namespace heddle::sim
