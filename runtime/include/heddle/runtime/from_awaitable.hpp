// Awaits an awaitable of another library, one with await_suspend(handle), inside a task.
//
// How it works. The awaitable is moved into a small coroutine of its own, which awaits it and then passes what it gave
// to the future that is polled here. The foreign side resumes that small coroutine, on whatever thread it likes; the
// task is only woken there, and resumes on its own runtime. Nothing is started before the first poll. One allocation,
// and another for the shared state.
//
//     auto lines = heddle::from_awaitable(other::read_line(socket));
//     std::string line = co_await lines;
//
// Errors. The exception of the awaitable is rethrown where the task resumes. A foreign side that destroys the handle
// instead of resuming it makes the await throw tl::bad_expected_access.
//
// Cancellation. A foreign operation cannot be taken back: dropping the future before it was polled destroys the
// awaitable; after that the operation goes on, and its result is destroyed when it comes. One that never resumes its
// handle leaks its small coroutine.
//
// Thread safety. The future: one thread at a time. The foreign side: any thread.
#pragma once

#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/send.hpp"

#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {

template <class A>
concept has_member_co_await = requires(A&& a) { std::forward<A>(a).operator co_await(); };
template <class A>
concept has_free_co_await = requires(A&& a) { operator co_await(std::forward<A>(a)); };

// The awaiter that the language would use.
template <class A>
decltype(auto) awaiter_of(A&& a) {
  if constexpr (has_member_co_await<A>) {
    return std::forward<A>(a).operator co_await();
  } else if constexpr (has_free_co_await<A>) {
    return operator co_await(std::forward<A>(a));
  } else {
    return std::forward<A>(a);
  }
}

template <class A>
using awaiter_t = std::remove_reference_t<decltype(awaiter_of(std::declval<A>()))>;

// What the awaitable gives, without a reference.
template <class A>
using awaited_output_t = std::remove_cvref_t<decltype(std::declval<awaiter_t<A>&>().await_resume())>;

// The small coroutine: starts at once, and destroys itself at its end.
struct foreign_wait {
  struct promise_type {
    foreign_wait get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    // await_for catches everything.
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <class T>
using foreign_outcome = std::unique_ptr<outcome<T>>;

template <class T, class A>
foreign_wait await_for(A awaited, oneshot::sender<foreign_outcome<T>> receiver) {
  auto result = std::make_unique<outcome<T>>();
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(awaited);
      result->set_value();
    } else {
      result->set_value(co_await std::move(awaited));
    }
  } catch (...) {
    result->set_exception(std::current_exception());
  }
  static_cast<void>(receiver.send(std::move(result)));
}

}  // namespace detail

// A type that a coroutine could `co_await` without the help of its promise.
template <class A>
concept foreign_awaitable = std::move_constructible<A> && requires(detail::awaiter_t<A>& awaiter) {
  { awaiter.await_ready() } -> std::convertible_to<bool>;
  awaiter.await_suspend(std::coroutine_handle<>());
  awaiter.await_resume();
};

template <foreign_awaitable A>
class [[nodiscard("nothing is awaited until it is awaited")]] foreign_future {
  using output = detail::awaited_output_t<A>;

 public:
  using declare_send = declared_true<foreign_future, "what it awaits is resumed on threads of its own library anyway">;

  explicit foreign_future(A awaited) noexcept(std::is_nothrow_move_constructible_v<A>)
      : awaited_(std::in_place, std::move(awaited)) {}

  // REQUIRES: not ready before.
  poll_result<output> poll(context& cx) {
    if (awaited_.has_value()) start();
    auto received = result_->poll(cx);
    if (received.is_pending()) return pending;
    // The small coroutine always sends, or is leaked by the foreign side.
    detail::foreign_outcome<output> result = std::move(received.value()).value();
    if constexpr (std::is_void_v<output>) {
      result->take();
      return ready;
    } else {
      return poll_result<output>(std::in_place, result->take());
    }
  }

 private:
  void start() {
    auto [sender, receiver] = oneshot::channel<detail::foreign_outcome<output>>();
    result_.emplace(std::move(receiver));
    A awaited = std::move(*awaited_);
    awaited_.reset();
    detail::await_for<output>(std::move(awaited), std::move(sender));
  }

  std::optional<A> awaited_;  // until the first poll
  std::optional<oneshot::receiver<detail::foreign_outcome<output>>> result_;
};

// `awaited` as a future.
template <class A>
  requires foreign_awaitable<std::decay_t<A>>
foreign_future<std::decay_t<A>> from_awaitable(A&& awaited) {
  return foreign_future<std::decay_t<A>>(std::forward<A>(awaited));
}

}  // namespace heddle
