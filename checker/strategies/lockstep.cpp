#include "strategies/lockstep.hpp"

namespace heddle::check {

sim::thread_id lockstep_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  if (point.step >= steps_max) return later_.choose_thread(point);
  if (starts_ && point.current_runnable) {
    starts_ = false;
    return point.current;
  }
  // The next older one than the thread that ran last, or the youngest of all.
  sim::thread_id best = point.runnable.front();
  const auto turns_until = [&](sim::thread_id one) { return point.current - one - 1; };  // modulo 2^32
  for (const sim::thread_id one : point.runnable) {
    if (turns_until(one) < turns_until(best)) best = one;
  }
  starts_ = point.next[best].kind == sim::operation_kind::thread_start;
  return best;
}

}  // namespace heddle::check
