// Ticks again and again, at a fixed distance.
//
// How it works. One sleep that is set to the next tick whenever a tick is taken. The first tick of `interval` is at
// once. A tick that is taken late, by more than 5 ms, was missed; `missed_ticks` says how to go on:
//
//     period 10, ticks due at 0 10 20 30 40 50 …, and the task is away from 12 to 35:
//     burst   taken at 0 10 35 35 40 50    what was missed is made up for at once; the default
//     delay   taken at 0 10 35 45 55 65    the next is a period after the late one
//     skip    taken at 0 10 35 40 50 60    the next is at the next multiple of the period
//
//     heddle::interval_timer every = heddle::interval(std::chrono::seconds(1));
//     for (;;) {
//       co_await every.tick();
//       report();
//     }
//
// Resolution and the place where the coroutine resumes are those of `sleep`.
//
// Cancellation. Dropping a tick that is awaited loses nothing: the next `tick` waits for the same one.
//
// Thread safety. One thread at a time. May be moved until the first tick is awaited, as any future.
#pragma once

#include "heddle/runtime/future.hpp"
#include "heddle/runtime/send.hpp"
#include "heddle/runtime/sleep.hpp"

#include <chrono>
#include <cstdint>

namespace heddle {

enum class missed_ticks : std::uint8_t { burst, delay, skip };

class interval_timer {
 public:
  using clock = std::chrono::steady_clock;

  // Awaits the next tick of an interval, and gives the time at which it was due.
  class [[nodiscard("a tick does nothing until it is awaited")]] tick_future {
   public:
    using declare_send = declared_true<tick_future, "it is used by the task that uses the interval">;
    explicit tick_future(interval_timer& source) noexcept : source_(&source) {}
    poll_result<clock::time_point> poll(context& cx) { return source_->poll_tick(cx); }

   private:
    interval_timer* source_;
  };

  // REQUIRES: period > 0.
  interval_timer(clock::time_point first, clock::duration period);

  // REQUIRES: the interval outlives it.
  tick_future tick() noexcept { return tick_future(*this); }
  // Ready with the time at which the tick was due. Throws as a sleep does.
  poll_result<clock::time_point> poll_tick(context& cx);

  void set_missed_ticks(missed_ticks behaviour) noexcept { missed_ = behaviour; }
  missed_ticks get_missed_ticks() const noexcept { return missed_; }
  // When the next tick is due.
  clock::time_point next_tick() const noexcept { return sleep_.deadline(); }
  clock::duration period() const noexcept { return period_; }

  // The next tick is one period from now; now; `delay` from now; at `deadline`. The others follow from there.
  void reset() noexcept;
  void reset_immediately() noexcept;
  template <class Rep, class Period>
  void reset_after(std::chrono::duration<Rep, Period> delay) noexcept {
    sleep_.reset(detail::deadline_after(delay));
  }
  void reset_at(clock::time_point deadline) noexcept { sleep_.reset(deadline); }

 private:
  clock::time_point next_after(clock::time_point due, clock::time_point now) const noexcept;

  sleep_future sleep_;
  clock::duration period_;
  missed_ticks missed_ = missed_ticks::burst;
};

namespace detail {

// As far as the clock reaches.
template <class Rep, class Period>
std::chrono::steady_clock::duration clock_duration(std::chrono::duration<Rep, Period> length) {
  using clock = std::chrono::steady_clock;
  const std::chrono::duration<double> seconds = length;
  // A second of margin covers the rounding of double.
  if (seconds >= std::chrono::duration<double>(clock::duration::max()) - std::chrono::seconds(1)) {
    return clock::duration::max();
  }
  return std::chrono::ceil<clock::duration>(length);
}

}  // namespace detail

// A tick at once, and then every `period`. REQUIRES: period > 0.
template <class Rep, class Period>
interval_timer interval(std::chrono::duration<Rep, Period> period) {
  return interval_timer(std::chrono::steady_clock::now(), detail::clock_duration(period));
}

// A tick at `first`, and then every `period`. REQUIRES: period > 0.
template <class Rep, class Period>
interval_timer interval_at(std::chrono::steady_clock::time_point first, std::chrono::duration<Rep, Period> period) {
  return interval_timer(first, detail::clock_duration(period));
}

}  // namespace heddle
