#include "explore/token_file.hpp"

#include "explore/token.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace heddle::check {

std::optional<std::string> store_token(std::string_view token, const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::path where = directory;
  if (directory.empty()) where = fs::temp_directory_path(failed);
  fs::create_directories(where, failed);
  const fs::path path = fs::absolute(where, failed) / fmt::format("heddle-{:08x}.token", hash_of(token));
  std::ofstream file(path);
  file << token << '\n';
  file.close();
  if (!file) return std::nullopt;
  return path.string();
}

std::optional<std::string> read_token(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace heddle::check
