#include "rapidcheck/property_search.hpp"

#include "explore/executable.hpp"
#include "explore/explorer.hpp"
#include "explore/runner.hpp"
#include "heddle/check/explore.hpp"
#include "rapidcheck/schedule_body.hpp"
#include "report/counted.hpp"
#include "report/publish.hpp"
#include "strategies/fixed_schedules.hpp"
#include "strategies/tried_first.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr std::uint64_t candidates_max = 2000;
constexpr auto shrink_time_max = std::chrono::seconds(20);
constexpr std::size_t inputs_remembered_max = 1U << 16;

bool is_search(const strategy& chosen) {
  return std::holds_alternative<exhaustive>(chosen);
}

// As RapidCheck calls a test.
std::string id_of(const identity& who) {
  std::string id = who.name;
  if (const std::size_t dot = id.find('.'); dot != std::string::npos) id[dot] = '/';
  return id;
}

}  // namespace

property_search::property_search(session& here, const options& chosen, const rc::Gen<detail::generated_body>& bodies)
    : here_(here), chosen_(chosen), bodies_(bodies), for_each_(here.wanted) {
  result_.name = here.who.name;
  result_.program = executable_path();
  result_.strategy = to_string(here.wanted.strategy);
  result_.seed = here.wanted.seed;
  result_.verbose = here.surroundings.verbose;
}

bool property_search::configure() {
  rc::detail::Configuration defaults;
  defaults.testParams.seed = here_.wanted.seed;
  const char* const given = std::getenv("RC_PARAMS");
  try {
    configuration_ = rc::detail::configFromString(given == nullptr ? "" : given, defaults);
  } catch (const std::exception& wrong) {
    result_.error = fmt::format("the environment's RC_PARAMS={} cannot be used: {}", given, wrong.what());
    return false;
  }
  const auto& over = here_.surroundings;
  if (over.schedules && *over.schedules != 0) {
    for_each_.schedules = std::max<std::uint64_t>(1, *over.schedules / inputs_wanted());
  } else if (!is_search(for_each_.strategy) && (over.schedules || over.time || chosen_.schedules == 0)) {
    for_each_.schedules = chosen_.schedules == 0 ? property_options().schedules : chosen_.schedules;
  }
  return true;
}

report property_search::run() {
  if (!configure()) return std::move(result_);
  if (here_.surroundings.replay) return replay();
  // Where all findings are wanted, the search goes on after each, with further inputs.
  do {
    search();
  } while (failing_ && report_failed());
  finish();
  return std::move(result_);
}

void property_search::search() {
  const auto wanted = configuration_.reproduce.find(id_of(here_.who));
  if (wanted != configuration_.reproduce.end()) {
    const auto input = generate_again(bodies_, wanted->second);
    if (!input) return give_up("the input that RC_PARAMS asks for cannot be generated any more");
    for_each_.schedules = here_.wanted.schedules;
    number_ = 1;
    static_cast<void>(try_input(*input));
    return;
  }
  const rc::detail::TestParams& params = configuration_.testParams;
  const std::uint64_t inputs = inputs_wanted();
  while (goes_on()) {
    const auto size = static_cast<int>(static_cast<std::uint64_t>(std::max(0, params.maxSize)) * (number_ % inputs) /
                                       std::max<std::uint64_t>(1, inputs - 1));
    if (!try_input(generate_input(bodies_, params.seed, number_++, size))) return;
  }
}

std::uint64_t property_search::inputs_wanted() const {
  return static_cast<std::uint64_t>(std::max(1, configuration_.testParams.maxSuccess));
}

bool property_search::out_of_time() const {
  return here_.wanted.time.count() != 0 && clock::now() - begun_ >= here_.wanted.time;
}

bool property_search::goes_on() const {
  if (number_ == 0) return true;
  if (out_of_time()) return false;
  const auto& over = here_.surroundings;
  if (over.schedules && *over.schedules != 0 && result_.schedules >= *over.schedules) return false;
  // Time alone decides where it alone was given.
  if (here_.wanted.time.count() != 0 && here_.wanted.schedules == 0) return true;
  return passed_ < static_cast<std::uint64_t>(configuration_.testParams.maxSuccess);
}

std::optional<detail::generated_body> property_search::value_of(const generated_input& input) {
  try {
    return input.made.value();
  } catch (const rc::detail::CaseResult& result) {
    if (result.type == rc::detail::CaseResult::Type::Failure)
      give_up("an input could not be generated: " + result.description);
  } catch (const rc::GenerationFailure&) {
    // Counts as discarded, as in RapidCheck.
  } catch (const std::exception& thrown) {
    give_up(fmt::format("generating an input threw an exception: {}", thrown.what()));
  }
  return std::nullopt;
}

