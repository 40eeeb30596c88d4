// The pseudo-random numbers of the checker: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64.
//
// Our own, so that a seed means the same schedules with every compiler and library. Not thread-safe.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace heddle::check {

// The finaliser of splitmix64: every bit of the result depends on every bit of the value. A bijection.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

// The seed of one execution of an exploration.
constexpr std::uint64_t schedule_seed(std::uint64_t base, std::uint64_t index) noexcept {
  return mix(mix(base) + index);
}

class generator {
 public:
  explicit constexpr generator(std::uint64_t seed) noexcept
      : state_{mix(seed), mix(seed + 1), mix(seed + 2), mix(seed + 3)} {}

  constexpr std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

// A number below `bound` from the upper 32 bits of a random number, by multiply-high (Lemire 2019) without the
// rejection: the bias is below bound / 2^32.
constexpr std::uint32_t below(std::uint64_t random_bits, std::uint32_t bound) noexcept {
  return static_cast<std::uint32_t>(((random_bits >> 32) * bound) >> 32);
}

}  // namespace heddle::check
