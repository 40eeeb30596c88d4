#include "cli/token_text.hpp"

#include "cli/errors.hpp"
#include "explore/duration.hpp"
#include "explore/token.hpp"

#include <cctype>
#include <fstream>
#include <vector>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

constexpr std::size_t fields_short = 8;
constexpr std::size_t fields_full = 9;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('-', at), text.size());
    fields.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return fields;
}

[[noreturn]] void reject(const std::string& text, const std::string& why) {
  constexpr std::size_t shown_max = 80;
  throw usage_error(fmt::format(
      "`{}{}` is not a replay token: {}; a token looks like h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe, and stands "
      "behind HEDDLE_REPLAY= in the last line of a report",
      text.substr(0, shown_max), text.size() > shown_max ? "..." : "", why));
}

std::uint64_t hexadecimal(const std::string& whole, const std::string& field) {
  const auto number = check::parse_number("0x" + field);
  if (!number) reject(whole, fmt::format("`{}` is no hexadecimal number", field));
  return *number;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) throw usage_error(fmt::format("the token file {} cannot be read", path));
  return line;
}

}  // namespace

bool looks_like_token(const std::string& text) {
  return text.size() > 2 && text[0] == 'h' && std::isdigit(static_cast<unsigned char>(text[1])) != 0 &&
         text.find('-') != std::string::npos && text.find('/') == std::string::npos;
}

token_text read_token(const std::string& given) {
  std::string text = given.starts_with("HEDDLE_REPLAY=") ? given.substr(given.find('=') + 1) : given;
  if (text.find('/') != std::string::npos) text = content_of(text);
  if (!looks_like_token(text)) reject(text, "it does not begin with `h` and a version");
  std::vector<std::string> fields = split(text);
  static_cast<void>(check::take_input(fields));
  if (fields.size() != fields_short && fields.size() != fields_full) {
    reject(text, fmt::format("it has {} fields instead of {} or {}", fields.size(), fields_short, fields_full));
  }
  if (fields.back() != check::check_of_token(std::string_view(text).substr(0, text.rfind('-')))) {
    reject(text, "its last field does not fit the others, so part of it was lost or changed");
  }
  token_text result;
  result.text = given.find('/') != std::string::npos ? given : text;
  result.version = fields[0];
  result.strategy = fields[1];
  result.granularity = fields[2];
  result.test = static_cast<std::uint32_t>(hexadecimal(text, fields[3]));
  result.build = static_cast<std::uint32_t>(hexadecimal(text, fields[4]));
  result.seed = std::to_string(hexadecimal(text, fields[5]));
  result.schedule = fields[6];
  result.has_record = fields.size() == fields_full;
  return result;
}

}  // namespace heddle::cli
