// An async mutex: waiting for it suspends the task instead of blocking its worker.
//
// How it works. See detail/lock_core.hpp. `with` runs a function under the lock and cannot hold it across a suspension;
// prefer it. `lock` gives a guard that can.
//
// Fairness. Waiters are served in the order in which they came. A task that runs may take a free lock before the waiter
// that was woken for it has its turn; it can do so until that waiter is polled, which then gets the lock at the next
// unlock. Where strict order matters, use a semaphore of one permit, which is first come, first served.
//
//     heddle::sync::mutex<std::vector<int>> log;
//     co_await log.with([](std::vector<int>& entries) { entries.push_back(1); });
//     auto guard = co_await log.lock();
//
// The coroutine resumes on its own runtime. Unlocking never runs it inline.
//
// Cancellation. A waiter that is dropped leaves the queue, and passes on what it was woken for. A dropped guard
// unlocks.
//
// Thread safety. Any thread, any task. The mutex outlives its guards and futures.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/lock_core.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/future.hpp"

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace heddle::sync {

template <class T = void>
class mutex;

namespace detail {

using heddle::detail::lock_core;
using heddle::detail::lock_waiter;

// Waits for a lock, and leaves the queue when destroyed.
class lock_attempt {
 public:
  explicit lock_attempt(lock_core& core) noexcept : core_(&core) {}
  // REQUIRES: `other` was not polled.
  lock_attempt(lock_attempt&& other) noexcept = default;
  lock_attempt& operator=(lock_attempt&&) = delete;
  ~lock_attempt() { core_->cancel(waiter_); }

  [[nodiscard]] bool poll(context& cx) noexcept { return core_->poll_lock(waiter_, cx.get_waker()); }

 private:
  lock_core* core_;
  lock_waiter waiter_;
};

// Unlocks at the end of a scope.
class unlock_scope {
 public:
  explicit unlock_scope(lock_core& core) noexcept : core_(core) {}
  unlock_scope(const unlock_scope&) = delete;
  unlock_scope& operator=(const unlock_scope&) = delete;
  ~unlock_scope() { core_.unlock(); }

 private:
  lock_core& core_;
};

// The guarded value of a mutex, or nothing.
template <class T>
struct guarded {
  template <class... Args>
  explicit guarded(std::in_place_t, Args&&... args) : value(std::forward<Args>(args)...) {}
  template <class Function>
  decltype(auto) apply(Function&& function) {
    return std::invoke(std::forward<Function>(function), value);
  }
  T value;
};
template <>
struct guarded<void> {
  explicit guarded(std::in_place_t) noexcept {}
  template <class Function>
  decltype(auto) apply(Function&& function) {
    return std::invoke(std::forward<Function>(function));
  }
};

}  // namespace detail

// Owns the lock of a mutex until it is destroyed.
template <class T>
class [[nodiscard("a guard that is dropped at once unlocks at once")]] mutex_guard {
 public:
  // Takes over a lock that is held; for the mutex.
  explicit mutex_guard(mutex<T>& owner) noexcept : owner_(&owner) {}
  mutex_guard(mutex_guard&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  mutex_guard& operator=(mutex_guard&& other) noexcept {
    mutex_guard old(std::move(*this));
    owner_ = std::exchange(other.owner_, nullptr);
    return *this;
  }
  mutex_guard(const mutex_guard&) = delete;
  mutex_guard& operator=(const mutex_guard&) = delete;
  ~mutex_guard() { unlock(); }

  // Unlocks now; the guard is empty then.
  void unlock() noexcept {
    if (owner_ != nullptr) std::exchange(owner_, nullptr)->core_.unlock();
  }

  // The guarded value. REQUIRES: not empty.
  template <class U = T>
    requires(!std::is_void_v<U>)
  U& operator*() const noexcept {
    HEDDLE_ASSERT(owner_ != nullptr, "the guard of a sync::mutex is used after it was unlocked or moved from");
    return owner_->guarded_.value;
  }
  template <class U = T>
    requires(!std::is_void_v<U>)
  U* operator->() const noexcept {
    return &**this;
  }

 private:
  mutex<T>* owner_;
};

// Ready with a guard once the lock is this future's.
template <class T>
class [[nodiscard("a lock is not taken until it is awaited")]] lock_future {
 public:
  explicit lock_future(mutex<T>& owner) noexcept : owner_(&owner), attempt_(owner.core_) {}

  poll_result<mutex_guard<T>> poll(context& cx) {
    if (!attempt_.poll(cx)) return pending;
    return mutex_guard<T>(*owner_);
  }

 private:
  mutex<T>* owner_;
  detail::lock_attempt attempt_;
};

// Ready with what `Function` returned, which ran under the lock.
template <class T, class Function>
class [[nodiscard("nothing is called until it is awaited")]] with_future {
  using called = decltype(std::declval<detail::guarded<T>&>().apply(std::declval<Function>()));
  static_assert(std::is_void_v<called> || std::is_object_v<called>,
                "the function given to with() returns a value or void: a reference would escape the lock");
  static_assert(!future<called>,
                "the function given to with() cannot be asynchronous; take a guard with lock() instead");

 public:
  with_future(mutex<T>& owner, Function function) noexcept(std::is_nothrow_move_constructible_v<Function>)
      : owner_(&owner), attempt_(owner.core_), function_(std::move(function)) {}

  poll_result<called> poll(context& cx) {
    if (!attempt_.poll(cx)) return pending;
    const detail::unlock_scope unlock(owner_->core_);
    if constexpr (std::is_void_v<called>) {
      owner_->guarded_.apply(std::move(function_));
      return ready;
    } else {
      return owner_->guarded_.apply(std::move(function_));
    }
  }

 private:
  mutex<T>* owner_;
  detail::lock_attempt attempt_;
  Function function_;
};

// Guards a T, or with `mutex<>` whatever its users agree on.
template <class T>
class mutex {
 public:
  // Makes the value from `args`.
  template <class... Args>
    requires(std::is_void_v<T> ? sizeof...(Args) == 0
                               : std::is_constructible_v<detail::guarded<T>, std::in_place_t, Args...>)
  explicit(sizeof...(Args) == 1) mutex(Args&&... args) : guarded_(std::in_place, std::forward<Args>(args)...) {
    heddle::detail::demand<heddle::detail::send_at<why::guarded_by_a_lock, T>>();
  }
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

  // Waits for the lock, calls `function(value)` (`function()` for mutex<>), unlocks, and yields what it returned.
  // Its exceptions pass through, after the unlock.
  template <class Function>
  with_future<T, std::decay_t<Function>> with(Function&& function) {
    return with_future<T, std::decay_t<Function>>(*this, std::forward<Function>(function));
  }

  // Waits for the lock, and yields a guard. The lock is then held until the guard goes, across suspensions too.
  lock_future<T> lock() noexcept { return lock_future<T>(*this); }

  // A guard, if the lock is free now.
  [[nodiscard]] std::optional<mutex_guard<T>> try_lock() noexcept {
    if (!core_.try_lock()) return std::nullopt;
    return std::optional<mutex_guard<T>>(std::in_place, *this);
  }

 private:
  friend mutex_guard<T>;
  friend lock_future<T>;
  template <class, class>
  friend class with_future;

  detail::lock_core core_;
  detail::guarded<T> guarded_;
};

}  // namespace heddle::sync
