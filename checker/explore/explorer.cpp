#include "explore/explorer.hpp"

#include "explore/executable.hpp"
#include "explore/note.hpp"
#include "explore/pace.hpp"
#include "explore/token_file.hpp"
#include "report/collect.hpp"
#include "report/mishaps.hpp"
#include "report/moments.hpp"
#include "report/publish.hpp"
#include "report/share_text.hpp"
#include "report/signature.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::check {

namespace {

// Audited schedules of one exploration whose first run may differ from all later ones: lazily set-up state.
constexpr unsigned set_ups_max = 3;
// Runs that must agree after such a one.
constexpr int repeats = 3;

bool is_leak(const sim::failure& one) {
  return one.kind == sim::failure_kind::memory_leak || one.kind == sim::failure_kind::frame_leak;
}

// Leaks are left out: what hides one, a pointer that an earlier schedule left somewhere, is no decision's doing.
std::string signature(const std::vector<sim::failure>& failures) {
  std::string text;
  for (const sim::failure& one : failures) {
    if (!is_leak(one)) text += fmt::format("{}: {}\n", to_string(finding_kind_of(one.kind)), one.message);
  }
  return text;
}

// Whether more could have come: after the failure that ended it, or of other orders of accesses that race.
bool leaves_out_something(const sim::execution_result& result) {
  return !std::all_of(result.failures.begin(), result.failures.end(), is_leak) ||
         std::any_of(result.accepted.begin(), result.accepted.end(),
                     [](const sim::failure& one) { return one.kind == sim::failure_kind::data_race; });
}

// An execution that used up its CPU time without a scheduling point: running it again would cost as much.
bool stuck(const sim::execution_result& result, const options& chosen) {
  return result.steps < chosen.steps_max &&
         std::any_of(
             result.failures.begin(), result.failures.end(),
             [](const sim::failure& one) { return one.kind == sim::failure_kind::step_limit; });
}

std::string event_text(const std::optional<sim::event>& what) {
  return what ? fmt::format("`{}` by thread {}", describe(*what), what->thread)
              : std::string("the end of the execution");
}

// Up to two observers as one.
class both_observers final : public sim::event_observer {
 public:
  both_observers(sim::event_observer* one, sim::event_observer* other) noexcept : one_(one), other_(other) {}

  sim::event_observer* needed() noexcept {
    if (one_ != nullptr && other_ != nullptr) return this;
    return one_ != nullptr ? one_ : other_;
  }
  void on_event(const sim::event& what, std::uintptr_t object) noexcept override {
    one_->on_event(what, object);
    other_->on_event(what, object);
  }
  bool wants_touches() const noexcept override { return one_->wants_touches() || other_->wants_touches(); }
  void on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept override {
    one_->on_touch(kind, object);
    other_->on_touch(kind, object);
  }

 private:
  sim::event_observer* const one_;
  sim::event_observer* const other_;
};

}  // namespace

explorer::explorer(const options& chosen, const environment& surroundings, identity who, runner& executions)
    : explorer(chosen, surroundings, std::move(who), executions,
               make_strategy(chosen.strategy, chosen.seed, chosen.granularity)) {}

explorer::explorer(const options& chosen, const environment& surroundings, identity who, runner& executions,
                   std::unique_ptr<explorer_strategy> chooses)
    : options_(chosen),
      environment_(surroundings),
      identity_(std::move(who)),
      runner_(executions),
      strategy_(std::move(chooses)),
      distinct_(surroundings.replay ? 0 : chosen.schedules),
      suppressions_(chosen.suppressions) {
  keep_note();
  report_.name = identity_.name;
  report_.program = executable_path();
  report_.verbose = surroundings.verbose;
  report_.strategy = to_string(options_.strategy);
  report_.seed = options_.seed;
  if (!suppressions_.empty()) runner_.judge_failures_by(judge_);
  if (const auto* all = std::get_if<exhaustive>(&options_.strategy)) {
    if (!all->delays) report_.preemptions = all->preemptions;
    report_.delays = all->delays;
  }
}

void explorer::explore_input(const body_input& given) {
  input_ = given.token;
  report_.inputs = given.shown;
  is_tried_ = given.is_tried;
  publishes_ = false;
}

report explorer::run() {
  tell_begin();
  if (environment_.replay) {
    replay(*environment_.replay);
  } else {
    explore();
  }
  finish();
  return std::move(report_);
}

