// HEDDLE_CHECK: an assertion about the execution that runs.
//
//     HEDDLE_CHECK(balance.load() >= 0);
//
// When the condition is false, the execution is abandoned at once (no destructor runs), and is reported with
// the condition, its place and the schedule. Outside an execution the process is aborted with a message.
#pragma once

#include "heddle/sim/current.hpp"

#include <string>

namespace heddle::check::detail {

// What a false condition is called in reports. Outside an execution: prints it and aborts.
std::string check_message(const char* condition, const char* file, unsigned line);

// Inlined, so that the machine sees the user's function as the one that failed.
[[noreturn, gnu::always_inline]] inline void check_failed(const char* condition, const char* file, unsigned line) {
  sim::fail_execution(sim::failure_kind::assertion, check_message(condition, file, line), file, line);
}

}  // namespace heddle::check::detail

#define HEDDLE_CHECK(...)         \
  (static_cast<bool>(__VA_ARGS__) \
       ? static_cast<void>(0)     \
       : ::heddle::check::detail::check_failed(#__VA_ARGS__, __FILE__, static_cast<unsigned>(__LINE__)))
