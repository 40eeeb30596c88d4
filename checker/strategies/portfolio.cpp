#include "strategies/portfolio.hpp"

namespace heddle::check {

portfolio_strategy::portfolio_strategy(std::uint64_t seed, const profile& counts)
    : random_(seed),
      surw_(seed, counts),
      pos_(seed),
      pct_{pct_strategy(seed, 1, counts), pct_strategy(seed, 2, counts), pct_strategy(seed, 3, counts),
           pct_strategy(seed, 4, counts), pct_strategy(seed, 5, counts)} {}

bool portfolio_strategy::begin(std::uint64_t index) noexcept {
  switch (index % 6) {
    case 0:
      current_ = &pos_;
      break;
    case 2:
      current_ = &random_;
      break;
    case 4:
      current_ = &pct_[(index / 6) % pct_.size()];
      break;
    default:
      current_ = &surw_;
  }
  return current_->begin(index);
}

}  // namespace heddle::check
