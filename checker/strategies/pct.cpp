#include "strategies/pct.hpp"

#include <algorithm>

namespace heddle::check {

bool pct_strategy::begin(std::uint64_t index) noexcept {
  static_cast<void>(sampling_strategy::begin(index));
  next_low_ = lowest_draw;
  priorities_.clear();
  patience_.reset();
  changes_.clear();
  changed_ = 0;
  const std::uint64_t draw = this->draw();
  const unsigned doublings = (draw & 1) == 0 ? 0 : 1 + ((draw >> 1) & 1);
  length_ = std::clamp<std::uint64_t>(counts_.points() << doublings, 1, ~std::uint32_t{0});
  for (std::uint32_t i = 1; i < depth_; ++i) changes_.push_back(draw_below(static_cast<std::uint32_t>(length_)));
  std::sort(changes_.begin(), changes_.end());
  return true;
}

std::uint64_t& pct_strategy::priority_of(sim::thread_id thread) {
  if (thread >= priorities_.size()) priorities_.resize(thread + 1);
  std::uint64_t& priority = priorities_[thread];
  if (priority == 0) priority = lowest_draw | draw();
  return priority;
}

sim::thread_id pct_strategy::highest(const sim::scheduling_point& point) {
  sim::thread_id best = point.runnable.front();
  for (const sim::thread_id thread : point.runnable) {
    if (priority_of(thread) > priority_of(best)) best = thread;
  }
  return best;
}

sim::thread_id pct_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  sim::thread_id chosen = highest(point);
  for (; changed_ < changes_.size() && changes_[changed_] <= point.step; ++changed_) {
    lower(chosen);
    chosen = highest(point);
  }
  if (patience_.ends_with(chosen, point.next[chosen])) lower(chosen);
  return chosen;
}

}  // namespace heddle::check
