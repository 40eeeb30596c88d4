#include "strategies/pos.hpp"

namespace heddle::check {

bool pos_strategy::begin(std::uint64_t index) noexcept {
  priorities_.clear();
  return sampling_strategy::begin(index);
}

std::uint64_t& pos_strategy::priority_of(sim::thread_id thread) {
  if (thread >= priorities_.size()) priorities_.resize(thread + 1);
  std::uint64_t& priority = priorities_[thread];
  if (priority == 0) priority = draw() | 1;
  return priority;
}

sim::thread_id pos_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  sim::thread_id chosen = point.runnable.front();
  for (const sim::thread_id thread : point.runnable) {
    if (priority_of(thread) > priority_of(chosen)) chosen = thread;
  }
  const sim::operation& done = point.next[chosen];
  for (const sim::thread_id thread : point.runnable) {
    const bool conflicts =
        done.object != 0 && point.next[thread].object == done.object && (done.writes || point.next[thread].writes);
    if (thread == chosen || conflicts) priorities_[thread] = 0;
  }
  return chosen;
}

}  // namespace heddle::check
