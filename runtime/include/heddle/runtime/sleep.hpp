// Waits for a point in time.
//
// How it works. The deadline is fixed when the future is made. At its first poll the future registers with the
// timers of the runtime that polls it; the coroutine resumes on that runtime, at or after the deadline.
// Resolution is a millisecond: it never resumes early, and on an idle machine about a millisecond late at most. Adding
// and removing a timer takes constant time, with millions of them pending too.
//
//     co_await heddle::sleep(std::chrono::milliseconds(10));
//
// Cancellation. Destroying the future removes its timer at once, and leaves nothing behind.
//
// Errors. The first poll throws std::logic_error outside a runtime, unless the deadline has passed; and so does a later
// poll, by somebody else's executor, after the runtime has shut down.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/runtime/detail/timer_entry.hpp"
#include "heddle/runtime/future.hpp"

#include <chrono>

namespace heddle {

class [[nodiscard("a sleep does nothing until it is awaited")]] sleep_future {
 public:
  using clock = std::chrono::steady_clock;

  explicit sleep_future(clock::time_point deadline) noexcept : entry_(deadline) {}
  // REQUIRES: `other` was not polled.
  sleep_future(sleep_future&& other) noexcept;
  sleep_future& operator=(sleep_future&&) = delete;
  ~sleep_future();

  poll_result<> poll(context& cx);

  // Moves the deadline, before, while or after the sleep is awaited: one that was ready can be awaited again. A task
  // that waits on it is woken at the new deadline, without a poll in between.
  void reset(clock::time_point deadline) noexcept;

  clock::time_point deadline() const noexcept { return entry_.deadline; }

 private:
  [[nodiscard]] detail::timer_status start(const waker& current);

  detail::timer_entry entry_;
  detail::timer_driver* driver_ = nullptr;  // set while registered, which keeps the driver
};

namespace detail {

// `delay` from now, as far as the clock reaches.
template <class Rep, class Period>
std::chrono::steady_clock::time_point deadline_after(std::chrono::duration<Rep, Period> delay) {
  using clock = std::chrono::steady_clock;
  const clock::time_point now = clock::now();
  const std::chrono::duration<double> seconds = delay;
  const std::chrono::duration<double> left = clock::time_point::max() - now;
  // A second of margin covers the rounding of double.
  if (seconds >= left - std::chrono::seconds(1)) return clock::time_point::max();
  if (seconds <= std::chrono::duration<double>::zero()) return now;
  return now + std::chrono::ceil<clock::duration>(delay);
}

}  // namespace detail

// Ready once `delay` has passed since this call. A delay of zero or less is ready at once.
template <class Rep, class Period>
sleep_future sleep(std::chrono::duration<Rep, Period> delay) {
  return sleep_future(detail::deadline_after(delay));
}

// Ready at `deadline`.
inline sleep_future sleep_until(std::chrono::steady_clock::time_point deadline) {
  return sleep_future(deadline);
}

}  // namespace heddle
