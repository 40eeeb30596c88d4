// An exploration that goes on after a finding, and reports each one when it is found: HEDDLE_FINDINGS=all.
//
// How it works. The same bug fails schedule after schedule, so most failures are dismissed by the addresses of their
// stacks, without looking a name up. What is left gets its signature, and is dismissed if that was reported, here or by
// an earlier process into the same report directory. Only what is new is confirmed, and published at once, so that a
// process that is killed takes no finding with it.
//
// Limits: failures_max addresses of stacks are remembered; past that, each failure costs the look-up of its names. A
// schedule that was stuck ends the exploration, as the next one would cost as much; so does nondeterminism.
#include "explore/executable.hpp"
#include "explore/explorer.hpp"
#include "explore/identity.hpp"
#include "report/collect.hpp"
#include "report/publish.hpp"
#include "report/signature.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace heddle::check {

namespace {

constexpr std::size_t failures_max = 1U << 16;

class hash {
 public:
  void add(std::uint64_t number) noexcept { value_ = (value_ ^ number) * 0x100000001b3ULL + (value_ >> 29); }
  void add(const sim::call_stack& stack) noexcept {
    for (const std::uintptr_t address : stack) add(address);
    add(stack.size());
  }
  std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

}  // namespace

bool explorer::is_repeated(const sim::execution_result& result) {
  hash all;
  for (const sim::failure& one : result.failures) {
    all.add(static_cast<std::uint64_t>(one.kind));
    all.add(one.line);
    all.add(one.stack);
    for (const sim::related_stack& each : one.related) all.add(each.stack);
    for (const sim::thread_state& each : one.threads) all.add(each.stack);
  }
  if (failures_seen_.contains(all.value())) return true;
  if (failures_seen_.size() < failures_max) failures_seen_.insert(all.value());
  return false;
}

bool explorer::report_and_go_on(std::uint64_t index, const sim::execution_result& result) {
  // What would have come after it was not explored.
  cut_short_ = true;
  // A search for leaks takes milliseconds, and the next schedule leaks as well.
  if (only_leaked(result)) runner_.look_for_leaks(false);
  if (is_repeated(result)) return true;
  std::vector<finding> found;
  for (const sim::failure& one : result.failures) found.push_back(collect(one, symbols_));
  remove_duplicates(found);
  suppressions_.leave_the_others(found);
  const bool known = std::all_of(found.begin(), found.end(),
                                 [this](const finding& one) { return signatures_.contains(one.signature); });
  if (known) return true;
  for (const finding& one : found) signatures_.insert(one.signature);
  report_.findings = std::move(found);
  const bool published = is_published(report_, environment_);
  report_.findings.clear();
  if (published) return true;
  if (on_failure(index, result)) put_off_to_now();
  const bool goes_on = std::none_of(report_.findings.begin(), report_.findings.end(), [](const finding& one) {
    return one.kind == finding_kind::nondeterminism || one.kind == finding_kind::step_limit;
  });
  publish_and_set_aside();
  return goes_on;
}

void explorer::put_off_to_now() {
  report_.findings = std::move(put_off_->findings);
  record_ = std::move(put_off_->record);
  report_.output = std::move(put_off_->output);
  put_off_.reset();
}

void explorer::publish_and_set_aside() {
  report_.distinct = distinct_.count();
  report_.distinct_at_least = distinct_.at_least();
  give_tokens();
  publish(report_, environment_, publication::one_of_several);
  std::move(report_.findings.begin(), report_.findings.end(), std::back_inserter(set_aside_));
  report_.findings.clear();
  report_.history.clear();
  report_.output.clear();
  report_.replay_command.clear();
  record_.reset();
}

void explorer::tell_begin() {
  if (channel_ == nullptr) return;
  channel_->exploration_begins(identity_.name, to_string(token_of(0)));
}

}  // namespace heddle::check
