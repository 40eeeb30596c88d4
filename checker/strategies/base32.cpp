#include "strategies/base32.hpp"

namespace heddle::check {

std::string base32(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text.push_back(base32_digits[(pending >> (bits - 5)) & 31U]);
  }
  if (bits > 0) text.push_back(base32_digits[(pending << (5 - bits)) & 31U]);
  return text;
}

std::optional<std::vector<std::uint8_t>> bytes_of(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char digit : text) {
    const std::size_t value = base32_digits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    pending = (pending << 5) | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(pending >> bits));
  }
  return bytes;
}

}  // namespace heddle::check