void explorer::explore() {
  report_.schedules_asked = options_.schedules;
  pace limits({options_.schedules, options_.time}, identity_.name, isatty(STDERR_FILENO) == 1,
              [this] { return progress(); });
  for (std::uint64_t index = 0; limits.goes_on(index); ++index) {
    if (!strategy_->begin(index)) {
      report_.proved = strategy_->is_proof() && !cut_short_;
      break;
    }
    const bool twice = audited(options_.audit, options_.seed, index);
    first_log_.clear();
    const bool logged = twice || index == 0;
    if (channel_ != nullptr) channel_->schedule_begins(index);
    const sim::execution_result& result = execute(index, *strategy_, logged ? &first_log_ : nullptr);
    if (index == 0) strategy_->learn(first_log_.events());
    count(result);
    if (channel_ != nullptr) channel_->schedule_ended(result.order_hash);
    const bool known = judge_.suppresses_end_of(result);
    cut_short_ = cut_short_ || leaves_out_something(result);
    if (known) continue;
    if (!result.failures.empty()) {
      if (environment_.all_findings ? report_and_go_on(index, result) : on_failure(index, result)) continue;
      return;
    }
    if (twice && !same_again(index, {result.event_hash, {}})) return;
  }
}

void explorer::count(const sim::execution_result& result) {
  ++report_.schedules;
  distinct_.add(result.order_hash);
  detection_.add(strategy_->changes(), result.threads, result.steps);
  if (std::has_single_bit(report_.schedules)) report_.distinct_after.push_back(distinct_.count());
}

std::string explorer::progress() {
  const std::string distinct = fmt::format("{} distinct", distinct_.count());
  if (const auto share = strategy_->explored()) return fmt::format("{}, {} of all", distinct, share_text(*share));
  return fmt::format("{}, about {} of further ones new", distinct, share_text(distinct_.unseen()));
}

bool explorer::only_leaked(const sim::execution_result& result) {
  return std::all_of(result.failures.begin(), result.failures.end(), is_leak);
}

bool explorer::crashed(const sim::execution_result& result) {
  return std::any_of(result.failures.begin(), result.failures.end(),
                     [](const sim::failure& one) { return one.kind == sim::failure_kind::crash && one.signal != 0; });
}

const sim::execution_result& explorer::execute(std::uint64_t index, sim::decision_source& source,
                                               sim::event_observer* observer, runner::purpose why) {
  ++executions_;
  sim::event_observer* const own = &source == strategy_.get() ? strategy_->observer() : nullptr;
  both_observers both(observer, own);
  // Of the strategies, those that look at their executions have something to remember of them.
  const bool remembers = &source != strategy_.get() || own != nullptr;
  const sim::execution_result& result = runner_.run({source, both.needed(), remembers, why});
  cut_short_ = cut_short_ || result.cut_short;
  let_through_.insert(result.let_through.begin(), result.let_through.end());
  if (!result.failures.empty() && crashed(result) && !runner_.is_isolated() && !shrinking_) on_crash(index, result);
  return result;
}

explorer::outcome explorer::repeat(std::uint64_t index, event_log* log) {
  if (log != nullptr) log->clear();
  static_cast<void>(strategy_->begin(index));
  const sim::execution_result& result = execute(index, *strategy_, log);
  spawned_ = result.spawned;
  return {result.event_hash, signature(result.failures)};
}

void explorer::collect_findings(std::uint64_t index, const sim::execution_result& result) {
  const std::vector<moment> timeline = collect_timeline(result.last_events, symbols_, result.mishaps, result.spawned);
  if (!result.failures.empty()) report_.history = collect_history(result.last_events, symbols_, result.spawned);
  if (!result.failures.empty()) report_.output = runner_.output();
  // A token of something that is suppressed by now may go on, and then it shows that all the same.
  const bool passed = result.failures.empty() && report_.replayed;
  for (const sim::failure& one : passed ? result.accepted : result.failures) {
    finding found = collect(one, symbols_);
    found.schedule = index;
    found.event_hash = result.event_hash;
    found.timeline = timeline;
    found.mishaps = collect_mishaps(result.mishaps);
    trim_reporting(found, found.timeline);
    leave_out_rounds(found, found.timeline);
    report_.findings.push_back(std::move(found));
  }
  // A token is followed to see what it leads to, suppressed or not.
  suppressions_.leave_the_others(report_.findings);
}

