// Calls that would end the process: inside an execution they are failures of it.
#include "../machine/execution.hpp"
#include "real.hpp"

#include <cstdlib>

#include <unistd.h>

using namespace heddle::sim;

namespace {

void refuse_to_exit(const char* call, std::uintptr_t pc) {
  execution* const machine = running();
  if (machine == nullptr) return;
  machine->current().pc = pc;
  machine->fail(failure_kind::crash, call);
}

}  // namespace

extern "C" {

void exit(int status) noexcept {
  refuse_to_exit("exit() was called in the body of a test, which would end the whole process", HEDDLE_CALLER);
  HEDDLE_REAL(exit)(status);
  __builtin_unreachable();
}

void _exit(int status) {
  refuse_to_exit("_exit() was called in the body of a test, which would end the whole process", HEDDLE_CALLER);
  HEDDLE_REAL(_exit)(status);
  __builtin_unreachable();
}

void _Exit(int status) noexcept {
  refuse_to_exit("_Exit() was called in the body of a test, which would end the whole process", HEDDLE_CALLER);
  HEDDLE_REAL(_Exit)(status);
  __builtin_unreachable();
}

void quick_exit(int status) noexcept {
  refuse_to_exit("quick_exit() was called in the body of a test, which would end the whole process", HEDDLE_CALLER);
  HEDDLE_REAL(quick_exit)(status);
  __builtin_unreachable();
}

}  // extern "C"
