// The timers of a runtime, and the place where one of its threads waits for the next of them.
//
// How it works. Entries live in the futures that wait, and form a binary heap by deadline, then by the order of
// registration; each knows its index, so that a dropped future leaves in O(log n). One thread at a time
// drives: it waits on a condition variable until the earliest deadline or an unpark, and fires what is due.
// A new earliest deadline wakes it to wait anew. Limit: 2^32 - 1 entries.
//
// Thread safety. insert, check, remove, unpark: any thread. park and fire_due: who holds the driving role.
//
// Invariants.
//   1. Wakers are cloned, woken and dropped outside the lock: they may be foreign code (Tokio #4129, #5578).
//   2. The deadline a driver waits for is read under the same lock that entries are inserted under (#6683).
//   3. An entry that fired is in no structure, so that removing it is always legal (#3229).
#pragma once

#include "heddle/runtime/detail/timer_entry.hpp"
#include "heddle/runtime/waker.hpp"
#include "scheduler/unpark_target.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace heddle::detail {

class timer_driver final : public unpark_target {
 public:
  using clock = std::chrono::steady_clock;

  // Registers `entry`, which is woken at or after its deadline. REQUIRES: not registered before.
  [[nodiscard]] timer_status insert(timer_entry& entry, const waker& current);
  // What has become of `entry`; while it waits, `current` is what will be woken.
  [[nodiscard]] timer_status check(timer_entry& entry, const waker& current) noexcept;
  // Forgets `entry`. After it returns, the driver does not touch it.
  void remove(timer_entry& entry) noexcept;

  // The driving role, which one thread has at a time. acq_rel is not needed for data, which the lock guards.
  [[nodiscard]] bool try_acquire_role() noexcept { return !is_driven_.exchange(true, std::memory_order_acquire); }
  void release_role() noexcept { is_driven_.store(false, std::memory_order_release); }

  // Waits until the next deadline or an unpark, then fires what is due. REQUIRES: the driving role.
  void park();
  // Fires what is due. REQUIRES: the driving role.
  void fire_due();
  void unpark() noexcept override;

  // Wakes and forgets all entries, and refuses new ones: the runtime shuts down.
  void close() noexcept;

 private:
  static constexpr std::size_t batch_max = 32;
  using batch = std::array<waker, batch_max>;

  void fire(std::unique_lock<std::mutex>& lock, clock::time_point now);
  std::size_t take_due(clock::time_point now, batch& due);
  std::size_t take_tied(batch& due, std::size_t taken);

  void sift_up(std::size_t index) noexcept;
  void sift_down(std::size_t index) noexcept;
  void place(timer_entry& entry, std::size_t index) noexcept;
  void erase(timer_entry& entry) noexcept;
  void publish_next() noexcept;
  static bool is_before(const timer_entry& a, const timer_entry& b) noexcept;

  static constexpr clock::rep no_deadline = clock::time_point::max().time_since_epoch().count();

  std::mutex mutex_;
  std::condition_variable condition_;
  std::vector<timer_entry*> heap_;  // under mutex_
  std::uint64_t registered_ = 0;    // under mutex_; orders entries of one deadline
  bool woken_ = false;              // under mutex_
  bool closed_ = false;             // under mutex_
  std::atomic<bool> is_driven_{false};
  std::atomic<clock::rep> next_{no_deadline};  // earliest deadline, a hint for fire_due; written under mutex_
};

}  // namespace heddle::detail
