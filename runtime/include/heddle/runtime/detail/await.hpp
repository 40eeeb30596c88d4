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
#include "heddle/runtime/future.hpp"

#include <coroutine>
#include <exception>
#include <memory>

namespace heddle::detail {

// Awaits a future other than a task.
template <class F>
class future_awaiter final : private leaf {
  using output = future_output_t<F>;

 public:
  explicit future_awaiter(F& operand) noexcept : leaf(&poll_operand), operand_(std::addressof(operand)) {}

  bool await_ready() const noexcept { return false; }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    frame& self = awaiting.promise();
    if (poll(self.current_context())) return false;
    self.wait_for(*this);
    return true;
  }

  output await_resume() {
    hooks::await_ends();
    return result_.take();
  }

 private:
  static bool poll_operand(leaf& self, context& cx) noexcept { return static_cast<future_awaiter&>(self).poll(cx); }

  // An exception of the operand is rethrown where the coroutine resumes.
  bool poll(context& cx) noexcept {
    try {
      if constexpr (std::is_void_v<output>) {
        if (operand_->poll(cx).is_pending()) return false;
        result_.set_value();
      } else {
        poll_result<output> result = operand_->poll(cx);
        if (result.is_pending()) return false;
        result_.set_value(std::move(result).value());
      }
    } catch (...) {
      result_.set_exception(std::current_exception());
    }
    return true;
  }

  F* operand_;
  outcome<output> result_;
};

// Awaits a task whose frame the awaiting chain has taken over.
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

  auto await_resume() {
    hooks::await_ends();
    const frame_owner owner(*child_);
    return child_->take_result();
  }

 private:
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
