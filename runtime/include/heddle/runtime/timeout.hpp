// Limits the time a future may take.
//
// How it works. Polls the future first and the timer second, so that a future that is ready in time wins. Both
// are polled by the awaiting task, which is where the coroutine resumes.
//
//     auto result = co_await heddle::timeout(std::chrono::hours(1), read(connection));
//     if (!result) ...  // it took longer
//
// Cancellation. When the time is over, or the timeout is dropped, a future given by value is destroyed with it,
// at the end of the full expression that awaits; one given as an lvalue is left alone, and can be polled on.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/runtime/future.hpp"
#include "heddle/runtime/sleep.hpp"

#include <chrono>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle {

// The time given to timeout() is over.
struct elapsed {
  friend constexpr bool operator==(elapsed, elapsed) noexcept = default;
};

// F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("a timeout does nothing until it is awaited")]] timeout_future {
 public:
  using output = future_output_t<F>;
  using result = tl::expected<output, elapsed>;

  timeout_future(std::chrono::steady_clock::time_point deadline, F&& limited)
      : limited_(std::forward<F>(limited)), sleep_(deadline) {}

  poll_result<result> poll(context& cx) {
    if constexpr (std::is_void_v<output>) {
      if (limited_.poll(cx).is_ready()) return poll_result<result>(std::in_place);
    } else {
      poll_result<output> inner = limited_.poll(cx);
      if (inner.is_ready()) return poll_result<result>(std::in_place, std::move(inner).value());
    }
    if (sleep_.poll(cx).is_ready()) return poll_result<result>(std::in_place, tl::unexpect, elapsed());
    return pending;
  }

 private:
  F limited_;
  sleep_future sleep_;
};

// `limited`'s value if it is ready within `delay` of this call, else `elapsed`. Its exceptions pass through.
template <class Rep, class Period, class F>
  requires future<F>
timeout_future<F> timeout(std::chrono::duration<Rep, Period> delay, F&& limited) {
  return timeout_future<F>(detail::deadline_after(delay), std::forward<F>(limited));
}

// The same with a point in time: `limited`'s value if it is ready before `deadline`.
template <class F>
  requires future<F>
timeout_future<F> timeout_at(std::chrono::steady_clock::time_point deadline, F&& limited) {
  return timeout_future<F>(deadline, std::forward<F>(limited));
}

}  // namespace heddle
