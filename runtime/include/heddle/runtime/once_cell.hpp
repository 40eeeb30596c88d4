// A value that is made once, by the first task that needs it, while the others wait.
//
// How it works. A semaphore of one permit: who holds it initialises, and closes it when the value is there. When an
// initialiser fails or is dropped, the permit goes to who waits longest, and its initialiser runs.
//
//     heddle::sync::once_cell<connection> cell;
//     const connection* shared = co_await cell.get_or_init(&connect, address);   // task<connection>
//     connect(std::string)
//
// A temporary closure with captures inside a co_await expression is one of the shapes g++ 12 gets wrong; give the
// function and its arguments, as above, or name the future first.
//
// The coroutine resumes on its own runtime. The initialiser is polled by the task that awaits.
//
// Cancellation. Cancel-safe: dropped while it waits, it leaves the queue; dropped while it initialises, its initialiser
// is dropped and another one may begin.
//
// Thread safety. Any thread, any task. REQUIRES: outlives its futures; what it gives out lives as long as the cell.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/semaphore_core.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/future.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::sync {

// Why set() did not: there is a value, or one is being made.
enum class set_error : std::uint8_t { already_initialized, initializing };

template <class T>
class once_cell;

// Ready with the value of the cell, which its initialiser made if nobody had before.
template <class T, class Function, class... Args>
class [[nodiscard("nothing is initialised until it is awaited")]] init_future {
  using made = std::invoke_result_t<Function, Args...>;
  static_assert(future<made>, "the function given to get_or_init() returns a future, such as a task");
  static_assert(std::is_constructible_v<T, future_output_t<made>>,
                "the future of get_or_init() yields what the cell's value can be made from");

 public:
  template <class GivenFunction, class... GivenArgs>
  init_future(once_cell<T>& owner, std::in_place_t, GivenFunction&& function, GivenArgs&&... args)
      : owner_(&owner),
        waiter_(1),
        function_(std::forward<GivenFunction>(function)),
        args_(std::forward<GivenArgs>(args)...) {}
  init_future(init_future&&) = default;
  init_future& operator=(init_future&&) = delete;
  ~init_future() {
    if (holds_permit_) {
      give_up();
    } else {
      owner_->core_.cancel(waiter_);
    }
  }

  poll_result<const T*> poll(context& cx) {
    if (const T* value = owner_->get()) return value;
    if (!holds_permit_) {
      switch (owner_->core_.poll_acquire(waiter_, cx.get_waker())) {
        case heddle::detail::permit_status::pending:
          return pending;
        case heddle::detail::permit_status::closed:
          return owner_->get();
        case heddle::detail::permit_status::granted:
          break;
      }
      holds_permit_ = true;
    }
    try {
      return poll_initialiser(cx);
    } catch (...) {
      give_up();
      throw;
    }
  }

 private:
  poll_result<const T*> poll_initialiser(context& cx) {
    if (!initialiser_.has_value()) {
      std::apply([&](Args&... args) { initialiser_.emplace(std::invoke(std::move(function_), std::move(args)...)); },
                 args_);
    }
    auto result = initialiser_->poll(cx);
    if (result.is_pending()) return pending;
    const T* const value = owner_->publish(std::move(result).value());
    holds_permit_ = false;
    return value;
  }

  // Lets another initialise.
  void give_up() noexcept {
    initialiser_.reset();
    holds_permit_ = false;
    owner_->core_.release(1);
  }

  once_cell<T>* owner_;
  heddle::detail::permit_waiter waiter_;
  bool holds_permit_ = false;
  Function function_;
  std::tuple<Args...> args_;
  std::optional<made> initialiser_;  // while it holds the permit
};

template <class T>
class once_cell {
  static_assert(std::is_object_v<T>, "a once_cell holds an object");

 public:
  // Without a value.
  once_cell() noexcept = default;
  once_cell(const once_cell&) = delete;
  once_cell& operator=(const once_cell&) = delete;
  ~once_cell() = default;

  // The value, if it is there.
  [[nodiscard]] const T* get() const noexcept {
    // Acquire: pairs with publish(), so that the value is seen.
    return is_initialized_.load(std::memory_order_acquire) ? &*value_ : nullptr;
  }
  [[nodiscard]] bool is_initialized() const noexcept { return get() != nullptr; }

  // The value; if there is none, `function(args...)` is called and the future that it returns is awaited, by one task
  // at a time. Its exceptions pass through to that task; then the next one that waits tries. The result is never null.
  template <class Function, class... Args>
  auto get_or_init(Function&& function, Args&&... args) {
    heddle::detail::demand<heddle::detail::shared_at<why::shared_by_tasks, T>>();
    return init_future<T, std::decay_t<Function>, std::decay_t<Args>...>(
        *this, std::in_place, std::forward<Function>(function), std::forward<Args>(args)...);
  }

  // Sets the value, if there is none and none is being made.
  tl::expected<void, set_error> set(T value) {
    heddle::detail::demand<heddle::detail::shared_at<why::shared_by_tasks, T>>();
    switch (core_.try_acquire(1)) {
      case heddle::detail::permit_status::closed:
        return tl::unexpected(set_error::already_initialized);
      case heddle::detail::permit_status::pending:
        return tl::unexpected(set_error::initializing);
      case heddle::detail::permit_status::granted:
        break;
    }
    try {
      publish(std::move(value));
    } catch (...) {
      core_.release(1);
      throw;
    }
    return {};
  }

 private:
  template <class, class, class...>
  friend class init_future;

  // REQUIRES: the caller holds the permit, which is used up unless the value's constructor throws.
  template <class U>
  const T* publish(U&& made) {
    value_.emplace(std::forward<U>(made));
    // Release: pairs with get().
    is_initialized_.store(true, std::memory_order_release);
    core_.close();
    return &*value_;
  }

  heddle::detail::semaphore_core core_{1, "sync::once_cell"};
  std::optional<T> value_;                   // written by who holds the permit, before is_initialized_
  std::atomic<bool> is_initialized_{false};  // true once and for all
};

}  // namespace heddle::sync
