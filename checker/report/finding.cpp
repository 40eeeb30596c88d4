#include "heddle/check/finding.hpp"

#include <algorithm>

namespace heddle::check {

namespace {

constexpr std::array<std::string_view, finding_kinds> kind_names{"data-race",
                                                                 "use-after-free",
                                                                 "double-resume",
                                                                 "frame-leak",
                                                                 "memory-leak",
                                                                 "deadlock",
                                                                 "lost-wakeup",
                                                                 "livelock",
                                                                 "starvation",
                                                                 "blocking-stall",
                                                                 "lock-held-across-await",
                                                                 "long-poll",
                                                                 "thread-affinity",
                                                                 "assertion",
                                                                 "exception",
                                                                 "crash",
                                                                 "stack-overflow",
                                                                 "nondeterminism",
                                                                 "step-limit"};

static_assert(static_cast<std::size_t>(finding_kind::step_limit) + 1 == finding_kinds);

}  // namespace

std::string_view to_string(finding_kind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<finding_kind> parse_finding_kind(std::string_view name) noexcept {
  const auto* found = std::find(kind_names.begin(), kind_names.end(), name);
  if (found == kind_names.end()) return std::nullopt;
  return static_cast<finding_kind>(found - kind_names.begin());
}

}  // namespace heddle::check
