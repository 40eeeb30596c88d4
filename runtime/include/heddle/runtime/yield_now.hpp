// Lets other tasks run.
//
// How it works. Pending once, after waking its own task: the task goes behind those that are runnable already. It
// resumes on its runtime, not always on the same worker.
//
// Cancellation. Dropping it has no effect. Thread safety: one thread at a time.
#pragma once

#include "heddle/runtime/future.hpp"

#include <utility>

namespace heddle {

class [[nodiscard("a yield does nothing until it is awaited")]] yield_future {
 public:
  constexpr yield_future() noexcept = default;

  poll_result<> poll(context& cx) noexcept {
    if (std::exchange(has_yielded_, true)) return ready;
    cx.get_waker().wake_by_ref();
    return pending;
  }

 private:
  bool has_yielded_ = false;
};

// Ready at the second poll.
inline yield_future yield_now() noexcept {
  return {};
}

}  // namespace heddle
