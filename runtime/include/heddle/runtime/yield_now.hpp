// Lets other tasks run.
//
// How it works. Pending once, after it asked for another poll: the task goes behind those that are runnable already on
// its worker, and where there are none, goes on. It resumes on its runtime, not always on the same worker.
//
// Cancellation. Dropping it has no effect. Thread safety: one thread at a time.
#pragma once

#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/future.hpp"

namespace heddle {

class [[nodiscard("a yield does nothing until it is awaited")]] yield_future {
 public:
  constexpr yield_future() noexcept = default;

  HEDDLE_RUNTIME_CODE poll_result<> poll(context& cx) noexcept {
    if (has_yielded_) return ready;
    has_yielded_ = true;
    cx.yield();
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
