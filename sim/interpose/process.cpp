// Calls that end the process. Of a whole program they end the execution; in the body of a test they are failures of it.
//
// A forked process, which is let through, ends as any other; see machine/forked.cpp.
//
// Also the end that a false assert() comes to, which is worth more than the signal it would raise.
#include "../machine/execution.hpp"
#include "heddle/sim/current.hpp"
#include "real.hpp"
#include "replaceable.hpp"

#include <cstdlib>
#include <string>

#include <unistd.h>

using namespace heddle::sim;

namespace {

// The machine whose program the caller ends, or null outside an execution and in a forked process. In the body of a
// test it does not return.
execution* machine_to_leave(const char* call, std::uintptr_t pc) {
  execution* const machine = running();
  if (machine == nullptr) return nullptr;
  if (machine->is_forked()) return nullptr;
  machine->current().pc = pc;
  if (machine->runs_program()) return machine;
  const std::string message =
      std::string{call} + "() was called in the body of a test, which would end the whole process";
  machine->fail(failure_kind::crash, message.c_str());
}

pid_t fork_process(const char* call, pid_t (*real)()) {
  execution* const machine = running();
  if (machine != nullptr) machine->let_through(call);
  const pid_t child = real();
  if (child == 0 && machine != nullptr) machine->become_forked();
  return child;
}

void leave_at_once(const char* call, int status, std::uintptr_t pc) {
  execution* const machine = machine_to_leave(call, pc);
  if (machine == nullptr) return;
  machine->set_exit_status(status);
  machine->end_program();
}

}  // namespace

extern "C" {

void exit(int status) noexcept {
  if (execution* const machine = machine_to_leave("exit", HEDDLE_CALLER)) machine->begin_exit(status);
  HEDDLE_REAL(exit)(status);
  __builtin_unreachable();
}

void quick_exit(int status) noexcept {
  if (execution* const machine = machine_to_leave("quick_exit", HEDDLE_CALLER)) machine->set_exit_status(status);
  HEDDLE_REAL(quick_exit)(status);
  __builtin_unreachable();
}

void _exit(int status) {
  leave_at_once("_exit", status, HEDDLE_CALLER);
  HEDDLE_REAL(_exit)(status);
  __builtin_unreachable();
}

void _Exit(int status) noexcept {
  leave_at_once("_Exit", status, HEDDLE_CALLER);
  HEDDLE_REAL(_Exit)(status);
  __builtin_unreachable();
}

HEDDLE_REPLACEABLE pid_t fork() noexcept {
  return fork_process("fork", HEDDLE_REAL(fork));
}

// A process of its own is what POSIX allows; one on this stack would take the machine apart.
HEDDLE_REPLACEABLE pid_t vfork() noexcept {
  return fork_process("vfork", HEDDLE_REAL(fork));
}

void __assert_fail(const char* condition, const char* file, unsigned line, const char* function) noexcept {
  if (execution* const machine = running(); machine != nullptr) {
    std::string message;
    {
      const host_scope outlives_the_execution;
      message = std::string{"assert("} + condition + ") is false";
      if (function != nullptr) message += std::string{", in "} + function;
    }
    machine->current().pc = HEDDLE_CALLER;
    machine->fail(failure_kind::assertion, message.c_str(), file, line);
  }
  using assert_fail = void(const char*, const char*, unsigned, const char*);
  next_definition<assert_fail>("__assert_fail")(condition, file, line, function);
  __builtin_unreachable();
}

}  // extern "C"
