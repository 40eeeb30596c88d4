#include "cli/results.hpp"

#include "cli/errors.hpp"
#include "report/durable_file.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

namespace heddle::cli {

namespace {

std::string_view name_of(test_outcome outcome) noexcept {
  switch (outcome) {
    case test_outcome::passed:
      return "passed";
    case test_outcome::skipped:
      return "skipped";
    case test_outcome::failed:
      return "failed";
    case test_outcome::broken:
      return "broken";
    case test_outcome::unusable:
      return "unusable";
    case test_outcome::not_run:
      break;
  }
  return "not-run";
}

json json_of(const finding_entry& one) {
  json object{{"kind", one.kind}, {"signature", one.signature}, {"message", one.message}};
  if (!one.file.empty()) object["place"] = {{"file", one.file}, {"line", one.line}};
  object["token"] = one.token;
  object["replay"] = one.replay;
  if (!one.state.empty()) object["state"] = one.state;
  if (!one.report.is_null()) object["report"] = one.report;
  return object;
}

void write_file(const std::string& path, const std::string& content) {
  struct stat what{};
  // A pipe or a terminal is written to, and not replaced.
  const bool special = stat(path.c_str(), &what) == 0 && !S_ISREG(what.st_mode);
  bool written = false;
  if (special) {
    FILE* const file = std::fopen(path.c_str(), "w");
    written = file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size();
    if (file != nullptr) written = std::fclose(file) == 0 && written;
  } else {
    written = check::replace_file(path, content);
  }
  if (!written) throw usage_error(fmt::format("{} cannot be written", path));
}

}  // namespace

std::vector<finding_entry> findings_of(const json& report) {
  std::vector<finding_entry> all;
  if (!report.contains("findings")) return all;
  for (const json& one : report["findings"]) {
    finding_entry entry;
    entry.kind = one.value("kind", "");
    entry.signature = one.value("signature", "");
    entry.message = one.value("message", "");
    if (one.contains("place")) {
      entry.file = one["place"].value("file", "");
      entry.line = one["place"].value("line", 0U);
    }
    entry.token = one.value("token", "");
    // The command of the report is that of its first finding; the others differ in the token.
    entry.replay = report.value("replay", "");
    const std::size_t space = entry.replay.find(' ');
    if (space != std::string::npos) entry.replay = "HEDDLE_REPLAY=" + entry.token + entry.replay.substr(space);
    if (all.empty()) entry.report = report;
    all.push_back(std::move(entry));
  }
  return all;
}

test_entry entry_of(const suite& from, const test_result& result) {
  test_entry entry;
  entry.program = from.file.path;
  entry.build = fmt::format("{:08x}", from.file.build);
  entry.name = result.name;
  entry.outcome = name_of(result.outcome);
  entry.schedules = result.schedules();
  entry.seconds = static_cast<double>(result.milliseconds) / 1000;
  entry.end = result.end;
  entry.output = result.output;
  for (const json& one : result.reports) {
    if (one.contains("error")) entry.end = one.value("error", "");
    if (one.contains("exploration")) entry.explorations.push_back(one["exploration"]);
    for (finding_entry& each : findings_of(one)) entry.findings.push_back(std::move(each));
  }
  const auto proved = [](const json& one) { return one.value("outcome", "") == "proved"; };
  if (result.outcome == test_outcome::passed && !result.reports.empty() &&
      std::all_of(result.reports.begin(), result.reports.end(), proved)) {
    entry.outcome = "proved";
  }
  return entry;
}

finding_entry entry_of(const finding_record& what, std::string_view state) {
  finding_entry entry;
  entry.kind = what.kind;
  entry.signature = what.signature;
  entry.message = what.message;
  entry.file = what.file;
  entry.line = what.line;
  entry.token = what.token;
  entry.replay = what.replay;
  entry.state = state;
  return entry;
}

std::string to_json(const results& what) {
  json object{{"format", "heddle-results"}, {"version", 1},
              {"command", what.command},    {"summary", what.summary},
              {"seconds", what.seconds},    {"tests", json::array()}};
  for (const test_entry& one : what.tests) {
    json test{{"program", one.program}, {"build", one.build}, {"test", one.name}, {"outcome", one.outcome}};
    test["schedules"] = one.schedules;
    test["seconds"] = one.seconds;
    if (!one.end.empty()) test["end"] = one.end;
    if (!one.output.empty()) test["output"] = one.output;
    if (!one.explorations.empty()) test["explorations"] = one.explorations;
    test["findings"] = json::array();
    for (const finding_entry& each : one.findings) test["findings"].push_back(json_of(each));
    object["tests"].push_back(std::move(test));
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

void write_files(const results& what, const output_files& files) {
  if (!files.json.empty()) write_file(files.json, to_json(what));
  if (!files.junit.empty()) write_file(files.junit, to_junit(what));
  if (!files.sarif.empty()) write_file(files.sarif, to_sarif(what));
  if (!files.html.empty()) write_file(files.html, to_page(what));
}

std::string escaped_for_markup(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '&') {
      result += "&amp;";
    } else if (letter == '<') {
      result += "&lt;";
    } else if (letter == '>') {
      result += "&gt;";
    } else if (letter == '"') {
      result += "&quot;";
    } else if (code >= 0x20 || letter == '\n' || letter == '\t') {
      result += letter;
    } else {
      // XML has no other control characters, not even escaped.
      result += "\xef\xbf\xbd";
    }
  }
  return result;
}

}  // namespace heddle::cli
