// Takes a future out of the cooperative budget of the task that polls it.
//
// How it works. The inner future is polled with the same waker and no budget (context.hpp), so that it goes on for
// as long as what it awaits is ready, and the coroutine resumes where it always does.
//
//     auto forwarding = heddle::unconstrained(forward(inbox, outbox));
//     co_await forwarding;  // is not interrupted after 128 messages; other tasks of the worker wait for it
//
// Errors pass through. Cancellation: dropping it drops the future, unless that was given as an lvalue.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/future.hpp"

#include <utility>

namespace heddle {

// F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("it does nothing until it is awaited")]] unconstrained_future {
 public:
  explicit unconstrained_future(std::in_place_t, F&& inner) : inner_(std::forward<F>(inner)) {}

  poll_result<future_output_t<F>> poll(context& cx) {
    context unlimited(cx.get_waker());
    return inner_.poll(unlimited);
  }

 private:
  detail::branch<F> inner_;
};

// `inner`, without a budget.
template <class F>
  requires future<F>
unconstrained_future<F> unconstrained(F&& inner) {
  return unconstrained_future<F>(std::in_place, std::forward<F>(inner));
}

}  // namespace heddle
