// `heddle test`: every test of a binary once, whatever happens to its process.
//
// How it works. The tests are listed, and run in batches, each in a process. When a process ends before its batch does,
// the test it was in has failed, and another process goes on behind it. So a suite that behaves costs one process, and
// one that crashes all the time a process for each crash.
#include "cli/commands.hpp"
#include "cli/errors.hpp"
#include "cli/observed.hpp"
#include "cli/read_report.hpp"
#include "cli/results.hpp"
#include "cli/suite.hpp"
#include "cli/terminal.hpp"
#include "report/counted.hpp"

#include <algorithm>
#include <cstdio>
#include <list>
#include <memory>
#include <system_error>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

constexpr std::size_t batch_tests_max = 64;
constexpr std::size_t batch_letters_max = 32U << 10;  // of names, in one argument

using batch = std::vector<std::string>;

// In order, and small enough that each of the jobs has some.
std::list<batch> batches_of(const std::vector<std::string>& tests, unsigned jobs) {
  const std::size_t share = jobs == 1 ? batch_tests_max : tests.size() / (std::size_t{jobs} * 4) + 1;
  std::list<batch> all;
  std::size_t letters = 0;
  for (const std::string& test : tests) {
    const bool full = all.empty() || all.back().size() >= std::min(share, batch_tests_max) ||
                      letters + test.size() > batch_letters_max;
    if (full) {
      all.emplace_back();
      letters = 0;
    }
    all.back().push_back(test);
    letters += test.size() + 1;
  }
  return all;
}

class test_run {
 public:
  test_run(const test_options& chosen, suite tests) : chosen_(chosen), suite_(std::move(tests)) {}

  int run();

 private:
  struct running {
    running(const suite& from, batch rest, const command_line& what, const process_bounds& bounds)
        : left(std::move(rest)), at_first(left.size()), seen(from), its(what, bounds, output_use::kept) {}
    batch left;  // not ended yet
    const std::size_t at_first;
    observed seen;
    process its;
  };

  void start(batch tests);
  void look_at_all();
  void take(running& one, std::vector<test_result> ended);
  void go_on_after(running& one);
  void note(test_result result);
  void print(const test_result& result);
  std::string progress_text() const;
  double seconds() const;
  std::string summary() const;
  void finish();
  bool any(test_outcome outcome) const;
  int code() const;

  const test_options& chosen_;
  const suite suite_;
  std::list<batch> waiting_;
  std::list<running> running_;
  std::vector<test_result> ended_;
  std::uint64_t schedules_ = 0;  // of those
  const process::clock::time_point begun_ = process::clock::now();
  terminal screen_;
};

void test_run::start(batch tests) {
  command_line what = suite_.command(tests);
  const exploration_options& explore = chosen_.explore;
  for (const auto& [name, value] :
       {std::pair{"HEDDLE_STRATEGY", explore.strategy}, std::pair{"HEDDLE_SCHEDULES", explore.schedules},
        std::pair{"HEDDLE_TIME", explore.time}, std::pair{"HEDDLE_SEED", explore.seed}}) {
    if (!value.empty()) what.set.emplace_back(name, value);
  }
  running_.emplace_back(suite_, std::move(tests), what, chosen_.bounds.bounds());
}

