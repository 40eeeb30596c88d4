#include "heddle/check/explore.hpp"

#include "explore/channel.hpp"
#include "explore/environment.hpp"
#include "explore/explorer.hpp"
#include "explore/identity.hpp"
#include "explore/list.hpp"
#include "explore/runner.hpp"
#include "heddle/check/explore_bytes.hpp"
#include "heddle/check/framework.hpp"
#include "heddle/sim/current.hpp"
#include "report/json.hpp"
#include "strategies/bytes.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::check {

namespace {

// Whether an exploration runs in this process: false, then true by the one that won, then false by the same.
std::atomic<bool> exploring{false};

class exploring_scope {
 public:
  exploring_scope() noexcept : entered_(!exploring.exchange(true)) {}
  exploring_scope(const exploring_scope&) = delete;
  exploring_scope& operator=(const exploring_scope&) = delete;
  ~exploring_scope() {
    if (entered_) exploring.store(false);
  }

  bool entered() const noexcept { return entered_; }

 private:
  const bool entered_;
};

constexpr const char* for_programs_only =
    "HEDDLE_EXIT, HEDDLE_STATUS and HEDDLE_OUTPUT are for whole programs, see heddle_check_program; this is the body "
    "of a "
    "test";

report unusable(const identity& who, std::string why) {
  report result;
  result.name = who.name;
  result.error = std::move(why);
  if (channel* const told = current_channel()) told->report_whole(to_json(result));
  return result;
}

// `input`: the decisions of the only execution, if that is what is wanted.
using bytes = std::optional<std::span<const std::uint8_t>>;

std::unique_ptr<explorer_strategy> strategy_for(const options& wanted, const bytes& input, bool replays) {
  if (input && !replays) return std::make_unique<bytes_strategy>(*input);
  return make_strategy(wanted.strategy, wanted.seed, wanted.granularity);
}

report explore_alone(const options& chosen, body_reference body, const bytes& input) {
  if (is_list_wanted()) list_and_exit("main", {});
  identity who = identify(chosen);
  // A fuzzer's inputs are not counted: the token of any of them is followed by the first one of a process.
  if (input) who.ordinal = 1;
  auto surroundings = read_environment(environ);
  if (const auto* wrong = std::get_if<std::string>(&surroundings)) return unusable(who, *wrong);
  const environment& over = std::get<environment>(surroundings);
  auto applied = apply(over, chosen);
  if (const auto* wrong = std::get_if<std::string>(&applied)) return unusable(who, *wrong);
  if (over.at_exit || over.exit_status || over.output) return unusable(who, for_programs_only);
  const options& wanted = std::get<options>(applied);
  body_runner executions(wanted, body);
  explorer one(wanted, over, who, executions, strategy_for(wanted, input, over.replay.has_value()));
  framework* around = current_framework();
  if (around != nullptr) around->exploration_begins();
  report result = one.run();
  if (around != nullptr) around->exploration_ends(one.executions());
  return result;
}

report explore_one_at_a_time(const options& chosen, body_reference body, const bytes& input) {
  if (sim::inside()) {
    sim::fail_execution(sim::failure_kind::assertion,
                        "check::explore was called inside an execution: explorations do not nest. "
                        "Make the choices of the inner one with check::choose instead");
  }
  const exploring_scope scope;
  if (!scope.entered()) {
    identity who;
    who.name = chosen.name.empty() ? "check::explore" : chosen.name;
    return unusable(who, "another exploration is running in this process, on another thread or around this call");
  }
  return explore_alone(chosen, body, input);
}

}  // namespace

report explore_body(const options& chosen, body_reference body) {
  return explore_one_at_a_time(chosen, body, std::nullopt);
}

report explore_input(const options& chosen, std::span<const std::uint8_t> input, body_reference body) {
  options once = chosen;
  once.schedules = 1;
  once.time = std::chrono::milliseconds(0);
  once.audit = 0;
  return explore_one_at_a_time(once, body, input);
}

int explore_bytes(const options& chosen, std::span<const std::uint8_t> input, body_reference body) {
  const report result = explore_input(chosen, input, body);
  if (!result.failed()) return 0;
  fmt::print(stderr, "{}\n", result.text());
  std::abort();
}

}  // namespace heddle::check
