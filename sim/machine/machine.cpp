#include "heddle/sim/machine.hpp"

#include "../hooks/observer.hpp"
#include "execution.hpp"
#include "fatal.hpp"
#include "signals.hpp"

#include <memory>

// libc's own knowledge: true until the first OS thread is created. libstdc++ takes shortcuts while it is true; on the
// machine it must see threads.
extern "C" char __libc_single_threaded;

namespace heddle::sim {

namespace {

struct machine_parts {
  explicit machine_parts(const machine_options& options) : core(options), handlers(core, options.stuck_after) {}

  execution core;
  signal_handlers handlers;
};

std::unique_ptr<machine_parts> the_machine;

}  // namespace

machine::machine(const machine_options& options) {
  if (running() != nullptr) fatal("a machine was made inside an execution: explorations do not nest");
  if (the_machine != nullptr) fatal("a second machine was made: one exploration runs at a time in a process");
  if (__libc_single_threaded != 0) detail::one_os_thread = true;
  __libc_single_threaded = 0;
  observe_hooks();
  the_machine = std::make_unique<machine_parts>(options);
}

machine::~machine() {
  the_machine.reset();
}

const execution_result& machine::run(decision_source& source, void (*body)(void*), void* context,
                                     event_observer* observer) {
  return the_machine->core.run(source, body, context, observer);
}

}  // namespace heddle::sim
