#include "report/source_text.hpp"

#include "explore/executable.hpp"

#include <filesystem>
#include <fstream>

namespace heddle::check {

namespace {

bool is_readable_and_not_newer(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) return false;
  const std::uintmax_t size = std::filesystem::file_size(file, failed);
  if (failed || size > source_text::file_size_max) return false;
  const auto written = std::filesystem::last_write_time(file, failed);
  if (failed) return false;
  const auto linked = std::filesystem::last_write_time(executable_path(), failed);
  return !failed && written <= linked;
}

std::string trimmed(const std::string& text) {
  constexpr const char* space = " \t\r";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

}  // namespace

std::string source_text::line(const std::string& file, unsigned number) {
  if (file.empty() || number == 0) return {};
  const std::vector<std::string>& lines = lines_of(file);
  if (number > lines.size()) return {};
  const std::string text = trimmed(lines[number - 1]);
  return text.size() <= line_length_max ? text : text.substr(0, line_length_max) + " ...";
}

const std::vector<std::string>& source_text::lines_of(const std::string& file) {
  const auto [its, added] = files_.try_emplace(file);
  if (!added || !is_readable_and_not_newer(file)) return its->second;
  std::ifstream stream(file);
  for (std::string text; std::getline(stream, text);) its->second.push_back(text);
  return its->second;
}

}  // namespace heddle::check
