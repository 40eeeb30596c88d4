#include "strategies/surw.hpp"

#include <algorithm>
#include <utility>

namespace heddle::check {

bool surw_strategy::begin(std::uint64_t index) noexcept {
  static_cast<void>(sampling_strategy::begin(index));
  threads_.clear();
  priorities_.clear();
  intended_ = sim::no_thread;
  waited_ = 0;
  const auto shared = counts_.shared_objects();
  const bool all = draw_below(all_one_in) == 0 || shared.empty();
  object_ = all ? 0 : shared[draw_below(static_cast<std::uint32_t>(shared.size()))];
  totals_ = counts_.operations(object_);
  return true;
}

// Threads created since the last decision, by the one that ran: their share of its operations goes over to them.
void surw_strategy::meet(const sim::scheduling_point& point) {
  for (const sim::thread_id thread : point.runnable) {
    if (thread >= threads_.size()) threads_.resize(thread + 1);
    if (std::exchange(threads_[thread].seen, true)) continue;
    const sim::thread_id parent = point.current < thread ? point.current : 0;
    const std::uint32_t share = thread < totals_.size() ? totals_[thread] : 0;
    threads_[thread].remaining = share;
    if (thread == parent || share == 0) continue;
    std::uint32_t& of_parent = threads_[parent].remaining;
    if (intended_ == parent && of_parent > 0 && draw_below(of_parent) < share) intended_ = thread;
    of_parent -= std::min(of_parent, share);
  }
}

void surw_strategy::intend(const sim::scheduling_point& point) {
  std::uint64_t all = 0;
  for (const sim::thread_id thread : point.runnable) all += threads_[thread].remaining;
  if (all == 0) return;
  std::uint64_t drawn = draw_below(static_cast<std::uint32_t>(std::min<std::uint64_t>(all, ~std::uint32_t{0})));
  for (const sim::thread_id thread : point.runnable) {
    if (drawn < threads_[thread].remaining) {
      intended_ = thread;
      return;
    }
    drawn -= threads_[thread].remaining;
  }
}

void surw_strategy::release_all() noexcept {
  for (thread_state& one : threads_) one.held = false;
  intended_ = sim::no_thread;
  waited_ = 0;
}

void surw_strategy::give_up() noexcept {
  if (intended_ != sim::no_thread) threads_[intended_].remaining /= 2;
  release_all();
}

sim::thread_id surw_strategy::highest_free(const sim::scheduling_point& point) {
  return priorities_.highest(
      point, [this] { return draw(); }, [this](sim::thread_id thread) { return !threads_[thread].held; });
}

sim::thread_id surw_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  meet(point);
  if (++waited_ > patience_each * point.runnable.size()) give_up();
  for (;;) {
    const sim::thread_id chosen = highest_free(point);
    if (chosen == sim::no_thread) {
      // The intended thread waits for one of those held back.
      release_all();
      continue;
    }
    if (!is_interesting(point.next[chosen])) {
      priorities_.done(point, chosen);
      return chosen;
    }
    thread_state& state = threads_[chosen];
    if (state.remaining == 0) state.remaining = 1;
    if (intended_ == sim::no_thread) intend(point);
    if (chosen == intended_) {
      --state.remaining;
      release_all();
      priorities_.done(point, chosen);
      return chosen;
    }
    state.held = true;
  }
}

}  // namespace heddle::check
