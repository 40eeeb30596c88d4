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
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/future.hpp"

#include <coroutine>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace heddle::detail {

// A future whose readiness and value can be asked for one after the other, so that the value need not be kept in
// between. In a checked build both are one operation of the runtime, and such a future is awaited as any other.
template <class F>
concept stepwise_future = !HEDDLE_CHECKED && requires(F& future, context& cx) {
  typename F::awaited_in_steps;
  { future.poll_finished(cx) } -> std::same_as<bool>;
  { future.take() } -> std::same_as<future_output_t<F>>;
};

// Where the value of a future is between its last poll and the end of the await: both are steps of one poll of the
// task, so that nobody asks meanwhile whether there is one.
template <class T>
class awaited_value {
 public:
  HEDDLE_INHERITS_CODE awaited_value() noexcept {}
  awaited_value(const awaited_value&) = delete;
  awaited_value& operator=(const awaited_value&) = delete;
  HEDDLE_INHERITS_CODE ~awaited_value() {}

  HEDDLE_INHERITS_CODE void set(T&& value) { ::new (static_cast<void*>(&value_)) T(std::move(value)); }
  T take() {
    const destroyed_at_end end{value_};
    return std::move(value_);
  }

 private:
  struct destroyed_at_end {
    T& value;
    ~destroyed_at_end() { value.~T(); }
  };

  union {
    T value_;
  };
};

class no_value {};

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
    if constexpr (!cannot_fail) rethrow_if_failed();
  }
  // A value is the user's, and is moved by code of the user's.
  output take_result() {
    hooks::await_ends();
    if constexpr (stepwise_future<F>) {
      return operand_->take();
    } else {
      rethrow_if_failed();
      return value_.take();
    }
  }
  HEDDLE_INHERITS_CODE void rethrow_if_failed() {
    if (operand_ == nullptr) [[unlikely]]
      this->rethrow_exception();
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
    if constexpr (cannot_fail || stepwise_future<F>) {
      return poll_once(cx);
    } else {
      // An exception of the operand is rethrown where the coroutine resumes.
      try {
        return poll_once(cx);
      } catch (...) {
        operand_ = nullptr;
        this->catch_exception();
        return true;
      }
    }
  }
  HEDDLE_INHERITS_CODE bool poll_once(context& cx) noexcept(cannot_fail)
    requires std::is_void_v<output>
  {
    return !operand_->poll(cx).is_pending();
  }
  HEDDLE_INHERITS_CODE bool poll_once(context& cx) noexcept
    requires stepwise_future<F>
  {
    return operand_->poll_finished(cx);
  }
  bool poll_once(context& cx) {
    poll_result<output> result = operand_->poll(cx);
    if (result.is_pending()) return false;
    value_.set(std::move(result).value());
    return true;
  }

  F* operand_;  // null once its poll has thrown
  [[no_unique_address]] std::conditional_t<std::is_void_v<output> || stepwise_future<F>, no_value,
                                           awaited_value<output>> value_;
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
