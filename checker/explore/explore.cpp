#include "heddle/check/explore.hpp"

#include "explore/explorer.hpp"
#include "explore/runner.hpp"
#include "explore/session.hpp"
#include "heddle/check/explore_bytes.hpp"
#include "strategies/bytes.hpp"

#include <cstdlib>
#include <memory>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace heddle::check {

namespace {

// `input`: the decisions of the only execution, if that is what is wanted.
using bytes = std::optional<std::span<const std::uint8_t>>;

std::unique_ptr<explorer_strategy> strategy_for(const options& wanted, const bytes& input, bool replays) {
  if (input && !replays) return std::make_unique<bytes_strategy>(*input);
  return make_strategy(wanted.strategy, wanted.seed, wanted.granularity);
}

report explore_once(const options& chosen, body_reference body, const bytes& input) {
  // A fuzzer's inputs are not counted: the token of any of them is followed by the first one of a process.
  const exploration_count count = input ? exploration_count::one : exploration_count::counted;
  return in_session(chosen, count, [&](session& here) {
    body_runner executions(here.wanted, body);
    explorer one(here.wanted, here.surroundings, here.who, executions,
                 strategy_for(here.wanted, input, here.surroundings.replay.has_value()));
    report result = one.run();
    here.executions = one.executions();
    return result;
  });
}

}  // namespace

report explore_body(const options& chosen, body_reference body) {
  return explore_once(chosen, body, std::nullopt);
}

report explore_input(const options& chosen, std::span<const std::uint8_t> input, body_reference body) {
  options once = chosen;
  once.schedules = 1;
  once.time = std::chrono::milliseconds(0);
  once.audit = 0;
  return explore_once(once, body, input);
}

int explore_bytes(const options& chosen, std::span<const std::uint8_t> input, body_reference body) {
  const report result = explore_input(chosen, input, body);
  if (!result.failed()) return 0;
  fmt::print(stderr, "{}\n", result.text());
  std::abort();
}

}  // namespace heddle::check