bool property_search::try_input(const generated_input& input) {
  const bool shows = configuration_.verboseProgress;
  const auto made = value_of(input);
  if (!result_.error.empty()) return false;
  const auto first = made ? explore(input, *made, effort::tried) : explored{verdict::discarded, {}, {}};
  const bool known = std::any_of(known_.begin(), known_.end(), [&](const explored& one) { return alike(one, first); });
  if (first.is == verdict::failed && !known) {
    if (shows) std::cerr << "x\n";
    failed_at_ = number_;
    failing_ = input;
    failure_ = first;
    if (result_.error.empty() && !configuration_.testParams.disableShrinking) shrink();
    return false;
  }
  if (shows) std::cerr << (first.is == verdict::discarded ? 'x' : '.');
  if (first.is != verdict::discarded) {
    ++passed_;
    return true;
  }
  ++discarded_;
  const auto ratio = static_cast<std::uint64_t>(std::max(0, configuration_.testParams.maxDiscardRatio));
  if (discarded_ <= ratio * inputs_wanted()) return true;
  give_up(
      fmt::format("{} inputs were discarded and {} passed; generate such as are wanted, or raise RC_PARAMS' "
                  "max_discard_ratio",
                  discarded_, passed_));
  return false;
}

property_search::explored property_search::explore(const generated_input& input, const detail::generated_body& made,
                                                   effort how_much) {
  options how = for_each_;
  // Each input is a program of its own, for which no fixed schedule has been tried.
  if (!here_.surroundings.replay) how.seed = with_fixed_schedules(how.seed + (number_ == 0 ? 0 : number_ - 1));
  // Once there is a failure, time is no longer what limits.
  if (failing_) how.time = {};
  if (how.time.count() != 0) {
    const auto left = how.time - std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun_);
    how.time = std::max(left, std::chrono::milliseconds(1));
  }
  environment surroundings = here_.surroundings;
  surroundings.all_findings = false;
  schedule_body body(made.first);
  body_runner executions(how, body_reference(body));
  // What a search finds first is near its beginning; it has no schedule that could stand before all others.
  const bool follows =
      failure_.record && !surroundings.replay && (how_much == effort::thorough || !is_search(how.strategy));
  auto others = make_strategy(follows && is_search(how.strategy) ? check::strategy(random{}) : how.strategy, how.seed,
                              how.granularity);
  if (follows) others = std::make_unique<tried_first_strategy>(*failure_.record, std::move(others));
  explorer one(how, surroundings, here_.who, executions, std::move(others));
  const body_input given{to_token(input.from), views_of(made.second), how_much == effort::tried};
  one.explore_input(given);
  explored result;
  result.said = one.run();
  result.record = one.record();
  here_.executions += one.executions();
  if (result.said.failed()) {
    result.is = verdict::failed;
  } else if (body.was_discarded()) {
    result.is = verdict::discarded;
  }
  count(result, given.shown);
  return result;
}

void property_search::count(const explored& one, const std::vector<input_view>& shown) {
  const report& said = one.said;
  if (one.is != verdict::discarded) ++result_.inputs_tried;
  result_.schedules += said.schedules;
  unseen_ += said.unseen * static_cast<double>(said.schedules);
  std::string text;
  for (const input_view& part : shown) text += part.value + '\n';
  const bool remembered = inputs_seen_.size() < inputs_remembered_max;
  if (remembered && inputs_seen_.insert(std::move(text)).second) {
    result_.distinct += said.distinct;
    if (said.distinct > 0 && said.schedules > 0) result_.last_new = result_.schedules - said.schedules + said.last_new;
  } else {
    result_.distinct_at_least = true;
  }
  result_.distinct_at_least = result_.distinct_at_least || said.distinct_at_least;
  for (const std::string& notice : said.notices) {
    const bool known = std::find(result_.notices.begin(), result_.notices.end(), notice) != result_.notices.end();
    if (!known) result_.notices.push_back(notice);
  }
  for (const suppressed_findings& each : said.suppressed) {
    const auto same = std::find_if(result_.suppressed.begin(), result_.suppressed.end(),
                                   [&](const auto& other) { return to_string(other.by) == to_string(each.by); });
    if (same == result_.suppressed.end()) {
      result_.suppressed.push_back(each);
    } else {
      same->schedules += each.schedules;
    }
  }
}

bool property_search::alike(const explored& a, const explored& b) {
  if (a.said.findings.empty() || b.said.findings.empty()) return false;
  const finding& one = a.said.findings.front();
  const finding& two = b.said.findings.front();
  return one.kind == two.kind && one.where.file == two.where.file && one.where.line == two.where.line;
}

