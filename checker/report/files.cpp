#include "report/files.hpp"

#include "report/durable_file.hpp"
#include "report/html.hpp"
#include "report/json.hpp"

#include <utility>

#include <fmt/format.h>

namespace heddle::check {

std::string report_file_name(const std::string& test, const std::string& signature) {
  constexpr std::size_t name_max = 200;  // a file system takes 255
  std::string name = test.substr(0, name_max);
  for (char& letter : name) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
    if (!plain) letter = '_';
  }
  return fmt::format("{}-{}", name, signature);
}

std::optional<std::filesystem::path> write_report_files(const report& what, const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const std::string json = to_json(what);
  const std::string name = report_file_name(what.name, what.findings.front().signature);
  for (const auto& [end, content] : {std::pair{".json", json + '\n'}, std::pair{".html", to_html(what, json)},
                                     std::pair{".txt", what.text() + '\n'}}) {
    std::filesystem::path path = folder / (name + end);
    if (!replace_file(path, content)) return path;
  }
  return std::nullopt;
}

}  // namespace heddle::check
