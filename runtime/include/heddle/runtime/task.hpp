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

#include "heddle/runtime/detail/coroutine.hpp"
#include "heddle/runtime/detail/send_check.hpp"

#include <utility>

namespace heddle {

template <class T>
class dyn_task;
template <class T = void>
class task;

namespace detail {

template <class T>
class task_promise : public result_promise<T, locality::anywhere> {
 public:
  task<T> get_return_object() noexcept;
};

}  // namespace detail

// A lazy coroutine that yields T. Move-only; a moved-from task may only be destroyed or assigned to. See
// detail/coroutine.hpp for poll and operator bool.
template <class T>
class [[nodiscard("a task does nothing until it is awaited or spawned")]] task
    : public detail::owned_coroutine<T, detail::locality::anywhere> {
 public:
  using promise_type = detail::task_promise<T>;

  task() noexcept = default;

 private:
  friend promise_type;
  friend dyn_task<T>;

  using owned = detail::owned_coroutine<T, detail::locality::anywhere>;
  explicit task(promise_type& promise) noexcept : owned(promise) {}
  explicit task(owned&& other) noexcept : owned(std::move(other)) {}
};

namespace detail {
template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(*this);
}
}  // namespace detail

}  // namespace heddle

// With the rules of send, see docs/send.md.
template <class T, class... Parameters>
struct std::coroutine_traits<heddle::task<T>, Parameters...>
    : heddle::detail::send_checked_traits<heddle::detail::task_promise<T>, T, Parameters...> {};
