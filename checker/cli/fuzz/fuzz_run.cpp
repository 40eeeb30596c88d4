#include "cli/fuzz/fuzz_run.hpp"

#include "cli/errors.hpp"
#include "cli/read_report.hpp"
#include "report/counted.hpp"
#include "report/files.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

using std::chrono::milliseconds;

constexpr auto between_progress = std::chrono::seconds(10);  // of one test, written to the corpus
constexpr auto between_lines = std::chrono::seconds(60);     // in a log
constexpr auto last_slice_min = milliseconds(100);
constexpr std::uint64_t reports_max = 1000;  // kept whole in memory without a corpus

// By which a corpus knows a binary with its arguments.
std::string program_of(const suite& from) {
  std::string name = from.file.name();
  // Of a suite, arguments choose tests; of a program they are what it is about.
  if (from.kind == binary_kind::gtest) return name;
  for (const std::string& one : from.arguments) name += ' ' + one;
  return name;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min", whole / 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

fuzz_run::fuzz_run(const fuzz_options& chosen, shard which, std::vector<std::unique_ptr<suite>> suites)
    : chosen_(chosen), shard_(std::move(which)), suites_(std::move(suites)) {
  if (!chosen_.corpus.empty()) {
    store_.emplace(chosen_.corpus, corpus_store::missing::made);
    store_->load();
    adopt_reports(*store_);
    if (store_->is_scattered()) store_->compact();
    for (const std::string& one : store_->damaged()) screen_.print(fmt::format("heddle: note: {} is damaged", one));
  }
  rule_.schedules = chosen_.schedules;
  // Each test is to have several slices, and all of them a first one.
  std::size_t tests = 0;
  for (const auto& one : suites_) tests += one->tests.size();
  const milliseconds share = chosen_.time * chosen_.bounds.jobs / static_cast<int>(std::max<std::size_t>(tests, 1));
  rule_.first = std::clamp(share / 8, milliseconds(50), milliseconds(1000));
  rule_.longest = std::clamp(chosen_.time / 20, milliseconds(500), milliseconds(20'000));
  for (const auto& from : suites_) {
    for (const std::string& test : from->tests) {
      units_.emplace_back(*from, test, program_of(*from), shard_.name(), chosen_.seed);
      if (store_) units_.back().take_up(store_->state());
    }
  }
  findings_.emplace(store_ ? &*store_ : nullptr, units_);
  for (const finding_key& key : findings_->open()) {
    const unit* const where = findings_->unit_of(key);
    if (where != nullptr && !findings_->record_of(key).token.empty()) retries_.push_back(key);
  }
  std::reverse(retries_.begin(), retries_.end());
}

double fuzz_run::seconds() const {
  return std::chrono::duration<double>(clock::now() - begun_).count();
}

std::uint64_t fuzz_run::schedules() const {
  std::uint64_t sum = 0;
  for (const unit& one : units_) sum += one.schedules_now();
  for (const running& one : running_) sum += one.its.channel().page().schedules.load(std::memory_order_relaxed);
  return sum;
}

bool fuzz_run::is_over() const {
  if (is_interrupted()) return true;
  return chosen_.time.count() != 0 && clock::now() - begun_ + last_slice_min >= chosen_.time;
}

int fuzz_run::run() {
  if (!shard_.origin.empty()) {
    screen_.print(fmt::format("heddle: shard {}, from {}", shard_.name(), shard_.origin));
  }
  while (true) {
    if (!is_over()) start_what_is_due();
    if (is_interrupted()) {
      for (running& one : running_) one.its.stop();
    }
    if (running_.empty()) break;
    std::vector<process*> all;
    for (running& one : running_) all.push_back(&one.its);
    wait_for_any(all, std::chrono::seconds(1));
    look_at_all();
    screen_.progress(progress_text(), between_lines);
  }
  finish();
  return findings_->has_open() ? found : unusable_.empty() ? nothing_found : wrong_usage;
}

void fuzz_run::start_what_is_due() {
  while (running_.size() < chosen_.bounds.jobs) {
    if (!start_retry() && !start_slice()) return;
  }
}

command_line fuzz_run::command_for(const unit& test) const {
  command_line what = test.from().command({test.test()});
  if (store_) what.set.emplace_back("HEDDLE_REPORT_DIR", std::filesystem::absolute(store_->reports_of(test.build())));
  return what;
}

bool fuzz_run::start_retry() {
  if (retries_.empty()) return false;
  const finding_key key = std::move(retries_.back());
  retries_.pop_back();
  unit& test = const_cast<unit&>(*findings_->unit_of(key));
  command_line what = command_for(test);
  const std::string& token = findings_->record_of(key).token;
  what.set.emplace_back("HEDDLE_REPLAY", store_ ? store_->outside(token) : token);
  running_.emplace_back(test, what, chosen_.bounds.bounds());
  running_.back().wanted = key;
  return true;
}

bool fuzz_run::start_slice() {
  unit* next = nullptr;
  for (unit& one : units_) {
    if (!one.may_run(rule_)) continue;
    one.hurry(findings_->is_in_doubt(one));
    if (next == nullptr || one.turn() < next->turn()) next = &one;
  }
  if (next == nullptr) return false;
  slice_plan slice = next->next(rule_);
  if (chosen_.time.count() != 0) {
    const auto left = std::chrono::duration_cast<milliseconds>(chosen_.time - (clock::now() - begun_));
    slice.time = std::clamp(slice.time, milliseconds(0), left);
    if (rule_.schedules != 0) slice.time = left;
  }
  command_line what = command_for(*next);
  what.set.emplace_back("HEDDLE_FINDINGS", "all");
  what.set.emplace_back("HEDDLE_SEED", std::to_string(slice.seed));
  what.unset.emplace_back("HEDDLE_TIME");
  what.unset.emplace_back("HEDDLE_SCHEDULES");
  if (slice.time.count() > 0) what.set.emplace_back("HEDDLE_TIME", fmt::format("{}ms", slice.time.count()));
  if (slice.schedules != 0) what.set.emplace_back("HEDDLE_SCHEDULES", std::to_string(slice.schedules));
  if (!chosen_.strategy.empty()) what.set.emplace_back("HEDDLE_STRATEGY", chosen_.strategy);
  running_.emplace_back(*next, what, chosen_.bounds.bounds());
  running_.back().slice = slice;
  return true;
}

void fuzz_run::look_at_all() {
  const auto now = clock::now();
  for (auto one = running_.begin(); one != running_.end();) {
    const bool runs = one->its.look(now);
    take(*one, runs ? one->seen.take(one->its) : one->seen.finish(one->its));
    if (!runs) end(*one);
    one = runs ? std::next(one) : running_.erase(one);
  }
}

void fuzz_run::take(running& one, std::vector<test_result> results) {
  for (const json& report : one.seen.take_reports()) {
    keep_report(one.test, report);
    for (const json& finding : report["findings"]) {
      const auto fate = findings_->seen(one.test, one.slice.before, report, finding);
      if (reports_.size() < reports_max)
        reports_.try_emplace(store_ ? store_->inside(finding.value("token", "")) : finding.value("token", ""), report);
      if (fate) print(*fate, one.test, &report, {});
    }
  }
  for (const test_result& result : results) note(one, result);
}

// What the test binary could not write any more.
void fuzz_run::keep_report(const unit& test, const json& report) {
  if (!store_) return;
  const std::filesystem::path folder = store_->reports_of(test.build());
  const std::string name =
      check::report_file_name(report.value("test", ""), report["findings"].front().value("signature", ""));
  std::error_code failed;
  if (std::filesystem::exists(folder / (name + ".json"), failed)) return;
  const auto read = check::read_report(report.dump());
  const auto* const whole = std::get_if<check::report>(&read);
  if (whole != nullptr) check::write_report_files(*whole, folder);
}

void fuzz_run::note(running& one, const test_result& result) {
  if (result.outcome == test_outcome::unusable) {
    for (const json& report : result.reports) {
      if (report.contains("error")) unusable_.try_emplace(&one.test, report.value("error", ""));
    }
    if (!one.wanted) one.test.end(unit::ending::now);
    return;
  }
  if (one.wanted) return;
  if (result.outcome == test_outcome::broken) {
    const auto fate = findings_->seen_outside(one.test, result);
    if (fate) print(*fate, one.test, nullptr, result.output);
  }
  const auto proved = [](const json& report) { return report.value("outcome", "") == "proved"; };
  const bool has_schedules = one.its.channel().page().exploring.load(std::memory_order_relaxed) != 0;
  const bool all_proved = !result.reports.empty() && std::all_of(result.reports.begin(), result.reports.end(), proved);
  // A test that explores nothing does the same every time. If it fails, the next run asks it again.
  if (all_proved || (!has_schedules && result.outcome != test_outcome::broken)) one.test.end(unit::ending::for_good);
  if (!has_schedules) one.test.end(unit::ending::now);
}

void fuzz_run::end(running& one) {
  if (one.wanted || one.its.how() == process::ending::stopped) return;
  const check::channel_page& page = one.its.channel().page();
  one.test.done(one.slice, page.schedules.load(std::memory_order_relaxed), one.its.duration(), page.seen);
  keep_progress(one.test, false);
}

void fuzz_run::keep_progress(unit& test, bool now) {
  if (!store_) return;
  auto& last = progress_kept_[&test];
  if (!now && clock::now() - last < between_progress) return;
  last = clock::now();
  store_->add(test.progress(now_on_the_wall()));
}

void fuzz_run::print(finding_fate fate, const unit& where, const json* report, const std::string& text) {
  if (fate == finding_fate::still) {
    screen_.print(fmt::format("still there: {} of {}", where.test(), where.program()));
    return;
  }
  screen_.print(
      screen_.coloured(fmt::format("{} finding in {} of {}", to_string(fate), where.test(), where.program()), "1;31"));
  if (report != nullptr) {
    const auto read = check::read_report(report->dump());
    if (const auto* const whole = std::get_if<check::report>(&read))
      screen_.print(check::to_text(*whole, screen_.colours()));
  }
  if (!text.empty()) screen_.print(text);
}

std::string fuzz_run::progress_text() const {
  const auto sum = schedules();
  const auto lines = findings_->lines();
  const auto fresh =
      std::count_if(lines.begin(), lines.end(), [](const auto& one) { return one.fate == finding_fate::fresh; });
  const double left = std::max(0.0, std::chrono::duration<double>(chosen_.time).count() - seconds());
  return fmt::format("heddle: {}, {}, {:.0f}/s, {} ({} new){}", check::counted(units_.size(), "test"),
                     check::counted(sum, "schedule"), static_cast<double>(sum) / std::max(seconds(), 0.001),
                     check::counted(lines.size(), "finding"), fresh,
                     chosen_.time.count() == 0 ? "" : fmt::format(", {} left", duration_text(left)));
}

void fuzz_run::finish() {
  findings_->finish();
  for (unit& one : units_) keep_progress(one, true);
  for (const auto& [test, why] : unusable_) {
    screen_.print(fmt::format("heddle: {} of {} explores nothing: {}", test->test(), test->program(), why));
  }
  for (const auto& one : findings_->lines()) {
    screen_.print(fmt::format("{:12} {} in {} of {}: {}", to_string(one.fate), one.what.kind, one.what.test,
                              one.what.program, one.reason.empty() ? one.what.message : one.reason));
  }
  screen_.print(summary());
  write_files(all_results(), chosen_.files);
  if (store_ && store_->is_scattered()) store_->compact();
}

std::string fuzz_run::summary() const {
  std::map<finding_fate, std::size_t> counts;
  for (const auto& one : findings_->lines()) ++counts[one.fate];
  std::string text = fmt::format("{}, {} in {}", check::counted(units_.size(), "test"),
                                 check::counted(schedules(), "schedule"), duration_text(seconds()));
  if (counts.empty()) return text + ": nothing found";
  std::string separator = ": ";
  for (const auto& [fate, count] : counts) {
    text += fmt::format("{}{} {}", separator, count, to_string(fate));
    separator = ", ";
  }
  return text;
}

results fuzz_run::all_results() const {
  results all{.command = "heddle fuzz", .summary = summary(), .seconds = seconds()};
  const auto lines = findings_->lines();
  for (const unit& one : units_) {
    test_entry entry;
    entry.program = one.program();
    entry.build = one.build();
    entry.name = one.test();
    entry.schedules = one.schedules_now();
    entry.seconds = std::chrono::duration<double>(one.time()).count();
    for (const auto& line : lines) {
      if (line.what.program != one.program() || line.what.test != one.test()) continue;
      entry.findings.push_back(entry_of(line.what, to_string(line.fate)));
      const auto whole = reports_.find(line.what.token);
      if (whole != reports_.end()) entry.findings.back().report = whole->second;
    }
    const bool open = std::any_of(entry.findings.begin(), entry.findings.end(),
                                  [](const finding_entry& each) { return each.state != "fixed"; });
    const auto unusable = unusable_.find(&one);
    entry.outcome = open ? "failed" : unusable != unusable_.end() ? "unusable" : "passed";
    if (unusable != unusable_.end()) entry.end = unusable->second;
    all.tests.push_back(std::move(entry));
  }
  return all;
}

}  // namespace heddle::cli
