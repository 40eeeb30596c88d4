#include "strategies/lockstep.hpp"

#include "strategies/turns.hpp"

#include <utility>

namespace heddle::check {

// The next older one than the thread that ran last, or the youngest of all; or one on its way to a task.
sim::thread_id lockstep_strategy::whose_turn(const sim::scheduling_point& point) noexcept {
  sim::thread_id best = point.runnable.front();
  const auto turns_until = [&](sim::thread_id one) { return point.current - one - 1; };  // modulo 2^32
  for (const sim::thread_id one : point.runnable) {
    if (point.next[one].is_trusted) return one;
    if (turns_until(one) < turns_until(best)) best = one;
  }
  return best;
}

sim::thread_id lockstep_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  if (point.step >= end_) return later_.choose_thread(point);
  if (std::exchange(starts_, false) && point.current_runnable) return point.current;
  const sim::thread_id chosen = whose_turn(point);
  const sim::operation& next = point.next[chosen];
  starts_ = next.is_trusted || begins(next);
  if (next.kind == sim::operation_kind::task_poll && !std::exchange(polls_, true)) end_ = point.step + steps_max;
  return chosen;
}

}  // namespace heddle::check