int test_run::run() {
  waiting_ = batches_of(suite_.tests, chosen_.bounds.jobs);
  while (!waiting_.empty() || !running_.empty()) {
    while (!waiting_.empty() && running_.size() < chosen_.bounds.jobs && !is_interrupted()) {
      start(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    if (is_interrupted()) {
      for (running& one : running_) one.its.stop();
      waiting_.clear();
    }
    std::vector<process*> all;
    for (running& one : running_) all.push_back(&one.its);
    if (!all.empty()) wait_for_any(all, std::chrono::seconds(1));
    look_at_all();
    screen_.progress(progress_text(), std::chrono::seconds(30));
  }
  finish();
  return code();
}

void test_run::look_at_all() {
  const auto now = process::clock::now();
  for (auto one = running_.begin(); one != running_.end();) {
    const bool runs = one->its.look(now);
    take(*one, runs ? one->seen.take(one->its) : one->seen.finish(one->its));
    if (!runs) go_on_after(*one);
    one = runs ? std::next(one) : running_.erase(one);
  }
}

void test_run::take(running& one, std::vector<test_result> ended) {
  for (test_result& result : ended) {
    std::erase(one.left, result.name);
    note(std::move(result));
  }
}

void test_run::go_on_after(running& one) {
  if (one.left.empty() || one.its.how() == process::ending::stopped) return;
  if (one.left.size() < one.at_first) {
    waiting_.push_front(std::move(one.left));
    return;
  }
  // It did not come to its first test, and would not the next time.
  for (const std::string& test : one.left) {
    note({.name = test, .outcome = test_outcome::broken, .end = one.its.end_text(), .output = one.its.output()});
  }
}

void test_run::note(test_result result) {
  print(result);
  schedules_ += result.schedules();
  ended_.push_back(std::move(result));
}

void test_run::print(const test_result& result) {
  const auto line = [&](std::string_view verdict, std::string_view colour, const std::string& more) {
    screen_.print(fmt::format("{} {}{}", screen_.coloured(fmt::format("{:8}", verdict), colour), result.name, more));
  };
  for (const json& one : result.reports) {
    const auto report = check::read_report(one.dump());
    const auto* const whole = std::get_if<check::report>(&report);
    if (whole != nullptr && whole->failed()) screen_.print(check::to_text(*whole, screen_.colours()));
  }
  if (!result.output.empty()) screen_.print(result.output);
  const std::string schedules = result.schedules() == 0 ? "" : fmt::format(": {} schedules", result.schedules());
  switch (result.outcome) {
    case test_outcome::passed:
      return line("passed", "32", schedules);
    case test_outcome::skipped:
      return line("skipped", "33", "");
    case test_outcome::failed:
      return line("FAILED", "1;31", result.end.empty() ? "" : ": its process " + result.end);
    case test_outcome::broken:
      return line("FAILED", "1;31",
                  ": " + (result.end.empty() ? "outside of any exploration" : "its process " + result.end));
    case test_outcome::unusable:
    case test_outcome::not_run:
      return line("NOT RUN", "1;31", "");
  }
}

double test_run::seconds() const {
  return std::chrono::duration<double>(process::clock::now() - begun_).count();
}

std::string test_run::progress_text() const {
  const auto with_findings =
      std::count_if(ended_.begin(), ended_.end(), [](const auto& one) { return one.has_findings(); });
  std::uint64_t schedules = schedules_;
  for (const running& one : running_) schedules += one.its.channel().page().schedules.load(std::memory_order_relaxed);
  return fmt::format("heddle: {} of {} tests, {} schedules, {:.0f}/s, {} with findings", ended_.size(),
                     suite_.tests.size(), schedules, static_cast<double>(schedules) / std::max(seconds(), 0.001),
                     with_findings);
}

std::string test_run::summary() const {
  const auto count = [&](test_outcome which) {
    return std::count_if(ended_.begin(), ended_.end(), [=](const auto& one) { return one.outcome == which; });
  };
  std::string text = fmt::format("{}: {} passed", check::counted(ended_.size(), "test"), count(test_outcome::passed));
  for (const auto& [which, words] :
       {std::pair{test_outcome::failed, "with findings"}, std::pair{test_outcome::broken, "failed otherwise"},
        std::pair{test_outcome::skipped, "skipped"}, std::pair{test_outcome::unusable, "not run"}}) {
    if (count(which) > 0) text += fmt::format(", {} {}", count(which), words);
  }
  if (ended_.size() < suite_.tests.size()) {
    text += fmt::format("; interrupted before the other {}", suite_.tests.size() - ended_.size());
  }
  return fmt::format("{}; {} in {:.1f} s", text, check::counted(schedules_, "schedule"), seconds());
}

void test_run::finish() {
  results all{.command = "heddle test", .summary = summary(), .seconds = seconds()};
  // In the order of the suite, whichever job was the first.
  const auto place = [this](const test_result& one) {
    return std::find(suite_.tests.begin(), suite_.tests.end(), one.name) - suite_.tests.begin();
  };
  std::sort(ended_.begin(), ended_.end(),
            [&](const test_result& a, const test_result& b) { return place(a) < place(b); });
  for (const test_result& one : ended_) all.tests.push_back(entry_of(suite_, one));
  screen_.print(all.summary);
  write_files(all, chosen_.files);
}

bool test_run::any(test_outcome outcome) const {
  return std::any_of(ended_.begin(), ended_.end(), [=](const auto& one) { return one.outcome == outcome; });
}

int test_run::code() const {
  if (any(test_outcome::failed) || any(test_outcome::broken)) return found;
  if (any(test_outcome::unusable)) return wrong_usage;
  return ended_.size() < suite_.tests.size() ? wrong_usage : nothing_found;
}

}  // namespace

int run_test(const test_options& chosen) {
  const binary file = inspect(chosen.binary.front());
  suite tests = list_tests(file, {chosen.binary.begin() + 1, chosen.binary.end()});
  if (tests.tests.empty()) {
    throw usage_error(fmt::format("{} has no test to run: its filter leaves none", file.path));
  }
  try {
    return test_run(chosen, std::move(tests)).run();
  } catch (const std::system_error& failed) {
    if (failed.what() == std::string_view(file.path)) throw usage_error(failed.what());
    throw;
  }
}

}  // namespace heddle::cli
