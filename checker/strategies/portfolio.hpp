// Several strategies in turn; see check::portfolio.
//
// How it works. The number of the schedule says whose turn it is, so that each stays a pure function of its number.
// Schedule 0, which shows what the others want to know of the program, is lockstep_strategy's. Three more are fixed,
// which by_age_strategy chooses: schedule 1, and schedules 4 and 10 in the place of the first turns of depths 1 and 2.
// A seed may leave the four out (fixed_schedules.hpp): the others then have these turns, and random_strategy the first.
#pragma once

#include "strategies/by_age.hpp"
#include "strategies/pct.hpp"
#include "strategies/pos.hpp"
#include "strategies/random.hpp"
#include "strategies/surw.hpp"

#include <array>
#include <cstdint>

namespace heddle::check {

class portfolio_strategy final : public explorer_strategy {
 public:
  // Schedules of by_age_strategy.
  static constexpr std::uint64_t stopped_once_at = 1;
  static constexpr std::uint64_t uninterrupted_at = 4;
  static constexpr std::uint64_t reversed_at = 10;

  // `counts` must outlive it.
  portfolio_strategy(std::uint64_t seed, const profile& counts);

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    return current_->choose_thread(point);
  }
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override {
    return current_->choose(kind, candidates);
  }
  priority_changes changes() const noexcept override { return current_->changes(); }

 private:
  explorer_strategy& whose_turn(std::uint64_t index) noexcept;

  const bool tries_fixed_;
  random_strategy random_;
  surw_strategy surw_;
  pos_strategy pos_;
  std::array<pct_strategy, 5> pct_;  // of depths 1 to 5
  by_age_strategy stopped_once_;
  by_age_strategy uninterrupted_;
  by_age_strategy reversed_;  // stopped once, the youngest first
  explorer_strategy* current_ = &random_;
};

}  // namespace heddle::check
