// What stands around the explorations of one test: that there is only one at a time in this process, the environment,
// and the test framework.
//
// Thread safety: any thread may call in_session; the one that comes second gets an error.
#pragma once

#include "explore/environment.hpp"
#include "explore/identity.hpp"
#include "heddle/check/options.hpp"
#include "heddle/check/report.hpp"

#include <cstdint>
#include <functional>

namespace heddle::check {

struct session {
  identity who;
  environment surroundings;
  options wanted;                // as the environment changes them
  std::uint64_t executions = 0;  // of the body, the repeated ones included; told by the one who explores
};

// Whether tokens tell the explorations of one test apart.
enum class exploration_count : std::uint8_t {
  counted,
  one,  // they need not: there is one, or the tokens hold what each is about
};

// What `explores` returns, or the report of why nothing can be explored. Inside an execution it fails that execution.
report in_session(const options& chosen, exploration_count count, const std::function<report(session&)>& explores);

}  // namespace heddle::check
