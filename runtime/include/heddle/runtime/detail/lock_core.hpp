// The lock of an async mutex: one owner, and those who wait.
//
// How it works. One atomic byte: whether the lock is taken, whether somebody waits, and whether one of them is woken.
// Locking and unlocking change it alone as long as nobody waits for a wakeup. Waiters are nodes inside the futures that
// wait, linked under a short-lived std::mutex, first come first served. Unlocking frees the lock and wakes the first of
// them, and whoever comes first takes it: who runs already may lock and unlock many times until the woken task has its
// turn, instead of a switch of tasks for each lock. A waiter that was woken and found the lock taken was overtaken: the
// next unlock hands the lock to it, and nobody comes between. So a waiter is passed over only while it waits for a
// worker.
//
// Source: the normal and the starving mode of Go's sync.Mutex. Deviation: one failure makes a waiter starve, not a
// millisecond, so that time decides nothing; and only for itself.
//
// Cancellation. A waiter that is destroyed leaves the list. If it was woken, it wakes the next; if the lock was handed
// to it, it passes it on.
//
// Thread safety. Any thread; one thread at a time for each waiter.
//
// Invariants.
//   1. While the lock is free and somebody waits, the first waiter is woken.
//   2. `awaited` is set if and only if the list is not empty, and `woken` if and only if the first waiter is woken.
//      Both change under the std::mutex only, and so does `locked` while `awaited` is set and `woken` is not.
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
  enum class status : std::uint8_t {
    idle,
    queued,
    woken,    // in the list, and its waker is used
    granted,  // not in the list, and owns the lock
  };

  bool has_waited_ = false;  // of the future's thread; false: the rest is untouched by others
  // Under the core's mutex.
  status status_ = status::idle;
  bool was_overtaken_ = false;
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
  // True: the caller owns the lock. False: `current` is woken when it may.
  [[nodiscard]] bool poll_lock(lock_waiter& waiter, const waker& current) noexcept;
  // The waiter's future is destroyed, whatever its state.
  void cancel(lock_waiter& waiter) noexcept;
  // REQUIRES: the caller owns the lock.
  void unlock() noexcept;

 private:
  static constexpr std::uint8_t locked = 1;
  static constexpr std::uint8_t awaited = 2;
  static constexpr std::uint8_t woken = 4;

  [[nodiscard]] bool try_take() noexcept;
  [[nodiscard]] bool take_or_announce() noexcept;
  [[nodiscard]] bool poll_waiter(lock_waiter& waiter, const waker& current) noexcept;
  [[nodiscard]] bool poll_queued(lock_waiter& waiter, const waker& current) noexcept;
  [[nodiscard]] bool claim(lock_waiter& waiter) noexcept;
  [[nodiscard]] bool try_unlock() noexcept;
  [[nodiscard]] waker pass_on() noexcept;
  [[nodiscard]] waker leave(lock_waiter& waiter) noexcept;
  [[nodiscard]] waker wake_first() noexcept;
  void append(lock_waiter& waiter) noexcept;
  void unlink(lock_waiter& waiter) noexcept;

  std::atomic<std::uint8_t> state_{0};  // see invariant 2
  std::mutex mutex_;
  lock_waiter* first_ = nullptr;  // under mutex_
  lock_waiter* last_ = nullptr;   // under mutex_
};

}  // namespace heddle::detail
