// What a body calls while it runs: HEDDLE_CHECK and the test's own choices.
#include "heddle/check/assertion.hpp"
#include "heddle/check/choice.hpp"
#include "heddle/sim/current.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

namespace heddle::check {

namespace {

// A message for who calls this outside of an execution, and the end of the process.
[[noreturn]] void abort_with(const std::string& message) {
  std::fflush(stdout);
  std::fputs(message.c_str(), stderr);
  std::abort();
}

}  // namespace

std::uint32_t choose(std::uint32_t candidates) {
  if (!sim::inside()) {
    abort_with(
        "heddle: check::choose or check::value was called outside an execution: they belong into the body of "
        "HEDDLE_TEST or check::explore\n");
  }
  if (candidates == 0)
    sim::fail_execution(sim::failure_kind::assertion, "check::choose(0): there is nothing to choose from");
  return sim::choose(sim::choice_kind::test, candidates);
}

namespace detail {

std::string check_message(const char* condition, const char* file, unsigned line) {
  std::string message = fmt::format("HEDDLE_CHECK({}) is false", condition);
  if (!sim::inside()) abort_with(fmt::format("heddle: {}:{}: {}, outside an execution\n", file, line, message));
  return message;
}

}  // namespace detail

}  // namespace heddle::check
