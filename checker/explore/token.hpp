// Replay tokens: a schedule of a test in one word that survives shells, logs and mail.
//
//     h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe
//     │  │      │    │        │        │ │  └ check of all before it: a token that lost a piece is not another schedule
//     │  │      │    │        │        │ └ number of the schedule, decimal
//     │  │      │    │        │        └ seed of the exploration, hexadecimal
//     │  │      │    │        └ first four bytes of the executable's GNU build id; 0 if it has none
//     │  │      │    └ hash of the test's name
//     │  │      └ granularity
//     │  └ strategy, as HEDDLE_STRATEGY takes it
//     └ format version
//
// Of a body that was given an input, a field stands before the number: `i`, and what the input is made from, in the
// digits of records. The full form has one more field before the check: `r`, four digits of the event hash of the
// execution, and every decision, see strategies/record.hpp.
#pragma once

#include "heddle/check/options.hpp"
#include "strategies/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace heddle::check {

inline constexpr unsigned token_version = 1;

struct replay_token {
  check::strategy strategy = random{};
  check::granularity granularity = check::granularity::sync;
  std::uint32_t test = 0;   // hash_of the name of the exploration
  std::uint32_t build = 0;  // see build_hash
  std::uint64_t seed = 0;
  std::string input{};  // in digits of records; empty: none
  std::uint64_t index = 0;
  std::optional<decision_record> record;
  std::uint32_t outcome = 0;  // outcome_of the execution, where there is a record

  friend bool operator==(const replay_token&, const replay_token&) = default;
};

std::string to_string(const replay_token& token);

// The token, or a sentence that says what is wrong with the text.
std::variant<replay_token, std::string> parse_token(std::string_view text);

// What a token holds of an event hash: enough to see whether a replay did the same.
inline constexpr unsigned outcome_bits = 20;
constexpr std::uint32_t outcome_of(std::uint64_t event_hash) noexcept {
  return static_cast<std::uint32_t>(event_hash & ((1U << outcome_bits) - 1));
}

// Takes the field of an input out of those of a token, if there is one, and returns what it holds: the others stand
// then where they do without.
template <typename Field>
Field take_input(std::vector<Field>& fields) {
  constexpr std::size_t place = 6;
  if (fields.size() <= place || !fields[place].starts_with('i')) return {};
  const Field input = fields[place].substr(1);
  fields.erase(fields.begin() + place);
  return input;
}

// FNV-1a, 32 bits.
constexpr std::uint32_t hash_of(std::string_view text) noexcept {
  std::uint32_t hash = 2166136261U;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619U;
  return hash;
}

// The last field of a token whose other fields are `before`.
inline std::string check_of_token(std::string_view before) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::uint32_t hash = hash_of(before);
  return {digits[hash >> 12 & 15], digits[hash >> 8 & 15], digits[hash >> 4 & 15], digits[hash & 15]};
}

std::string_view to_string(granularity level) noexcept;
std::optional<granularity> parse_granularity(std::string_view name) noexcept;

}  // namespace heddle::check
