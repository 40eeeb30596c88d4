// An async reader-writer lock: many readers at a time, or one writer.
//
// How it works. A fair semaphore of readers_max permits: a reader takes one, a writer all of them. Who waits longest
// comes first, so a writer that waits is not overtaken by readers who come later, and cannot starve. A reader that
// awaits the lock while it holds a read guard waits for ever if a writer came between: do not.
//
//     heddle::sync::rw_lock<std::map<int, std::string>> table;
//     co_await table.with_write([](auto& map) { map[1] = "one"; });
//     auto size = co_await table.with_read([](const auto& map) { return map.size(); });
//     auto guard = co_await table.read();
//
// `with_read` and `with_write` run a function under the lock and cannot hold it across a suspension; prefer them.
//
// The coroutine resumes on its own runtime. Unlocking never runs it inline.
//
// Cancellation. Cancel-safe: a waiter that is dropped leaves the queue, or passes on what had been granted to it; a
// later attempt starts at the end of the queue. A dropped guard unlocks.
//
// Thread safety. Any thread, any task. REQUIRES: the lock outlives its guards and futures.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/semaphore_core.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/future.hpp"

#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace heddle::sync {

template <class T>
class rw_lock;

namespace detail {

// What a holder does with the lock; the number is that of its permits.
inline constexpr heddle::detail::permit_count readers_max = std::uint64_t{1} << 29U;
inline constexpr heddle::detail::permit_count as_reader = 1;
inline constexpr heddle::detail::permit_count as_writer = readers_max;

// What a holder sees of the value.
template <class T, heddle::detail::permit_count Permits>
using seen = std::conditional_t<Permits == as_writer, T, const T>;

// Waits for permits, and leaves the queue when destroyed.
class permit_attempt {
 public:
  permit_attempt(heddle::detail::semaphore_core& core, heddle::detail::permit_count permits) noexcept
      : core_(&core), waiter_(permits) {}
  permit_attempt(permit_attempt&&) noexcept = default;
  permit_attempt& operator=(permit_attempt&&) = delete;
  ~permit_attempt() { core_->cancel(waiter_); }

  // REQUIRES: the semaphore is not closed.
  [[nodiscard]] bool poll(context& cx) noexcept {
    return core_->poll_acquire(waiter_, cx.get_waker()) == heddle::detail::permit_status::granted;
  }

 private:
  heddle::detail::semaphore_core* core_;
  heddle::detail::permit_waiter waiter_;
};

// Returns permits at the end of a scope.
class release_scope {
 public:
  release_scope(heddle::detail::semaphore_core& core, heddle::detail::permit_count permits) noexcept
      : core_(core), permits_(permits) {}
  release_scope(const release_scope&) = delete;
  release_scope& operator=(const release_scope&) = delete;
  ~release_scope() { core_.release(permits_); }

 private:
  heddle::detail::semaphore_core& core_;
  heddle::detail::permit_count permits_;
};

// Owns the lock, for reading or writing, until it is destroyed.
template <class T, heddle::detail::permit_count Permits>
class [[nodiscard("a guard that is dropped at once unlocks at once")]] rw_guard {
 public:
  // Takes over a lock that is held; for the lock.
  explicit rw_guard(rw_lock<T>& owner) noexcept : owner_(&owner) {}
  rw_guard(rw_guard&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  rw_guard& operator=(rw_guard&& other) noexcept {
    rw_guard old(std::move(*this));
    owner_ = std::exchange(other.owner_, nullptr);
    return *this;
  }
  rw_guard(const rw_guard&) = delete;
  rw_guard& operator=(const rw_guard&) = delete;
  ~rw_guard() { unlock(); }

  // Unlocks now; the guard is empty then.
  void unlock() noexcept {
    if (owner_ != nullptr) std::exchange(owner_, nullptr)->core_.release(Permits);
  }

  // The guarded value. REQUIRES: not empty.
  seen<T, Permits>& operator*() const noexcept {
    HEDDLE_ASSERT(owner_ != nullptr, "the guard of a sync::rw_lock is used after it was unlocked or moved from");
    return owner_->value_;
  }
  seen<T, Permits>* operator->() const noexcept { return &**this; }

  // Lets other readers in, and keeps reading, with no writer in between. Leaves this guard empty.
  rw_guard<T, as_reader> downgrade() noexcept
    requires(Permits == as_writer)
  {
    HEDDLE_ASSERT(owner_ != nullptr, "the guard of a sync::rw_lock is used after it was unlocked or moved from");
    rw_lock<T>& owner = *std::exchange(owner_, nullptr);
    owner.core_.release(as_writer - as_reader);
    return rw_guard<T, as_reader>(owner);
  }

 private:
  rw_lock<T>* owner_;
};

// Ready with a guard once the lock is this future's.
template <class T, heddle::detail::permit_count Permits>
class [[nodiscard("a lock is not taken until it is awaited")]] rw_future {
 public:
  explicit rw_future(rw_lock<T>& owner) noexcept : owner_(&owner), attempt_(owner.core_, Permits) {}

