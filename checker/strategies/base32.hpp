// Bytes in letters and digits that survive shells, file names and mail: base 32 (RFC 4648), lower case, without
// padding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::check {

inline constexpr std::string_view base32_digits = "abcdefghijklmnopqrstuvwxyz234567";

std::string base32(const std::vector<std::uint8_t>& bytes);
// Nothing if the text has other letters. Bits that make no whole byte at its end are dropped.
std::optional<std::vector<std::uint8_t>> bytes_of(std::string_view text);

}  // namespace heddle::check
