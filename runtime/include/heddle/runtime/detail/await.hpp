// What `co_await` does inside a task: the awaiters of tasks and of all other futures.
//
// How it works. `await_transform` of the promise picks one of two awaiters. `task_awaiter` hands the
// child's frame to the chain (see frame.hpp). `future_awaiter` polls the operand where it stands, in the
// awaiting frame, and suspends if it is pending. Awaiters refer to their operand, which lives in the
// awaiting frame until the full expression ends, so nothing is moved after its first poll.
//
// Thread safety. Used by the thread that polls the task.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/frame.hpp"
#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/future.hpp"

#include <coroutine>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace heddle::detail {

// Awaits a future other than a task.
template <class F>
class future_awaiter final : private leaf {
  using output = future_output_t<F>;
  static constexpr bool cannot_fail =
      std::is_void_v<output> && noexcept(std::declval<F&>().poll(std::declval<context&>()));

 public:
  HEDDLE_RUNTIME_CODE explicit future_awaiter(F& operand) noexcept
      : leaf(&poll_operand), operand_(std::addressof(operand)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    return suspend(awaiting.promise());
  }
  // A part of the coroutine, so that debug information shows where it suspends: heddle-send-audit reads it.
  HEDDLE_INHERITS_CODE output await_resume() noexcept(cannot_fail) { return take_result(); }

 private:
  HEDDLE_RUNTIME_CODE void take_result() noexcept(cannot_fail)
    requires std::is_void_v<output>
  {
    hooks::await_ends();
    result_.take();
  }
  // A value is the user's, and is moved by code of the user's.
  output take_result() {
    hooks::await_ends();
    return result_.take();
  }
  HEDDLE_RUNTIME_CODE bool suspend(frame& self) noexcept {
    if (poll(self.current_context())) return false;
    self.wait_for(*this);
    return true;
  }
  HEDDLE_RUNTIME_CODE static bool poll_operand(leaf& self, context& cx) noexcept {
    return static_cast<future_awaiter&>(self).poll(cx);
  }

  HEDDLE_RUNTIME_CODE bool poll(context& cx) noexcept {
    if (!cx.may_proceed()) [[unlikely]]
      return false;
    if (!poll_caught(cx)) return false;
    cx.made_progress();
    return true;
  }
  HEDDLE_INHERITS_CODE bool poll_caught(context& cx) noexcept {
    if constexpr (cannot_fail) {
      return !operand_->poll(cx).is_pending();
    } else {
      // An exception of the operand is rethrown where the coroutine resumes.
      try {
        return poll_once(cx);
      } catch (...) {
        result_.set_exception(std::current_exception());
        return true;
      }
    }
  }
  HEDDLE_INHERITS_CODE bool poll_once(context& cx)
    requires std::is_void_v<output>
  {
    if (operand_->poll(cx).is_pending()) return false;
    result_.set_value();
    return true;
  }
  bool poll_once(context& cx) {
    poll_result<output> result = operand_->poll(cx);
    if (result.is_pending()) return false;
    result_.set_value(std::move(result).value());
    return true;
  }

  F* operand_;
  [[no_unique_address]] std::conditional_t<cannot_fail, no_outcome, outcome<output>> result_;
};

// Awaits a coroutine whose frame the awaiting chain has taken over.
template <class ChildPromise>
class task_awaiter final {
 public:
  explicit task_awaiter(ChildPromise& child) noexcept : child_(&child) {}

  // True for a task that was polled by hand to its end.
  bool await_ready() const noexcept { return child_->is_done(); }

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    static_cast<frame&>(awaiting.promise()).enter(*child_);
  }

  // A part of the coroutine, as future_awaiter's.
  HEDDLE_INHERITS_CODE auto await_resume() { return take_result(); }

 private:
  auto take_result() {
    hooks::await_ends();
    const frame_owner owner(*child_);
    return child_->take_result();
  }

  class frame_owner {
   public:
    explicit frame_owner(frame& owned) noexcept : owned_(&owned) {}
    frame_owner(const frame_owner&) = delete;
    frame_owner& operator=(const frame_owner&) = delete;
    ~frame_owner() { owned_->destroy(); }

   private:
    frame* owned_;
  };

  ChildPromise* child_;
};

}  // namespace heddle::detail
