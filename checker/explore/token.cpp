#include "explore/token.hpp"

#include "strategies/base32.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr std::array<std::string_view, 4> granularity_names{"task", "sync", "memory", "runtime"};
constexpr std::string_view digits = base32_digits;
constexpr unsigned digit_bits = 5;
constexpr std::size_t outcome_digits = outcome_bits / digit_bits;
static_assert(outcome_digits * digit_bits == outcome_bits);
constexpr std::size_t fields_short = 8;
constexpr std::size_t fields_full = 9;

template <typename Number>
bool read_number(std::string_view text, int base, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('-', at), text.size());
    fields.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return fields;
}

std::string malformed(std::string_view text, std::string_view why) {
  constexpr std::size_t shown_max = 80;
  return fmt::format("`{}{}` is not a replay token: {}; a token looks like h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe",
                     text.substr(0, shown_max), text.size() > shown_max ? "..." : "", why);
}

std::string text_of_outcome(std::uint32_t outcome) {
  std::string text;
  for (std::size_t i = outcome_digits; i-- > 0;) text.push_back(digits[outcome >> (i * digit_bits) & 31U]);
  return text;
}

bool read_outcome(std::string_view text, std::uint32_t& outcome) {
  outcome = 0;
  for (const char digit : text) {
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos) return false;
    outcome = outcome << digit_bits | static_cast<std::uint32_t>(value);
  }
  return text.size() == outcome_digits;
}

// Fills in the fields after the version. Returns what is wrong, or nothing.
std::string read_fields(const std::vector<std::string_view>& fields, replay_token& token) {
  auto chosen = parse_strategy(fields[1]);
  if (const auto* wrong = std::get_if<std::string>(&chosen)) return *wrong;
  token.strategy = std::get<strategy>(chosen);
  const auto level = parse_granularity(fields[2]);
  if (!level) return fmt::format("`{}` is no granularity; allowed: {}", fields[2], fmt::join(granularity_names, ", "));
  token.granularity = *level;
  if (!read_number(fields[3], 16, token.test)) return fmt::format("`{}` is not the hash of a test", fields[3]);
  if (!read_number(fields[4], 16, token.build)) return fmt::format("`{}` is not a build id", fields[4]);
  if (!read_number(fields[5], 16, token.seed)) return fmt::format("`{}` is not a seed", fields[5]);
  if (!read_number(fields[6], 10, token.index)) return fmt::format("`{}` is not the number of a schedule", fields[6]);
  if (fields.size() == fields_short) return {};
  if (!fields[7].starts_with('r')) return "its record of decisions does not begin with `r`";
  const std::string_view record = fields[7].substr(1);
  if (!read_outcome(record.substr(0, outcome_digits), token.outcome)) return "its record of decisions is damaged";
  token.record = decision_record::decode(record.substr(outcome_digits));
  return token.record ? std::string() : "its record of decisions is damaged";
}

}  // namespace

std::string_view to_string(granularity level) noexcept {
  return granularity_names[static_cast<std::size_t>(level)];
}

std::optional<granularity> parse_granularity(std::string_view name) noexcept {
  for (std::size_t i = 0; i < granularity_names.size(); ++i) {
    if (granularity_names[i] == name) return static_cast<granularity>(i);
  }
  return std::nullopt;
}

std::string to_string(const replay_token& token) {
  const std::string input = token.input.empty() ? std::string() : fmt::format("-i{}", token.input);
  std::string text = fmt::format("h{}-{}-{}-{:08x}-{:08x}-{:x}{}-{}", token_version, to_string(token.strategy),
                                 to_string(token.granularity), token.test, token.build, token.seed, input, token.index);
  if (token.record) text += "-r" + text_of_outcome(token.outcome) + token.record->encode();
  return text + "-" + check_of_token(text);
}

std::variant<replay_token, std::string> parse_token(std::string_view text) {
  std::vector<std::string_view> fields = split(text);
  const std::string_view input = take_input(fields);
  unsigned version = 0;
  if (!text.starts_with('h') || !read_number(fields[0].substr(1), 10, version)) {
    return malformed(text, "it does not begin with `h` and a version");
  }
  if (version != token_version) {
    return fmt::format(
        "the token `{}` has format version {}; this heddle reads version {} only: "
        "replay it with the heddle that printed it, or run the test again for a new token",
        text, version, token_version);
  }
  if (fields.size() != fields_short && fields.size() != fields_full) {
    return malformed(text,
                     fmt::format("it has {} fields instead of {} or {}", fields.size(), fields_short, fields_full));
  }
  if (fields.back() != check_of_token(text.substr(0, text.rfind('-')))) {
    return malformed(text, "its last field does not fit the others, so part of it was lost or changed");
  }
  replay_token token;
  if (input.find_first_not_of(digits) != std::string_view::npos) return malformed(text, "its input is damaged");
  token.input = input;
  if (const std::string wrong = read_fields(fields, token); !wrong.empty()) return malformed(text, wrong);
  return token;
}

}  // namespace heddle::check
