// What a future is given when it is polled: the waker of the task that polls it, and the budget of this poll.
//
// How it works. A task that never waits must not keep its worker from others. So a spawned task, and the task
// of a block_on, has a budget of 128 for each time it is polled. Every future that a coroutine awaits and finds ready
// takes one from it (tasks do not: what they await does). When nothing is left, the next such await asks for another
// poll of the task and suspends, without polling its future. This is Tokio's cooperative budget, but kept by the
// `co_await` itself, and so it holds for the futures of users too. The budget is a number on the stack of the poll: no
// thread-local, no atomic. unconstrained.hpp takes a future out of it.
//
// Who polls by hand with a context of his own has no budget, and is never interrupted. A future that polls
// another one in a loop inside its own poll, as a stream does, asks `may_proceed` before each round and says
// `made_progress` after it. Who polls with a waker of its own but on behalf of the task makes a context that shares the
// budget.
//
// Thread safety. A context lives on the stack of the polling thread, for the duration of one poll.
#pragma once

#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/waker.hpp"

#include <cstdint>

namespace heddle {

// How many ready futures a task may await in one poll. Lives on the stack of the poll.
class poll_budget {
 public:
  static constexpr std::uint32_t initial = 128;

  HEDDLE_INHERITS_CODE poll_budget() noexcept {}
  poll_budget(const poll_budget&) = delete;
  poll_budget& operator=(const poll_budget&) = delete;

 private:
  friend class context;
  std::uint32_t left_ = initial;
};

class context {
 public:
  // Without a budget. REQUIRES: `current` outlives the context.
  explicit context(const waker& current) noexcept : waker_(&current) {}
  // With a budget. REQUIRES: both outlive the context.
  context(const waker& current, poll_budget& budget) noexcept : waker_(&current), left_(&budget.left_) {}
  // Another waker, and the budget of `outer`, if it has one. REQUIRES: both outlive the context.
  context(const waker& current, const context& outer) noexcept : waker_(&current), left_(outer.left_) {}

  // The waker to keep a clone of, when the poll is going to answer `pending`.
  HEDDLE_INHERITS_CODE const waker& get_waker() const noexcept { return *waker_; }

  // Whether there is budget left. If not, the waker has been woken, and the future answers `pending`.
  [[nodiscard]] HEDDLE_INHERITS_CODE bool may_proceed() const noexcept {
    if (left_ == nullptr || *left_ > 0) [[likely]]
      return true;
    waker_->wake_by_ref();
    return false;
  }
  // Takes one from the budget, if any is left.
  HEDDLE_INHERITS_CODE void made_progress() const noexcept {
    if (left_ != nullptr && *left_ > 0) --*left_;
  }

 private:
  const waker* waker_;
  std::uint32_t* left_ = nullptr;  // null: no budget
};

}  // namespace heddle
