#include "strategies/portfolio.hpp"

#include "strategies/fixed_schedules.hpp"

namespace heddle::check {

portfolio_strategy::portfolio_strategy(std::uint64_t seed, const profile& counts)
    : tries_fixed_(tries_fixed_schedules(seed)),
      random_(seed),
      surw_(seed, counts),
      pos_(seed),
      pct_{pct_strategy(seed, 1, counts), pct_strategy(seed, 2, counts), pct_strategy(seed, 3, counts),
           pct_strategy(seed, 4, counts), pct_strategy(seed, 5, counts)},
      stopped_once_(seed, by_age_strategy::order::oldest_first, by_age_strategy::stops::once),
      uninterrupted_(seed, by_age_strategy::order::oldest_first, by_age_strategy::stops::never),
      reversed_(seed, by_age_strategy::order::youngest_first, by_age_strategy::stops::once) {}

explorer_strategy& portfolio_strategy::whose_turn(std::uint64_t index) noexcept {
  if (tries_fixed_) {
    if (index == stopped_once_at) return stopped_once_;
    if (index == uninterrupted_at) return uninterrupted_;
    if (index == reversed_at) return reversed_;
  }
  switch (index % 6) {
    case 0:
      return pos_;
    case 2:
      return random_;
    case 4:
      return pct_[(index / 6) % pct_.size()];
    default:
      return surw_;
  }
}

bool portfolio_strategy::begin(std::uint64_t index) noexcept {
  current_ = &whose_turn(index);
  return current_->begin(index);
}

}  // namespace heddle::check