void property_search::shrink() {
  const auto begun = clock::now();
  const bool shows = configuration_.verboseShrinking;
  auto shrinks = failing_->made.shrinks();
  std::size_t which = 0;  // of the shrinks of the smallest that fails
  while (candidates_ < candidates_max && clock::now() - begun < shrink_time_max) {
    auto next = shrinks.next();
    if (!next) return;
    generated_input candidate{std::move(*next), failing_->from};
    candidate.from.shrinkPath.push_back(which++);
    const auto made = value_of(candidate);
    // What is generated no more is no candidate.
    result_.error.clear();
    if (!made) continue;
    ++candidates_;
    explored tried = explore(candidate, *made, effort::tried);
    const bool taken = tried.is == verdict::failed && alike(failure_, tried);
    if (shows) std::cerr << (taken ? '!' : '.');
    if (!taken) continue;
    ++taken_;
    failing_ = std::move(candidate);
    failure_ = std::move(tried);
    shrinks = failing_->made.shrinks();
    which = 0;
  }
}

bool property_search::report_failed() {
  const auto made = value_of(*failing_);
  explored last = made ? explore(*failing_, *made, effort::thorough) : explored{};
  report said = last.said.failed() ? std::move(last.said) : std::move(failure_.said);
  said.schedules = result_.schedules;
  said.distinct = result_.distinct;
  said.distinct_at_least = result_.distinct_at_least;
  said.inputs_tried = result_.inputs_tried;
  said.inputs_minimised = fmt::format("found with input {}, shrunk in {}, of {} tried", failed_at_,
                                      counted(taken_, "step"), counted(candidates_, "other"));
  rc::detail::Configuration reproducing;
  reproducing.reproduce.emplace(id_of(here_.who), failing_->from);
  std::string parameters = rc::detail::configToMinimalString(reproducing);
  // RapidCheck writes its seed too, which is of no use there.
  parameters.erase(std::min(parameters.find(' '), parameters.size()));
  const std::string filter = here_.who.filter.empty() ? std::string() : " " + shell_word(here_.who.filter);
  said.notices.push_back(fmt::format("this input with other schedules: RC_PARAMS={} {}{}", shell_word(parameters),
                                     shell_word(executable_path()), filter));
  const bool first = !found_;
  if (first) found_ = said;
  if (!here_.surroundings.all_findings) return false;
  publish(said, here_.surroundings, publication::one_of_several);
  if (!first) found_->findings.insert(found_->findings.end(), said.findings.begin(), said.findings.end());
  known_.push_back(std::exchange(failure_, {}));
  failing_.reset();
  candidates_ = taken_ = 0;
  return goes_on();
}

void property_search::finish() {
  if (found_) {
    found_->schedules = result_.schedules;
    found_->inputs_tried = result_.inputs_tried;
    result_ = std::move(*found_);
    const bool one = !here_.surroundings.all_findings;
    return publish(result_, here_.surroundings, one ? publication::whole : publication::end_of_findings);
  }
  result_.schedules_asked = for_each_.schedules * static_cast<std::uint64_t>(configuration_.testParams.maxSuccess);
  if (result_.schedules > 0) result_.unseen = unseen_ / static_cast<double>(result_.schedules);
  publish(result_, here_.surroundings, publication::whole);
}

void property_search::give_up(std::string why) {
  result_.error = std::move(why);
}

report property_search::replay() {
  const replay_token& token = *here_.surroundings.replay;
  const bool ours = token.test == here_.who.hash();
  const auto from = from_token(token.input);
  auto input = ours && from ? generate_again(bodies_, *from) : std::nullopt;
  // What belongs to another test is turned away before any input matters.
  if (!ours) input = generate_input(bodies_, 0, 0, 0);
  const auto made = input ? value_of(*input) : std::nullopt;
  if (ours && !made) {
    give_up(token.input.empty() || !from ? "the token in HEDDLE_REPLAY holds no input of a property"
                                         : "the input of the token in HEDDLE_REPLAY cannot be generated any more");
  } else if (made) {
    result_ = explore(*input, *made, effort::thorough).said;
  } else {
    give_up("no input can be generated");
  }
  publish(result_, here_.surroundings, publication::whole);
  return std::move(result_);
}

namespace detail {

report explore_generated(const options& chosen, const rc::Gen<generated_body>& bodies) {
  return in_session(chosen, exploration_count::one,
                    [&](session& here) { return property_search(here, chosen, bodies).run(); });
}

}  // namespace detail

}  // namespace heddle::check
