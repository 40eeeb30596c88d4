#include "report/publish.hpp"

#include "report/html.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::check {

namespace {

// The names of the files of a report, without their ends.
std::string file_name(const report& what) {
  constexpr std::size_t name_max = 200;  // a file system takes 255
  std::string name = what.name.substr(0, name_max);
  for (char& letter : name) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
    if (!plain) letter = '_';
  }
  return fmt::format("{}-{}", name, what.findings.front().signature);
}

// Whoever reads the folder meanwhile sees the old file or the new one. Returns whether that came about.
bool replace_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::path beside = path;
  beside += fmt::format(".{}.new", getpid());
  std::ofstream file(beside, std::ios::binary);
  file << content;
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(beside, path, failed);
  if (file && !failed) return true;
  std::filesystem::remove(beside, failed);
  return false;
}

void write_files(report& what, const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  const std::string json = to_json(what);
  const std::string name = file_name(what);
  for (const auto& [end, content] : {std::pair{".json", json + '\n'}, std::pair{".html", to_html(what, json)},
                                     std::pair{".txt", what.text() + '\n'}}) {
    const std::filesystem::path path = std::filesystem::path(directory) / (name + end);
    if (replace_file(path, content)) continue;
    what.notices.push_back(fmt::format("HEDDLE_REPORT_DIR: {} cannot be written", path.string()));
    return;
  }
}

}  // namespace

bool is_worth_a_line(const report& what, const environment& surroundings) {
  return what.replayed || surroundings.verbose || !what.suppressed.empty() || !what.unused_suppressions.empty();
}

void publish(report& what, const environment& surroundings) {
  if (!what.findings.empty() && !surroundings.report_dir.empty()) write_files(what, surroundings.report_dir);
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
