#include "report/publish.hpp"

#include "explore/channel.hpp"
#include "report/files.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

namespace heddle::check {

bool is_worth_a_line(const report& what, const environment& surroundings) {
  return what.replayed || surroundings.verbose || !what.suppressed.empty() || !what.unused_suppressions.empty();
}

bool is_published(const report& what, const environment& surroundings) {
  if (surroundings.report_dir.empty() || what.findings.empty()) return false;
  const std::string name = report_file_name(what.name, what.findings.front().signature);
  std::error_code failed;
  return std::filesystem::exists(std::filesystem::path(surroundings.report_dir) / (name + ".json"), failed);
}

void publish(report& what, const environment& surroundings, publication how) {
  // A crash is found again and again: where all findings are wanted, the first report of it stays.
  const bool again = surroundings.all_findings && is_published(what, surroundings);
  if (!what.findings.empty() && !surroundings.report_dir.empty() && !again) {
    const auto unwritten = write_report_files(what, surroundings.report_dir);
    if (unwritten) what.notices.push_back(fmt::format("HEDDLE_REPORT_DIR: {} cannot be written", unwritten->string()));
  }
  if (channel* const told = current_channel()) {
    const std::string json = to_json(what);
    how == publication::one_of_several ? told->report_finding(json) : told->report_whole(json);
  }
  if (how != publication::whole) return;
  if (what.failed() || !is_worth_a_line(what, surroundings)) return;
  fmt::print(stderr, "heddle: {}\n", what.summary());
  for (const std::string& notice : what.notices) fmt::print(stderr, "heddle:   note: {}\n", notice);
}

void publish_crash(const report& what) {
  std::fflush(stdout);
  const std::string text = to_text(what, colours_for(STDERR_FILENO));
  fmt::print(stderr, "{}\n", text);
  std::fflush(stderr);
}

}  // namespace heddle::check
