// What a future is given when it is polled: the waker of the task that polls it, and the budget of this poll.
//
// How it works. A task that never waits must not keep its worker from others. So a spawned task, and the task
// of a block_on, has a budget of 128 for each time it is polled. Every future that a coroutine awaits and finds ready
// takes one from it (tasks do not: what they await does). When nothing is left, the next such await asks for another
// poll of the task and suspends, without polling its future. This is Tokio's cooperative budget, but kept by the
// `co_await` itself, and so it holds for the futures of users too. The budget is a number on the stack of the poll: no
// thread-local, no atomic. unconstrained.hpp takes a future out of it.
//
// Who only wants to be polled again says so with `yield`. A task that polls with its own waker need not be woken for
// that, which would cost an atomic operation: it sees the request when the poll ends.
//
// Who polls by hand with a context of his own has no budget, and is never interrupted. A future that polls
// another one in a loop inside its own poll, as a stream does, asks `may_proceed` before each round and says
// `made_progress` after it. Who polls with a waker of its own but on behalf of the task makes a context that shares the
// budget.
//
// Thread safety. A context lives on the stack of the polling thread, for the duration of one poll.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/waker.hpp"

#include <cstdint>

namespace heddle {

namespace detail {

class task_header;

}  // namespace detail

// How many ready futures a task may await in one poll. Lives on the stack of the poll.
class poll_budget {
 public:
  static constexpr std::uint32_t initial = 128;

  HEDDLE_INHERITS_CODE poll_budget() noexcept {}
  poll_budget(const poll_budget&) = delete;
  poll_budget& operator=(const poll_budget&) = delete;

 private:
  friend class context;
  friend class detail::task_header;
  std::uint32_t left_ = initial;
  bool has_yielded_ = false;  // the task is to be polled again
};

class context {
 public:
  // Without a budget. REQUIRES: `current` outlives the context.
  explicit context(const waker& current) noexcept : waker_(&current) {}
  // With a budget. REQUIRES: both outlive the context.
  context(const waker& current, poll_budget& budget) noexcept : waker_(&current), budget_(&budget) {}
  // Another waker, and the budget of `outer`, if it has one. REQUIRES: both outlive the context.
  context(const waker& current, const context& outer) noexcept : waker_(&current), budget_(outer.budget_) {}

  // The waker to keep a clone of, when the poll is going to answer `pending`.
  HEDDLE_INHERITS_CODE const waker& get_waker() const noexcept { return *waker_; }

  // Whether there is budget left. If not, the waker has been woken, and the future answers `pending`.
  [[nodiscard]] HEDDLE_INHERITS_CODE bool may_proceed() const noexcept {
    if (budget_ == nullptr || budget_->left_ > 0) [[likely]]
      return true;
    yield();
    return false;
  }
  // Takes one from the budget, if any is left.
  HEDDLE_INHERITS_CODE void made_progress() const noexcept {
    if (budget_ != nullptr && budget_->left_ > 0) --budget_->left_;
  }

  // Asks for another poll, after those of the tasks that can run already. For a future that answers `pending` now.
  HEDDLE_INHERITS_CODE void yield() const noexcept {
    if (task_ == nullptr) return waker_->wake_by_ref();
    const hooks::wake_scope woken(task_);
    budget_->has_yielded_ = true;
  }

 private:
  friend class detail::task_header;

  // Of a task that looks at the budget when the poll has ended.
  context(const waker& current, poll_budget& budget, const void* task) noexcept
      : waker_(&current), budget_(&budget), task_(task) {}

  const waker* waker_;
  poll_budget* budget_ = nullptr;  // null: none
  const void* task_ = nullptr;     // null: the waker is what asks for a poll
};

}  // namespace heddle
