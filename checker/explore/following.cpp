// What a token leads to: the schedule it names, or the decisions it holds.
//
// How it works. What a process sets up once, it sets up in its first schedule, or when it reports its first failure,
// and the schedule of a token may have been found after that. So schedule 0 runs before any other, and recorded
// decisions are followed once more where they did not lead to the execution that they are of: that of a shrunk schedule
// came after many failures, and the first one of this process has been reported now.
#include "explore/executable.hpp"
#include "explore/explorer.hpp"
#include "report/moments.hpp"
#include "strategies/replay.hpp"

#include <utility>

#include <fmt/format.h>

namespace heddle::check {

void explorer::replay(const replay_token& token) {
  report_.replayed = true;
  report_.schedules_asked = 1;
  if (!accepts(token)) return;
  if (channel_ != nullptr) channel_->schedule_begins(token.index);
  std::vector<finding> by_itself;
  std::vector<moment> history;
  if (token.index > 0) {
    static_cast<void>(strategy_->begin(0));
    first_log_.clear();
    const sim::execution_result& result = execute(0, *strategy_, &first_log_);
    strategy_->learn(first_log_.events());
    if (!judge_.suppresses_end_of(result) && !result.failures.empty()) {
      // An exploration that goes on after its findings, or another build: the token is followed all the same.
      collect_findings(0, result);
      by_itself = std::exchange(report_.findings, {});
      history = std::exchange(report_.history, {});
    }
  }
  record_ = token.record;
  report_.schedules = 1;
  if (record_) {
    follow_record(token);
  } else {
    follow_seed(token);
  }
  if (!report_.findings.empty() || by_itself.empty()) return;
  report_.notices.emplace_back("this is schedule 0, which runs before a replayed one and fails by itself");
  record_.reset();
  report_.findings = std::move(by_itself);
  report_.history = std::move(history);
}

bool explorer::accepts(const replay_token& token) {
  if (token.test != identity_.hash()) {
    if (of_same_test(token, identity_)) {
      report_.notices.emplace_back(
          "nothing explored here: the token in HEDDLE_REPLAY belongs to another exploration of this test");
    } else {
      report_.error = wrong_test(token, identity_);
    }
    return false;
  }
  if (token.build != build_hash()) {
    report_.notices.push_back(
        fmt::format("the token was printed by another build of this executable ({:08x}, now {:08x}): the same numbers "
                    "may lead elsewhere",
                    token.build, build_hash()));
  }
  return true;
}

void explorer::follow_seed(const replay_token& token) {
  static_cast<void>(strategy_->begin(token.index));
  first_log_.clear();
  const sim::execution_result& result = execute(token.index, *strategy_, &first_log_, runner::purpose::follow_token);
  collect_followed(token, result);
  if (result.failures.empty() && !runner_.is_isolated()) same_again(token.index, {result.event_hash, {}});
}

void explorer::follow_record(const replay_token& token) {
  std::optional<std::string> divergence;
  const auto run = [&]() -> const sim::execution_result& {
    replay_source source(*record_);
    first_log_.clear();
    const sim::execution_result& result = execute(token.index, source, &first_log_, runner::purpose::follow_token);
    divergence = source.divergence();
    return result;
  };
  const sim::execution_result* result = &run();
  if (outcome_of(result->event_hash) != token.outcome && !runner_.is_isolated()) result = &run();
  collect_followed(token, *result);
  if (!divergence) return;
  if (token.build != build_hash()) {
    report_.notices.push_back(fmt::format("the recorded schedule does not fit this build: {}", *divergence));
    return;
  }
  finding found;
  found.kind = finding_kind::nondeterminism;
  found.message = fmt::format("the execution left the recorded schedule: {}", *divergence);
  found.schedule = token.index;
  found.event_hash = result->event_hash;
  found.timeline = collect_timeline(result->last_events, symbols_, result->mishaps);
  report_.findings.push_back(std::move(found));
}

void explorer::collect_followed(const replay_token& token, const sim::execution_result& result) {
  collect_findings(token.index, result);
  if (!result.failures.empty()) report_.history = collect_history(first_log_.events(), symbols_);
}

}  // namespace heddle::check
