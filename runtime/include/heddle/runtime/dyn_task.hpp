// What a virtual member function returns that is asynchronous: a task whatever is behind it.
//
// How it works. A `dyn_task<T>` owns a coroutine, as task<T> does, or any other future that was converted to one, which
// is put into a coroutine's frame for that. It can be the return type of a coroutine itself, and a task<T> converts to
// it at no cost. Awaiting one costs what awaiting a task costs: the only indirection is the virtual call that made it.
//
//     struct store {
//       virtual ~store() = default;
//       virtual heddle::dyn_task<std::string> read(std::string key) = 0;
//     };
//     struct remote_store : store {
//       using declare_send = heddle::declared_true<remote_store, "it owns its connection">;   // see docs/send.md
//       heddle::dyn_task<std::string> read(std::string key) override { co_return co_await fetch(std::move(key)); }
//     };
//     struct cached_store : store {   // no coroutine, so nobody asks
//       heddle::dyn_task<std::string> read(std::string key) override { return heddle::ready_value(find(key)); }
//     };
//
// A task may await it on any thread, so what it holds follows the rules of task<T>. REQUIRES: the object whose member
// function it is outlives it.
//
// The coroutine resumes on the thread that polls it. Cancellation: destroying it destroys what it owns. Thread
// safety: one thread at a time.
#pragma once

#include "heddle/runtime/detail/coroutine.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/task.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

namespace heddle {

template <class T = void>
class dyn_task;

namespace detail {

template <class T>
class dyn_task_promise : public result_promise<T, locality::anywhere> {
 public:
  dyn_task<T> get_return_object() noexcept;
};

template <class T, class F>
concept boxable = future<F> && !is_coroutine<F> && !std::is_reference_v<F> && std::move_constructible<F> &&
                  (std::is_void_v<T> || std::convertible_to<future_output_t<F>, T>);

// Any future in a coroutine's frame.
template <class T, class F>
task<T> boxed(F inner) {
  if constexpr (std::is_void_v<T>) {
    static_cast<void>(co_await inner);
  } else {
    co_return co_await inner;
  }
}

}  // namespace detail

template <class T>
class [[nodiscard("a task does nothing until it is awaited")]] dyn_task
    : public detail::owned_coroutine<T, detail::locality::anywhere> {
  using owned = detail::owned_coroutine<T, detail::locality::anywhere>;

 public:
  using promise_type = detail::dyn_task_promise<T>;

  dyn_task() noexcept = default;
  dyn_task(task<T> body) noexcept
      : owned(std::move(body)) {}  // NOLINT(google-explicit-constructor): that is its purpose
  // Any other future, moved into a frame of its own.
  template <class F>
    requires detail::boxable<T, F>
  dyn_task(F inner) : dyn_task(detail::boxed<T>(std::move(inner))) {}  // NOLINT(google-explicit-constructor): as above

  // The same coroutine as a task, say to spawn it. This one is empty then.
  task<T> into_task() && noexcept { return task<T>(static_cast<owned&&>(*this)); }

 private:
  friend promise_type;
  explicit dyn_task(promise_type& promise) noexcept : owned(promise) {}
};

namespace detail {
template <class T>
dyn_task<T> dyn_task_promise<T>::get_return_object() noexcept {
  return dyn_task<T>(*this);
}
}  // namespace detail

// A future that is ready with a value: for functions that have it at once.
template <class T>
class [[nodiscard("a future does nothing until it is awaited")]] ready_future {
 public:
  explicit ready_future(T value) noexcept(std::is_nothrow_move_constructible_v<T>) : value_(std::move(value)) {}
  // REQUIRES: not ready before.
  poll_result<T> poll(context&) { return std::move(value_); }

 private:
  T value_;
};

template <class T>
ready_future<std::decay_t<T>> ready_value(T&& value) {
  return ready_future<std::decay_t<T>>(std::forward<T>(value));
}

}  // namespace heddle

// With the rules of send, see docs/send.md.
template <class T, class... Parameters>
struct std::coroutine_traits<heddle::dyn_task<T>, Parameters...>
    : heddle::detail::send_checked_traits<heddle::detail::dyn_task_promise<T>, T, Parameters...> {};