  poll_result<rw_guard<T, Permits>> poll(context& cx) noexcept {
    if (!attempt_.poll(cx)) return pending;
    return rw_guard<T, Permits>(*owner_);
  }

 private:
  rw_lock<T>* owner_;
  permit_attempt attempt_;
};

// Ready with what the function returned, which ran under the lock.
template <class T, heddle::detail::permit_count Permits, class Function, class... Args>
class [[nodiscard("nothing is called until it is awaited")]] rw_with_future {
  using called = std::invoke_result_t<Function, seen<T, Permits>&, Args...>;
  static_assert(std::is_void_v<called> || std::is_object_v<called>,
                "the function given to with_read() or with_write() returns a value or void: a reference would escape");
  static_assert(!future<called>,
                "the function given to with_read() or with_write() cannot be asynchronous; take a guard instead");

 public:
  template <class GivenFunction, class... GivenArgs>
  rw_with_future(rw_lock<T>& owner, std::in_place_t, GivenFunction&& function, GivenArgs&&... args)
      : owner_(&owner),
        attempt_(owner.core_, Permits),
        function_(std::forward<GivenFunction>(function)),
        args_(std::forward<GivenArgs>(args)...) {}

  poll_result<called> poll(context& cx) {
    if (!attempt_.poll(cx)) return pending;
    const release_scope release(owner_->core_, Permits);
    seen<T, Permits>& value = owner_->value_;
    const auto call = [&](Args&... args) -> called {
      return std::invoke(std::move(function_), value, std::move(args)...);
    };
    if constexpr (std::is_void_v<called>) {
      std::apply(call, args_);
      return ready;
    } else {
      return std::apply(call, args_);
    }
  }

 private:
  rw_lock<T>* owner_;
  permit_attempt attempt_;
  Function function_;
  std::tuple<Args...> args_;
};

}  // namespace detail

template <class T>
using read_guard = detail::rw_guard<T, detail::as_reader>;
template <class T>
using write_guard = detail::rw_guard<T, detail::as_writer>;
template <class T>
using read_future = detail::rw_future<T, detail::as_reader>;
template <class T>
using write_future = detail::rw_future<T, detail::as_writer>;

// Guards a T.
template <class T>
class rw_lock {
  static_assert(std::is_object_v<T>, "a rw_lock guards an object");

 public:
  // Makes the value from `args`.
  template <class... Args>
    requires std::is_constructible_v<T, Args...>
  explicit(sizeof...(Args) == 1) rw_lock(Args&&... args) : value_(std::forward<Args>(args)...) {
    heddle::detail::demand<heddle::detail::shared_at<why::guarded_by_a_lock, T>>();
  }
  rw_lock(const rw_lock&) = delete;
  rw_lock& operator=(const rw_lock&) = delete;
  ~rw_lock() {
    HEDDLE_ASSERT(core_.available() == detail::readers_max, "a sync::rw_lock is destroyed while it is locked");
  }

  // Waits until no writer is inside, calls `function(value, args...)`, unlocks, and yields what it returned. Its
  // exceptions pass through, after the unlock.
  template <class Function, class... Args>
  auto with_read(Function&& function, Args&&... args) {
    return detail::rw_with_future<T, detail::as_reader, std::decay_t<Function>, std::decay_t<Args>...>(
        *this, std::in_place, std::forward<Function>(function), std::forward<Args>(args)...);
  }
  // As with_read, alone: the function may change the value.
  template <class Function, class... Args>
  auto with_write(Function&& function, Args&&... args) {
    return detail::rw_with_future<T, detail::as_writer, std::decay_t<Function>, std::decay_t<Args>...>(
        *this, std::in_place, std::forward<Function>(function), std::forward<Args>(args)...);
  }

  // Waits for the lock, and yields a guard. It is then held until the guard goes, across suspensions too.
  read_future<T> read() noexcept { return read_future<T>(*this); }
  write_future<T> write() noexcept { return write_future<T>(*this); }

  // A guard, if it can be had now and nobody waits for it.
  [[nodiscard]] std::optional<read_guard<T>> try_read() noexcept { return try_lock<detail::as_reader>(); }
  [[nodiscard]] std::optional<write_guard<T>> try_write() noexcept { return try_lock<detail::as_writer>(); }

 private:
  template <class, heddle::detail::permit_count>
  friend class detail::rw_guard;
  template <class, heddle::detail::permit_count>
  friend class detail::rw_future;
  template <class, heddle::detail::permit_count, class, class...>
  friend class detail::rw_with_future;

  template <heddle::detail::permit_count Permits>
  std::optional<detail::rw_guard<T, Permits>> try_lock() noexcept {
    if (core_.try_acquire(Permits) != heddle::detail::permit_status::granted) return std::nullopt;
    return std::optional<detail::rw_guard<T, Permits>>(std::in_place, *this);
  }

  heddle::detail::semaphore_core core_{detail::readers_max, "sync::rw_lock"};
  T value_;
};

}  // namespace heddle::sync
