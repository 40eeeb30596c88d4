// The lock of an async mutex: one owner, and those who wait, first come first served.
//
// How it works. One atomic byte: whether the lock is taken, and whether somebody waits. Locking and unlocking change it
// alone as long as nobody waits. Waiters are nodes inside the futures that wait, linked under a short-lived std::mutex.
// Unlocking hands the lock directly to the first waiter, so nobody overtakes. A waiter that is destroyed leaves the
// list, or, when the lock was handed to it already, passes it on.
//
// Thread safety. Any thread; one thread at a time for each waiter.
//
// Invariants.
//   1. Nobody waits while the lock is free.
//   2. `awaited` is set if and only if the list is not empty; it changes under the std::mutex, and only while `locked`
//   is
//      set. So who holds the std::mutex and sees it set is the only one to change the byte.
//   3. Wakers are cloned, woken and dropped with the std::mutex not held.
#pragma once

#include "heddle/runtime/waker.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>

namespace heddle::detail {

class lock_core;

class lock_waiter {
 public:
  lock_waiter() noexcept = default;
  // REQUIRES: `other` does not wait.
  lock_waiter(lock_waiter&& other) noexcept;
  lock_waiter& operator=(lock_waiter&&) = delete;
  ~lock_waiter() = default;

 private:
  friend lock_core;
  enum class status : std::uint8_t { idle, queued, granted };

  bool has_waited_ = false;  // of the future's thread; false: the rest is untouched by others
  // Under the core's mutex.
  status status_ = status::idle;
  lock_waiter* previous_ = nullptr;
  lock_waiter* next_ = nullptr;
  waker waiting_;
};

class lock_core {
 public:
  lock_core() noexcept = default;
  lock_core(const lock_core&) = delete;
  lock_core& operator=(const lock_core&) = delete;
  ~lock_core();

  [[nodiscard]] bool try_lock() noexcept;
  // True: the caller owns the lock. False: `current` is woken when it does.
  [[nodiscard]] bool poll_lock(lock_waiter& waiter, const waker& current) noexcept;
  // The waiter's future is destroyed, whatever its state.
  void cancel(lock_waiter& waiter) noexcept;
  // REQUIRES: the caller owns the lock.
  void unlock() noexcept;

 private:
  static constexpr std::uint8_t locked = 1;
  static constexpr std::uint8_t awaited = 2;

  [[nodiscard]] bool try_take() noexcept;
  [[nodiscard]] bool take_or_announce() noexcept;
  [[nodiscard]] bool poll_waiter(lock_waiter& waiter, const waker& current) noexcept;
  [[nodiscard]] bool poll_queued(lock_waiter& waiter, const waker& current) noexcept;
  [[nodiscard]] waker hand_over() noexcept;
  void append(lock_waiter& waiter) noexcept;
  void unlink(lock_waiter& waiter) noexcept;

  // 0, `locked` or both; written by who locks and unlocks, and under mutex_ (invariant 2).
  std::atomic<std::uint8_t> state_{0};
  std::mutex mutex_;
  lock_waiter* first_ = nullptr;  // under mutex_
  lock_waiter* last_ = nullptr;   // under mutex_
};

}  // namespace heddle::detail
