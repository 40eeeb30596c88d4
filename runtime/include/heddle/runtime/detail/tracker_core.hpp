// What a task_tracker counts, and who waits for the count to become zero.
//
// How it works. One word has the count and whether the tracker is closed; whoever makes it closed and zero wakes
// everybody who waits, under a mutex that those take who begin to wait. So tracking a task takes no lock.
//
// Thread safety. Any thread; a wait_node from one thread at a time.
#pragma once

#include "heddle/runtime/detail/wait_list.hpp"
#include "heddle/runtime/waker.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>

namespace heddle::detail {

class tracker_core {
 public:
  tracker_core() noexcept = default;
  tracker_core(const tracker_core&) = delete;
  tracker_core& operator=(const tracker_core&) = delete;

  void add() noexcept;
  void remove() noexcept;
  void close() noexcept;
  void reopen() noexcept;

  // Acquire, here and below: pairs with remove, so that what the tracked did is seen.
  std::size_t count() const noexcept { return state_.load(std::memory_order_acquire) / one; }
  bool is_closed() const noexcept { return (state_.load(std::memory_order_acquire) & closed) != 0; }

  // True: closed and empty at this moment. False: `current` is woken when it is.
  [[nodiscard]] bool poll(wait_node& node, const waker& current) noexcept;
  // The node's future is destroyed.
  void stop_waiting(wait_node& node) noexcept;

 private:
  static constexpr std::size_t closed = 1;
  static constexpr std::size_t one = 2;

  void wake_all() noexcept;

  std::atomic<std::size_t> state_{0};  // count * one, and `closed`; written by the four functions above
  std::mutex mutex_;
  wait_list waiters_;  // under mutex_
};

}  // namespace heddle::detail