bool explorer::on_failure(std::uint64_t index, const sim::execution_result& result) {
  const bool minor = only_leaked(result);
  report_failure(index, result);
  const bool deterministic = std::none_of(report_.findings.begin(), report_.findings.end(),
                                          [](const finding& one) { return one.kind == finding_kind::nondeterminism; });
  if (!minor || !deterministic) return false;
  put_off();
  return true;
}

void explorer::put_off() {
  put_off_ = {std::exchange(report_.findings, {}), std::exchange(record_, {}), std::exchange(report_.output, {})};
  runner_.look_for_leaks(false);
}

void explorer::report_failure(std::uint64_t index, const sim::execution_result& result) {
  collect_findings(index, result);
  record_ = strategy_->decisions();
  const outcome original{result.event_hash, signature(result.failures)};
  if (stuck(result, options_)) return;
  const sim::failure failure = result.failures.front();
  // What leaks is left out of the signature that a shrunk schedule must keep.
  const bool shrinks = options_.minimise && !is_tried_ && !only_leaked(result);
  const std::optional<outcome> steady = confirm(index, original);
  shrinking_ = true;
  if (steady && shrinks) minimise(index, *steady, failure);
  shrinking_ = false;
  if ((options_.tokens == token_form::full || is_tried_) && !record_) add_record(index);
}

std::optional<explorer::outcome> explorer::confirm(std::uint64_t index, const outcome& original) {
  outcome again = repeat(index, &first_log_);
  if (again.hash == original.hash) report_.history = collect_history(first_log_.events(), symbols_, spawned_);
  if (again == original) return again;
  const bool agree = repeats_agree(index, again);
  if (agree && again.failures == original.failures) return again;
  std::string sentence = fmt::format("schedule {} failed as above, but run again {}it {}", index,
                                     runner_.is_isolated() ? "" : "in the same process ",
                                     again.failures.empty()                ? "passed"
                                     : again.failures == original.failures ? "did something else on its way"
                                                                           : "failed in another way");
  if (agree && !runner_.is_isolated()) {
    sentence +=
        ": it depends on what the process did before, such as a static object that is set up once. "
        "The replay runs in a fresh process";
  }
  repeat(index, &second_log_);
  report_difference(index, std::move(sentence), original);
  return std::nullopt;
}

bool explorer::repeats_agree(std::uint64_t index, const outcome& expected) {
  for (int i = 0; i < repeats; ++i) {
    if (repeat(index, nullptr) != expected) return false;
  }
  return true;
}

bool explorer::same_again(std::uint64_t index, const outcome& original) {
  const outcome again = repeat(index, &second_log_);
  if (again == original) return true;
  const bool may_set_up = !runner_.is_isolated();
  if (may_set_up && again.failures.empty() && repeats_agree(index, again) && ++set_ups_ <= set_ups_max) return true;
  std::string sentence = fmt::format("two runs of schedule {} differ, although all decisions were the same", index);
  if (!again.failures.empty()) sentence += "\nthe second one failed: " + again.failures;
  report_difference(index, std::move(sentence), original);
  return false;
}

void explorer::report_difference(std::uint64_t index, std::string sentence, const outcome& original) {
  finding found;
  found.kind = finding_kind::nondeterminism;
  found.message = std::move(sentence);
  found.schedule = index;
  found.event_hash = original.hash;
  const auto difference = compare(first_log_.events(), second_log_.events());
  if (difference) {
    const std::size_t at = difference->at;
    found.message += fmt::format("\nevent {} was {}, and the second time {}", at, event_text(difference->first),
                                 event_text(difference->second));
    const auto& events = first_log_.events();
    found.timeline = collect_timeline({events.begin(), events.begin() + static_cast<std::ptrdiff_t>(at)}, symbols_);
    for (const auto& [title, what] : {std::pair{"event of the first run", difference->first},
                                      std::pair{"event of the second run", difference->second}}) {
      if (!what) continue;
      found.stacks.push_back({fmt::format("the {}, {}", title, event_text(what)), {}});
      if (what->pc != 0) found.stacks.back().frames = symbols_.resolve(what->pc);
      if (found.where.file.empty()) found.where = user_place(found.stacks.back().frames);
      if (!found.thread) found.thread = what->thread;
    }
  }
  found.message +=
      "\nlook for what is neither simulated nor a decision: state kept between executions, files, addresses used as "
      "order, uninstrumented threads";
  report_.findings.push_back(std::move(found));
}

