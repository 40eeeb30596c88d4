// Threads take turns, each for the same number of scheduling points; see check::round_robin.
//
// How it works. The length of a turn is drawn for the schedule, short ones as often as long ones, and so is how much of
// the first turn is over already. The rest follows: a thread that waits or has used up its turn is followed by the next
// in the order of their numbers. So threads go on in step, which random choices and priorities hardly ever do for long.
//
// Threads that back off and try again, as std::lock does, may do so in step for ever, which no real machine keeps up.
// After tries_in_step attempts to take a lock without waiting for it, and after turns_in_step turns in any case, the
// length of each turn is drawn anew.
#pragma once

#include "strategies/sampling.hpp"

#include <cstdint>

namespace heddle::check {

class round_robin_strategy final : public sampling_strategy {
 public:
  static constexpr std::uint32_t turn_max = 64;  // points; a power of two
  static constexpr std::uint32_t turns_in_step = 1000;
  static constexpr std::uint32_t tries_in_step = 6;

  using sampling_strategy::sampling_strategy;

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;

  std::uint32_t turn() const noexcept { return turn_; }

 private:
  void draw_turn() noexcept;
  sim::thread_id whose_turn(const sim::scheduling_point& point) noexcept;

  std::uint32_t turns_ = 0;  // that are over
  std::uint32_t tries_ = 0;  // to take a lock
  std::uint32_t turn_ = 1;   // points of each
  std::uint32_t done_ = 0;   // of the running one
};

}  // namespace heddle::check
