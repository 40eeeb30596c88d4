// A lazy coroutine: the unit that is awaited, polled, spawned and dropped.
//
// How it works. Calling a function that returns `task<T>` creates its frame and runs nothing. The body runs
// when the task is awaited by another task, polled by hand, spawned, or given to `block_on`. It resumes on
// the thread that polls its root task: a worker for a spawned task. Awaiting goes through a trampoline
// (detail/frame.hpp), so neither loops of awaits nor long chains use the stack.
//
//     heddle::task<int> answer() { co_return 42; }
//     heddle::task<> caller() { int a = co_await answer(); ... }
//
// Cancellation. Destroying a task destroys its frame, and those of the tasks it awaits, innermost first:
// locals run their destructors at the `co_await` where they are suspended. A task that was never started only
// destroys its parameters. REQUIRES: a task is not destroyed while it is being polled.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/await.hpp"
#include "heddle/runtime/detail/frame.hpp"
#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/future.hpp"

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

namespace heddle {

template <class T = void>
class task;

namespace detail {

template <class T>
class task_promise;

template <class A>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

class task_promise_base : public frame {
 public:
  using frame::frame;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }

  // The default arguments name the place of the `co_await`, for the observer's report.
  template <class Awaited>
  HEDDLE_RUNTIME_CODE auto await_transform(Awaited&& awaited, const char* file = __builtin_FILE(),
                                           const char* function = __builtin_FUNCTION(),
                                           unsigned line = __builtin_LINE()) {
    using operand = std::remove_reference_t<Awaited>;
    static_assert(future<operand>,
                  "co_await inside a heddle::task takes a heddle future: a type with poll(context&) -> poll_result<T>");
    hooks::await_begins(hooks::source_place{file, function, line});
    if constexpr (is_task<operand>) {
      return task_awaiter<typename operand::promise_type>(awaited.release());
    } else {
      return future_awaiter<operand>(awaited);
    }
  }

 protected:
  ~task_promise_base() = default;
};

template <class T>
class task_promise final : public task_promise_base {
 public:
  task_promise() noexcept : task_promise_base(std::coroutine_handle<task_promise>::from_promise(*this)) {}

  task<T> get_return_object() noexcept;
  void unhandled_exception() noexcept { result_.set_exception(std::current_exception()); }
  template <class U = T>
    requires std::convertible_to<U, T>
  void return_value(U&& value) {
    result_.set_value(std::forward<U>(value));
  }

  HEDDLE_INHERITS_CODE T take_result() { return result_.take(); }

 private:
  outcome<T> result_;
};

template <>
class task_promise<void> final : public task_promise_base {
 public:
  task_promise() noexcept : task_promise_base(std::coroutine_handle<task_promise>::from_promise(*this)) {}

  task<void> get_return_object() noexcept;
  void unhandled_exception() noexcept { result_.set_exception(std::current_exception()); }
  void return_void() noexcept { result_.set_value(); }

  HEDDLE_INHERITS_CODE void take_result() { result_.take(); }

 private:
  outcome<void> result_;
};

}  // namespace detail

// A lazy coroutine that yields T. Move-only; a moved-from task may only be destroyed or assigned to.
template <class T>
class [[nodiscard("a task does nothing until it is awaited or spawned")]] task {
  static_assert(std::is_void_v<T> || std::is_object_v<T>, "a task yields a value or void; for a reference, a pointer");

 public:
  using promise_type = detail::task_promise<T>;

  task() noexcept = default;
  task(task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    task old(std::move(*this));
    promise_ = std::exchange(other.promise_, nullptr);
    return *this;
  }
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() {
    if (promise_ != nullptr) detail::destroy_chain(*promise_);
  }

  // Runs the task on the calling thread until it is done or pending. Its exception is rethrown once.
  // REQUIRES: the task is not empty and not done.
  HEDDLE_INHERITS_CODE poll_result<T> poll(context& cx) {
    HEDDLE_ASSERT(promise_ != nullptr, "an empty task is polled: it was moved from, awaited or default made");
    if (!detail::poll_chain(*promise_, cx)) return pending;
    if constexpr (std::is_void_v<T>) {
      promise_->take_result();
      return ready;
    } else {
      return promise_->take_result();
    }
  }

  // Whether there is a coroutine to poll.
  explicit operator bool() const noexcept { return promise_ != nullptr; }

 private:
  friend detail::task_promise<T>;
  friend detail::task_promise_base;

  explicit task(promise_type& promise) noexcept : promise_(&promise) {}

  // Gives the frame to the chain that awaits it.
  HEDDLE_INHERITS_CODE promise_type& release() noexcept {
    HEDDLE_ASSERT(promise_ != nullptr, "an empty task is awaited: it was moved from, awaited before or default made");
    promise_type& released = *promise_;
    promise_ = nullptr;
    return released;
  }

  promise_type* promise_ = nullptr;
};

namespace detail {
template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(*this);
}
inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(*this);
}
}  // namespace detail

}  // namespace heddle
