#include "strategies/delays.hpp"

#include "strategies/turns.hpp"

#include <algorithm>

namespace heddle::check {

bool delays_strategy::begin(std::uint64_t index) noexcept {
  static_cast<void>(sampling_strategy::begin(index));
  delays_.clear();
  done_ = 0;
  patience_.reset();
  const unsigned doublings = draw_below(4) == 0 ? 1 : 0;
  const std::uint64_t length = std::clamp<std::uint64_t>(counts_.points() << doublings, 1, ~std::uint32_t{0});
  const std::uint32_t count = draw_below(bound_ + 1);
  for (std::uint32_t i = 0; i < count; ++i) delays_.push_back(draw_below(static_cast<std::uint32_t>(length)));
  std::sort(delays_.begin(), delays_.end());
  return true;
}

sim::thread_id delays_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  sim::thread_id chosen = point.current_runnable ? point.current : next_in_turn(point, point.current);
  for (; done_ < delays_.size() && delays_[done_] <= point.step; ++done_) chosen = next_in_turn(point, chosen);
  if (patience_.ends_with(chosen, point.next[chosen])) chosen = next_in_turn(point, chosen);
  return chosen;
}

}  // namespace heddle::check
