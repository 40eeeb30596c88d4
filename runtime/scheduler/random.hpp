// A small generator for the order in which a worker tries its victims: xorshift64*, seeded by the worker's
// index, so that nothing depends on addresses or the clock. Thread safety: one per worker.
#pragma once

#include <cstdint>

namespace heddle::detail {

class victim_random {
 public:
  explicit constexpr victim_random(std::uint64_t index) noexcept : state_((index + 1) * 0x9e3779b97f4a7c15U) {}

  // Uniform enough in [0, bound). REQUIRES: bound > 0.
  constexpr std::uint32_t next_below(std::uint32_t bound) noexcept {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    const std::uint64_t high = (state_ * 0x2545f4914f6cdd1dU) >> 32;
    return static_cast<std::uint32_t>((high * bound) >> 32);
  }

 private:
  std::uint64_t state_;  // never 0
};

}  // namespace heddle::detail
