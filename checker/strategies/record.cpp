#include "strategies/record.hpp"

#include "strategies/base32.hpp"

#include <array>
#include <limits>

namespace heddle::check {

namespace {

constexpr unsigned choice_kind_bits = 4;
constexpr std::uint32_t choice_kinds = static_cast<std::uint32_t>(sim::choice_kind::test) + 1;
static_assert(choice_kinds <= (1U << choice_kind_bits));

enum class tag : std::uint8_t { usual, thread, choice };

std::uint64_t number_of(const decision& entry) {
  switch (entry.kind) {
    case decision::what::usual:
      return (std::uint64_t{entry.answer} << 2) | static_cast<std::uint64_t>(tag::usual);
    case decision::what::thread:
      return (std::uint64_t{entry.answer} << 2) | static_cast<std::uint64_t>(tag::thread);
    case decision::what::choice:
      break;
  }
  const std::uint64_t answer =
      (std::uint64_t{entry.answer} << choice_kind_bits) | static_cast<std::uint64_t>(entry.choice);
  return (answer << 2) | static_cast<std::uint64_t>(tag::choice);
}

std::optional<decision> entry_of(std::uint64_t number) {
  const std::uint64_t rest = number >> 2;
  decision entry;
  std::uint64_t answer = rest;
  switch (number & 3U) {
    case static_cast<std::uint64_t>(tag::usual):
      entry.kind = decision::what::usual;
      break;
    case static_cast<std::uint64_t>(tag::thread):
      entry.kind = decision::what::thread;
      break;
    case static_cast<std::uint64_t>(tag::choice): {
      entry.kind = decision::what::choice;
      const std::uint64_t kind = rest & ((1U << choice_kind_bits) - 1);
      if (kind >= choice_kinds) return std::nullopt;
      entry.choice = static_cast<sim::choice_kind>(kind);
      answer = rest >> choice_kind_bits;
      break;
    }
    default:
      return std::nullopt;
  }
  if (answer > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  if (entry.kind == decision::what::usual && answer == 0) return std::nullopt;
  entry.answer = static_cast<std::uint32_t>(answer);
  return entry;
}

}  // namespace

void decision_record::add_stay() {
  if (!entries_.empty() && entries_.back().kind == decision::what::usual &&
      entries_.back().answer < std::numeric_limits<std::uint32_t>::max()) {
    ++entries_.back().answer;
    return;
  }
  entries_.push_back({decision::what::usual, sim::choice_kind::test, 1});
}

void decision_record::add_thread(sim::thread_id thread) {
  entries_.push_back({decision::what::thread, sim::choice_kind::test, thread});
}

void decision_record::add_answer(const sim::scheduling_point& point, sim::thread_id chosen) {
  if (point.current_runnable && chosen == point.current) {
    add_stay();
  } else {
    add_thread(chosen);
  }
}

void decision_record::add_choice(sim::choice_kind kind, std::uint32_t answer) {
  if (answer == 0) return add_stay();
  entries_.push_back({decision::what::choice, kind, answer});
}

std::string decision_record::encode() const {
  std::vector<std::uint8_t> bytes;
  for (const decision& entry : entries_) {
    std::uint64_t number = number_of(entry);
    for (; number >= 128; number >>= 7) bytes.push_back(static_cast<std::uint8_t>(number | 128U));
    bytes.push_back(static_cast<std::uint8_t>(number));
  }
  return base32(bytes);
}

std::optional<decision_record> decision_record::decode(std::string_view text) {
  const auto bytes = bytes_of(text);
  if (!bytes) return std::nullopt;
  decision_record record;
  std::uint64_t number = 0;
  unsigned shift = 0;
  for (const std::uint8_t byte : *bytes) {
    if (shift >= 63) return std::nullopt;
    number |= std::uint64_t{byte & 127U} << shift;
    shift += 7;
    if ((byte & 128U) != 0) continue;
    const auto entry = entry_of(number);
    if (!entry) return std::nullopt;
    record.entries_.push_back(*entry);
    number = 0;
    shift = 0;
  }
  if (shift != 0 || record.encode() != text) return std::nullopt;
  return record;
}

sim::thread_id recording_source::choose_thread(const sim::scheduling_point& point) noexcept {
  const sim::thread_id chosen = source_.choose_thread(point);
  record_.add_answer(point, chosen);
  return chosen;
}

std::uint32_t recording_source::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const std::uint32_t answer = source_.choose(kind, candidates);
  record_.add_choice(kind, answer);
  return answer;
}

}  // namespace heddle::check
