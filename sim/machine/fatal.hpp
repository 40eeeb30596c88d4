// The end of the process for errors of the tool itself or of its environment.
#pragma once

namespace heddle::sim {

// Prints "heddle: <message>" to standard error and aborts. Allocates nothing.
[[noreturn]] void fatal(const char* message) noexcept;

}  // namespace heddle::sim

// A broken invariant of the machine. On in every build.
#define HEDDLE_SIM_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::heddle::sim::fatal("internal error: " #condition " does not hold"))
