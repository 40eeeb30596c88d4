// Permits of a notify, without types.
//
// How it works. One stored permit, a count of the notify_waiters calls, and those who wait, under a short-lived
// std::mutex. A waiter remembers the count at which it was created: when it has moved on, the waiter was notified,
// also if it was not polled yet. notify_waiters marks all who wait before it wakes any of them.
//
// Thread safety. Any thread; one thread at a time for each waiter.
//
// Invariants.
//   1. Nobody waits while a permit is stored.
//   2. A waiter that was notified by notify_waiters never takes a permit as well (Tokio #7996).
//   3. A notification of notify_one that its waiter did not take goes to the next one, or is stored (Tokio #3652).
//   4. Wakers are cloned, woken and dropped with the mutex not held (Tokio #4129).
//
// Algorithm: Tokio, sync/notify.rs.
#pragma once

#include "heddle/runtime/detail/wait_list.hpp"

#include <cstdint>
#include <mutex>

namespace heddle::detail {

class notify_core;

class notify_waiter : public wait_node {
 public:
  // Created now: a notify_waiters that comes later notifies it.
  explicit notify_waiter(notify_core& core) noexcept;

 private:
  friend notify_core;
  enum class status : std::uint8_t {
    waiting,          // or not polled yet
    notified_by_one,  // has a permit, which no poll took yet
    notified_by_all,
    done,
  };

  std::uint64_t created_at_;
  status status_ = status::waiting;  // under the core's mutex
};

class notify_core {
 public:
  notify_core() noexcept = default;
  notify_core(const notify_core&) = delete;
  notify_core& operator=(const notify_core&) = delete;
  ~notify_core() = default;

  void notify_one() noexcept;
  void notify_waiters() noexcept;
  // True: notified, once and for all. False: `current` is woken when it is.
  [[nodiscard]] bool poll(notify_waiter& waiter, const waker& current) noexcept;
  // As poll, without a waker: the waiter is in the queue.
  [[nodiscard]] bool enable(notify_waiter& waiter) noexcept;
  // The waiter's future is destroyed, whatever its state.
  void cancel(notify_waiter& waiter) noexcept;

 private:
  friend notify_waiter;

  [[nodiscard]] std::uint64_t calls() const noexcept;
  [[nodiscard]] bool is_notified(notify_waiter& waiter) noexcept;
  [[nodiscard]] waker notify_first() noexcept;

  mutable std::mutex mutex_;
  // Under mutex_.
  bool has_permit_ = false;
  std::uint64_t calls_ = 0;  // of notify_waiters
  wait_list waiters_;        // notify_waiters
};

}  // namespace heddle::detail
