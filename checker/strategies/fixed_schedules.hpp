// Whether an exploration tries the fixed schedules of a portfolio: its seed says so, by the highest bit.
//
// How it works. Fixed schedules are the same for every seed, so they are worth trying once in a build. `heddle fuzz`
// explores a test in slices, each a process with a seed of its own, and sets the bit in the seeds of those that follow
// the first. As it is part of the seed it reaches the process, the report and the token in the ways that seeds go.
#pragma once

#include <cstdint>

namespace heddle::check {

inline constexpr std::uint64_t leaves_out_fixed_schedules = std::uint64_t{1} << 63;

constexpr bool tries_fixed_schedules(std::uint64_t seed) noexcept {
  return (seed & leaves_out_fixed_schedules) == 0;
}

constexpr std::uint64_t with_fixed_schedules(std::uint64_t seed) noexcept {
  return seed & ~leaves_out_fixed_schedules;
}

constexpr std::uint64_t without_fixed_schedules(std::uint64_t seed) noexcept {
  return seed | leaves_out_fixed_schedules;
}

}  // namespace heddle::check
