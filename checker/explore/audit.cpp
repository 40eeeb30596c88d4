#include "explore/audit.hpp"

#include "strategies/generator.hpp"

#include <algorithm>

namespace heddle::check {

std::optional<log_difference> compare(std::span<const sim::event> first, std::span<const sim::event> second) {
  const auto [at_first, at_second] = std::mismatch(first.begin(), first.end(), second.begin(), second.end());
  if (at_first == first.end() && at_second == second.end()) return std::nullopt;
  log_difference difference;
  difference.at = static_cast<std::size_t>(at_first - first.begin());
  if (at_first != first.end()) difference.first = *at_first;
  if (at_second != second.end()) difference.second = *at_second;
  return difference;
}

bool audited(double fraction, std::uint64_t seed, std::uint64_t index) noexcept {
  if (fraction <= 0.0) return false;
  if (index == 0 || fraction >= 1.0) return true;
  constexpr std::uint64_t salt = 0x61756469740000U;
  constexpr double to_unit = 0x1.0p-53;
  return static_cast<double>(mix(seed ^ salt ^ mix(index)) >> 11) * to_unit < fraction;
}

}  // namespace heddle::check
