#include "cli/observed.hpp"

#include "cli/token_text.hpp"
#include "explore/executable.hpp"
#include "report/json.hpp"
#include "report/signature.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

bool is_unusable(const json& report) {
  return report.value("outcome", "") == "unusable";
}

std::string replay_line(const std::string& token, const suite& from, const std::string& test) {
  std::error_code failed;
  const std::string path = std::filesystem::absolute(from.file.path, failed).lexically_normal().string();
  const std::string filter = from.filter_of(test);
  const std::string word = from.kind == binary_kind::gtest ? check::shell_word(filter) : filter;
  return fmt::format("HEDDLE_REPLAY={} {}{}{}", token, check::shell_word(path), word.empty() ? "" : " ", word);
}

// What GoogleTest and the test printed since the test began.
std::string output_of(const std::string& test, process& from) {
  from.read_output();
  const std::string& all = from.output();
  const std::size_t begin = all.rfind("[ RUN      ] " + test + '\n');
  std::string text = begin == std::string::npos ? all : all.substr(begin);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

bool test_result::has_findings() const {
  return std::any_of(reports.begin(), reports.end(),
                     [](const json& one) { return one.contains("findings") && !one["findings"].empty(); });
}

std::uint64_t test_result::schedules() const {
  std::uint64_t sum = 0;
  for (const json& one : reports) {
    if (one.contains("exploration")) sum += one["exploration"].value("schedules", std::uint64_t{0});
  }
  return sum;
}

std::vector<test_result> observed::take(process& from) {
  std::vector<test_result> ended;
  for (const std::string& line : from.channel().take_lines()) {
    const json what = json::parse(line, nullptr, false);
    if (what.is_object() && what.contains("event")) event(what, ended);
  }
  for (test_result& one : ended) {
    if (one.outcome == test_outcome::broken) one.output = output_of(one.name, from);
  }
  return ended;
}

void observed::event(const json& what, std::vector<test_result>& ended) {
  const std::string name = what.value("event", "");
  if (name == "test") current_.name = what.value("test", "");
  current_.milliseconds = what.value("ms", std::uint64_t{0});
  if (name == "report" || name == "finding") {
    // Outside of GoogleTest nobody says which test begins: there is one.
    if (current_.name.empty()) current_.name = suite_.tests.empty() ? suite_.file.name() : suite_.tests.front();
    current_.reports.push_back(what["report"]);
    if (what["report"].contains("findings") && !what["report"]["findings"].empty()) fresh_.push_back(what["report"]);
  }
  if (name == "passed") close_current(test_outcome::passed, ended);
  if (name == "skipped") close_current(test_outcome::skipped, ended);
  if (name == "failed") close_current(test_outcome::broken, ended);
}

void observed::close_current(test_outcome outcome, std::vector<test_result>& ended) {
  if (std::any_of(current_.reports.begin(), current_.reports.end(), is_unusable)) outcome = test_outcome::unusable;
  if (current_.has_findings()) outcome = test_outcome::failed;
  current_.outcome = outcome;
  ended.push_back(std::move(current_));
  current_ = {};
}

std::vector<json> observed::take_reports() {
  return std::exchange(fresh_, {});
}

std::vector<test_result> observed::finish(process& from) {
  std::vector<test_result> ended = take(from);
  if (suite_.kind != binary_kind::gtest) {
    // The end of the process is the end of the only test.
    if (current_.name.empty()) current_.name = suite_.tests.empty() ? suite_.file.name() : suite_.tests.front();
    const bool by_itself = from.how() == process::ending::exited;
    if (by_itself && (!current_.reports.empty() || from.code() == 0)) {
      const bool good = from.code() == 0 || suite_.kind == binary_kind::program;
      if (!good && !current_.has_findings()) current_.output = output_of(current_.name, from);
      close_current(good ? test_outcome::passed : test_outcome::broken, ended);
      return ended;
    }
  }
  if (current_.name.empty() || from.how() == process::ending::stopped) return ended;
  current_.end = from.end_text();
  // What crashed was reported before the process ended; what was killed was not.
  if (!current_.has_findings() && !from.channel().token().empty()) {
    current_.reports.push_back(report_of_end(from, suite_, current_.name));
    fresh_.push_back(current_.reports.back());
  }
  // A report says it better.
  if (!current_.has_findings()) current_.output = output_of(current_.name, from);
  close_current(test_outcome::broken, ended);
  return ended;
}

json report_of_end(const process& what, const suite& from, const std::string& test) {
  const std::string token = what.channel().token();
  const token_text fields = read_token(token);
  check::report result;
  result.name = what.channel().exploration();
  result.program = from.file.path;
  result.schedules = what.channel().page().schedule.load(std::memory_order_relaxed) + 1;
  check::finding found;
  const bool died = what.how() == process::ending::signalled || what.how() == process::ending::exited;
  found.kind = died ? check::finding_kind::crash : check::finding_kind::step_limit;
  found.message = fmt::format("the process {}, in this schedule or while it was run again", what.end_text());
  found.schedule = result.schedules - 1;
  found.signal = what.how() == process::ending::signalled ? what.code() : 0;
  found.token = token;
  result.findings.push_back(std::move(found));
  check::remove_duplicates(result.findings);
  result.replay_command = replay_line(token, from, test);
  result.strategy = fields.strategy;
  result.seed = std::stoull(fields.seed);
  return json::parse(check::to_json(result));
}

}  // namespace heddle::cli
