// Numbers and times as the environment and the command line take them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle::check {

// Decimal, or hexadecimal after 0x; nothing if it is no number of 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

// A time such as 500ms, 30s, 2m or 1h, at most 1000 hours.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace heddle::check
