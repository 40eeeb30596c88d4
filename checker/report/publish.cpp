#include "report/publish.hpp"

#include "report/text.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::check {

namespace {

// The name of a test as that of a file.
std::string file_name(const report& what) {
  std::string name = what.name;
  for (char& letter : name) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
    if (!plain) letter = '_';
  }
  return fmt::format("{}-{}.txt", name, what.findings.front().schedule);
}

void write_file(report& what, const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  const std::filesystem::path path = std::filesystem::path(directory) / file_name(what);
  std::ofstream file(path);
  file << what.text() << '\n';
  file.close();
  if (!file) what.notices.push_back(fmt::format("HEDDLE_REPORT_DIR: {} cannot be written", path.string()));
}

}  // namespace

bool is_worth_a_line(const report& what, const environment& surroundings) {
  return what.replayed || surroundings.verbose || !what.suppressed.empty() || !what.unused_suppressions.empty();
}

void publish(report& what, const environment& surroundings) {
  if (!what.findings.empty() && !surroundings.report_dir.empty()) write_file(what, surroundings.report_dir);
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
