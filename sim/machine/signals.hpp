// Crashes, stack overflows, exceptions that nobody caught and endless loops inside an execution.
//
// How it works. A fatal signal of a virtual thread makes the thread go on in ordinary code on an
// emergency stack, where it records the failure and abandons the execution; so reports are written by
// the host, with everything allowed. A timer on the CPU time of the machine's thread, or whoever sends its signal,
// makes the machine look whether scheduling points still pass. Signals of other threads, and those between executions,
// go to whatever handled them before.
#pragma once

#include "execution.hpp"

#include <chrono>
#include <exception>

namespace heddle::sim {

// Whether `signal` is one that fails an execution, and the program has not taken it over.
bool is_fatal_here(int signal) noexcept;

class signal_handlers {
 public:
  explicit signal_handlers(const machine_options& options);
  signal_handlers(const signal_handlers&) = delete;
  signal_handlers& operator=(const signal_handlers&) = delete;
  ~signal_handlers();

 private:
  void watch();
  void start_watchdog(std::chrono::seconds stuck_after);

  std::terminate_handler previous_terminate_;
  void* previous_stack_ = nullptr;
  timer_t watchdog_ = nullptr;
  bool watching_ = false;
  bool ticking_ = false;
};

}  // namespace heddle::sim
