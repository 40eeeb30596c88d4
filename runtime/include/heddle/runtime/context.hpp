// What a future is given when it is polled: the waker of the task that polls it.
//
// Thread safety. A context lives on the stack of the polling thread, for the duration of one poll.
#pragma once

#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/waker.hpp"

namespace heddle {

class context {
 public:
  // REQUIRES: `current` outlives the context.
  explicit context(const waker& current) noexcept : waker_(&current) {}

  // The waker to keep a clone of, when the poll is going to answer `pending`.
  HEDDLE_INHERITS_CODE const waker& get_waker() const noexcept { return *waker_; }

 private:
  const waker* waker_;
};

}  // namespace heddle
