// When the next tick of an interval is due; see interval.hpp. Thread safety: one thread at a time.
#include "heddle/runtime/interval.hpp"

#include "heddle/runtime/assert.hpp"

namespace heddle {

namespace {

using clock = interval_timer::clock;

// A tick that is taken later than this was missed. Less is the usual lateness of timers and schedulers.
constexpr std::chrono::milliseconds lateness_max{5};

// REQUIRES: by >= 0.
clock::time_point later(clock::time_point from, clock::duration by) noexcept {
  if (from.time_since_epoch() > clock::duration::zero() && by > clock::time_point::max() - from) {
    return clock::time_point::max();
  }
  return from + by;
}

}  // namespace

interval_timer::interval_timer(clock::time_point first, clock::duration period) : sleep_(first), period_(period) {
  HEDDLE_ASSERT(period > clock::duration::zero(), "the period of an interval is more than zero");
}

poll_result<interval_timer::clock::time_point> interval_timer::poll_tick(context& cx) {
  if (sleep_.poll(cx).is_pending()) return pending;
  const clock::time_point due = sleep_.deadline();
  sleep_.reset(next_after(due, clock::now()));
  return due;
}

interval_timer::clock::time_point interval_timer::next_after(clock::time_point due,
                                                             clock::time_point now) const noexcept {
  if (now <= later(due, lateness_max)) return later(due, period_);
  switch (missed_) {
    case missed_ticks::burst:
      return later(due, period_);
    case missed_ticks::delay:
      return later(now, period_);
    case missed_ticks::skip:
      break;
  }
  return later(now, period_ - (now - due) % period_);
}

void interval_timer::reset() noexcept {
  sleep_.reset(later(clock::now(), period_));
}

void interval_timer::reset_immediately() noexcept {
  sleep_.reset(clock::now());
}

}  // namespace heddle