void explorer::add_record(std::uint64_t index) {
  record_.emplace();
  static_cast<void>(strategy_->begin(index));
  recording_source source(*strategy_, *record_);
  execute(index, source, nullptr);
}

void explorer::on_crash(std::uint64_t index, const sim::execution_result& result) {
  const auto crash = std::find_if(result.failures.begin(), result.failures.end(),
                                  [](const sim::failure& one) { return one.kind == sim::failure_kind::crash; });
  const int signal = crash->signal;
  report_.findings.clear();
  collect_findings(index, result);
  record_ = strategy_->decisions();
  if (options_.tokens == token_form::full && !record_) {
    report_.notices.emplace_back(
        "the token holds the seed only: a schedule that crashed is not run again to record it");
  }
  report_.schedules = std::max<std::uint64_t>(report_.schedules, index + 1);
  publishes_ = true;
  is_tried_ = false;
  finish();
  publish_crash(report_);
  sim::end_process_by_signal(signal);
}

void explorer::note_suppressions() {
  report_.suppressed = suppressions_.used();
  if (report_.replayed || suppressions_.empty() || !publishes_) return;
  for (const suppressed_findings& one : report_.suppressed) {
    report_.notices.push_back(fmt::format("{} of {} schedules had a suppressed {}: {}", one.schedules,
                                          report_.schedules, to_string(one.by), one.by.reason));
  }
  for (const suppression& one : suppressions_.unused()) {
    // A file is for all tests of the process.
    if (!one.origin.empty() && !runner_.is_isolated()) continue;
    report_.unused_suppressions.push_back(one);
    report_.notices.push_back(fmt::format("{}the suppression `{}` matched nothing: {}",
                                          one.origin.empty() ? "" : one.origin + ": ", to_string(one), one.reason));
  }
  if (!runner_.is_isolated()) report_unused_at_exit(suppressions_);
}

std::string explorer::token_or_file(replay_token token) {
  std::string text = to_string(token);
  if (text.size() <= token_length_max) return text;
  if (const auto path = store_token(text, environment_.report_dir)) return *path;
  report_.notices.emplace_back(
      "the token holds the seed only, and leads to the schedule before it was shrunk: the decisions are too many for a "
      "command, and no file can be written for them; set HEDDLE_REPORT_DIR");
  token.record.reset();
  return to_string(token);
}

void explorer::finish() {
  note_suppressions();
  if (put_off_ && report_.findings.empty()) {
    report_.findings = std::move(put_off_->findings);
    record_ = std::move(put_off_->record);
    report_.output = std::move(put_off_->output);
  }
  if (!let_through_.empty()) {
    report_.notices.push_back(
        fmt::format("not simulated, so let through to the real system: {}", fmt::join(let_through_, ", ")));
  }
  report_.distinct = report_.replayed ? report_.schedules : distinct_.count();
  report_.distinct_at_least = distinct_.at_least();
  if (!set_aside_.empty() && !report_.findings.empty()) publish_and_set_aside();
  if (!is_tried_) give_tokens();
  if (publishes_)
    publish(report_, environment_, set_aside_.empty() ? publication::whole : publication::end_of_findings);
  if (set_aside_.empty()) return;
  report_.findings = std::move(set_aside_);
  report_.replay_command = replay_command(report_.findings.front().token, identity_);
}

replay_token explorer::token_of(std::uint64_t index) const {
  replay_token token;
  token.strategy = options_.strategy;
  token.granularity = options_.granularity;
  token.test = identity_.hash();
  token.build = build_hash();
  token.seed = options_.seed;
  token.input = input_;
  token.index = index;
  return token;
}

void explorer::give_tokens() {
  remove_duplicates(report_.findings);
  report_.unseen = report_.proved ? 0.0 : distinct_.unseen();
  report_.last_new = distinct_.last_new();
  report_.detection = detection_.found();
  if (!report_.proved && !report_.replayed) report_.explored = strategy_->explored();
  if (report_.findings.empty()) return;
  trim_reporting(report_.findings.front(), report_.history);
  for (finding& one : report_.findings) {
    replay_token token = token_of(one.schedule);
    token.record = record_;
    if (record_) token.outcome = outcome_of(one.event_hash);
    one.token = token_or_file(std::move(token));
  }
  report_.replay_command = replay_command(report_.findings.front().token, identity_);
}

}  // namespace heddle::check
