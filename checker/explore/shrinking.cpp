// The failing schedule of an exploration, shrunk: see minimise/minimiser.hpp for how.
//
// What is reported is an execution that was run: the shrunk plan is carried out once more, and then once more by its
// record of decisions, which is what the token holds. If either fails otherwise, the schedule that was found is kept.
#include "explore/explorer.hpp"
#include "minimise/minimiser.hpp"
#include "report/collect.hpp"
#include "report/counted.hpp"
#include "report/moments.hpp"
#include "report/signature.hpp"
#include "strategies/replay.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace heddle::check {

namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t runs_max = 2000;
constexpr auto time_min = std::chrono::milliseconds(300);
constexpr auto time_max = std::chrono::seconds(10);
// Scheduling points beyond which one run takes too long.
constexpr std::uint64_t steps_max = 2'000'000;

std::string text_of(const schedule_cost& cost) {
  return counted(cost.preemptions, "preemption") + " and " + counted(cost.unusual, "other unusual decision");
}

// What a livelock was found with are mostly switches of its endless end, which say nothing.
std::string shrunk_text(finding_kind kind, const schedule_cost& cost, const schedule_cost& found, std::uint64_t runs) {
  if (found == schedule_cost{}) return "it is the usual schedule: no preemption and no other unusual decision";
  if (kind != finding_kind::livelock)
    return fmt::format("shrunk to {}, from {}, in {}", text_of(cost), text_of(found), counted(runs, "execution"));
  if (cost == schedule_cost{}) return "shrunk: it takes no preemption and no other unusual decision to come to this";
  return fmt::format("shrunk: it takes {} to come to this", text_of(cost));
}

}  // namespace

std::optional<plan> explorer::plan_of(std::uint64_t index, const outcome& original, schedule_cost& cost) {
  static_cast<void>(strategy_->begin(index));
  logging_source source(*strategy_);
  const sim::execution_result& result = execute(index, source, strategy_->observer());
  if (result.event_hash != original.hash || result.failures.empty() || result.steps > steps_max) return std::nullopt;
  cost = source.log().cost();
  return source.log().take_plan();
}

// The signature of the finding; of an assertion its line too, which signatures leave out for the sake of later builds.
std::string explorer::known_by(const sim::failure& failure) {
  std::string text = signature_of(collect(failure, symbols_));
  if (failure.file != nullptr) text += fmt::format(" {}:{}", failure.file, failure.line);
  return text;
}

bool explorer::adopt(std::uint64_t index, const plan& shrunk, const std::string& wanted) {
  planned_source source(shrunk);
  const sim::execution_result& first = execute(index, source, nullptr);
  if (first.failures.empty() || known_by(first.failures.front()) != wanted) return false;
  const std::uint64_t hash = first.event_hash;
  decision_record record = source.log().record();
  replay_source replayed(record);
  first_log_.clear();
  const sim::execution_result& again = execute(index, replayed, &first_log_);
  if (again.failures.empty() || again.event_hash != hash || replayed.divergence()) return false;
  std::vector<finding> found = std::exchange(report_.findings, {});
  collect_findings(index, again);
  if (report_.findings.empty()) {
    // What it fails with is suppressed: another failure of the same schedule is what is to be seen.
    report_.findings = std::move(found);
    return false;
  }
  report_.history = collect_history(first_log_.events(), symbols_, again.spawned);
  spawned_ = again.spawned;
  record_ = std::move(record);
  return true;
}

void explorer::minimise(std::uint64_t index, const outcome& original, const sim::failure& failure) {
  // An endless execution has no end to be nearer to.
  if (failure.kind == sim::failure_kind::step_limit) return;
  const auto begun = steady_clock::now();
  const auto allowed = std::clamp<steady_clock::duration>(begun - begun_, time_min, time_max);
  schedule_cost found_cost;
  std::optional<plan> found = plan_of(index, original, found_cost);
  if (!found) return;
  const std::string wanted = known_by(failure);
  bool crash = false;
  const auto run = [&](planned_source& source, sim::event_observer* observer) {
    const sim::execution_result& result = execute(index, source, observer);
    crash = crash || (crashed(result) && !runner_.is_isolated());
    if (crash) return verdict::unusable;
    if (result.failures.empty()) return verdict::passed;
    return known_by(result.failures.front()) == wanted ? verdict::same : verdict::other;
  };
  minimiser shrinker(std::move(*found), found_cost, run, runs_max,
                     [&] { return steady_clock::now() - begun < allowed; });
  shrinker.shrink();
  // The places of a data race say which two events they are.
  std::optional<deciding_order> deciding;
  if (failure.kind != sim::failure_kind::data_race) deciding = shrinker.find_deciding();
  if (crash) {
    report_.notices.emplace_back("the schedule is not shrunk: another one, tried for that, crashed");
    return;
  }
  if (!adopt(index, shrinker.best(), wanted)) return;
  finding& first = report_.findings.front();
  first.minimised = shrunk_text(first.kind, shrinker.cost(), found_cost, shrinker.runs());
  if (!deciding) return;
  for (const sim::event& one : {deciding->first, deciding->second})
    first.deciding.push_back(collect_moment(one, symbols_, spawned_));
}

}  // namespace heddle::check
