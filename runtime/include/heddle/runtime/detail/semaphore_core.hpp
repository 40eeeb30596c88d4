// A fair counting semaphore without types: sync::semaphore, sync::rw_lock and sync::once_cell stand on it.
//
// How it works. A permit_queue under a short-lived std::mutex.
//
// Thread safety. Any thread; one thread at a time for each waiter.
//
// Invariants. Those of permit_queue; and wakers are cloned, woken and dropped with the mutex not held.
#pragma once

#include "heddle/runtime/detail/permit_queue.hpp"

#include <mutex>

namespace heddle::detail {

class semaphore_core {
 public:
  // `name` is what a task that waits is said to wait for, such as "sync::semaphore"; a string literal.
  semaphore_core(permit_count permits, const char* name) noexcept : name_(name), permits_(permits) {}
  semaphore_core(const semaphore_core&) = delete;
  semaphore_core& operator=(const semaphore_core&) = delete;
  ~semaphore_core() = default;

  // Pending: it would have to wait.
  [[nodiscard]] permit_status try_acquire(permit_count needed) noexcept;
  // Granted: the caller owns the permits. Pending: `current` is woken when it does, or when it never will.
  [[nodiscard]] permit_status poll_acquire(permit_waiter& waiter, const waker& current) noexcept;
  // The waiter's future is destroyed, whatever its state. Permits that were granted and not taken are passed on.
  void cancel(permit_waiter& waiter) noexcept;
  void release(permit_count permits) noexcept;
  // Wakes all who wait, with permit_status::closed.
  void close() noexcept;
  // See permit_queue::forget.
  permit_count forget(permit_count permits) noexcept;

  [[nodiscard]] bool is_closed() const noexcept;
  [[nodiscard]] permit_count available() const noexcept;

 private:
  void serve(std::unique_lock<std::mutex>& lock) noexcept;

  const char* name_;
  mutable std::mutex mutex_;
  permit_queue permits_;  // under mutex_
};

}  // namespace heddle::detail
