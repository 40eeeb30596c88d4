// A lock for sections of a few instructions, whose unlocking is a plain store.
//
// How it works. One flag. Who finds it taken waits until it looks free, for a moment in place and then by giving the
// processor away, as the thread that has it may have been interrupted. A std::mutex has to ask at each unlock whether
// somebody sleeps, by an atomic operation; here nobody does.
//
// Thread safety. Any thread.
//
// Limits. Not for sections that block or run a user's code; others spin while one allocates, as a dump of tasks does.
// Not fair.
#pragma once

#include <atomic>
#include <thread>

namespace heddle::detail {

class short_lock {
 public:
  short_lock() = default;
  short_lock(const short_lock&) = delete;
  short_lock& operator=(const short_lock&) = delete;

  void lock() noexcept {
    // Acquire: pairs with unlock.
    while (is_taken_.exchange(true, std::memory_order_acquire)) wait();
  }
  void unlock() noexcept { is_taken_.store(false, std::memory_order_release); }

 private:
  static constexpr int looks_in_place = 16;

  void wait() const noexcept {
    // Relaxed: only a hint that the exchange may succeed.
    for (int i = 0; i < looks_in_place; ++i) {
      if (!is_taken_.load(std::memory_order_relaxed)) return;
    }
    std::this_thread::yield();
  }

  std::atomic<bool> is_taken_{false};  // set by who locks, cleared by who unlocks
};

}  // namespace heddle::detail
