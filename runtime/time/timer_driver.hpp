// The timers of a runtime, and the place where one of its threads waits for the next of them.
//
// How it works. Entries live in the futures that wait, and are linked into a timer wheel, so that a dropped future
// leaves at once and at constant cost. Time is counted in ticks of a millisecond; a deadline is due at the first tick
// that is not before it. One thread at a time drives: it waits on a condition variable until
// the earliest tick or an unpark, and fires what is due. A new earliest tick wakes it to wait anew.
//
// Thread safety. insert, check, reset, remove, unpark: any thread. park and fire_due: who holds the driving role.
//
// Invariants.
//   1. Wakers are cloned, woken and dropped outside the lock: they may be foreign code (Tokio #4129, #5578).
//   2. The tick a driver waits for is read under the same lock that entries are inserted under (#6683).
//   3. An entry that fired is in no structure, so that removing it is always legal (#3229).
//   4. `next_` is not later than the earliest entry. It may be earlier than all, when one was removed.
//   5. It lives as long as entries are registered: until it is closed by who owns it, and from then on by itself.
#pragma once

#include "heddle/runtime/detail/timer_entry.hpp"
#include "heddle/runtime/waker.hpp"
#include "scheduler/unpark_target.hpp"
#include "time/timer_wheel.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace heddle::detail {

class timer_driver final : public unpark_target {
 public:
  using clock = std::chrono::steady_clock;

  timer_driver() = default;
  ~timer_driver() override;

  // Registers `entry`, whose waker is woken at or after its deadline, if it answers `waiting`. REQUIRES: not registered
  // before; `now` was read lately.
  [[nodiscard]] timer_status insert(timer_entry& entry, clock::time_point now, const waker& current);
  // What has become of `entry`. While it waits, `current` is what will be woken; when it has fired, it is not
  // registered any more.
  [[nodiscard]] timer_status check(timer_entry& entry, const waker& current) noexcept;
  // Sets the deadline. If `entry` waits, it waits for that from now on, with the waker it has. False: it had fired, and
  // is not registered any more.
  [[nodiscard]] bool reset(timer_entry& entry, clock::time_point deadline) noexcept;
  // Forgets `entry`. After it returns, the driver does not touch it, and may be gone.
  void remove(timer_entry& entry) noexcept;

  // The driving role, which one thread has at a time. acq_rel is not needed for data, which the lock guards.
  [[nodiscard]] bool try_acquire_role() noexcept { return !is_driven_.exchange(true, std::memory_order_acquire); }
  void release_role() noexcept { is_driven_.store(false, std::memory_order_release); }

  // Waits until the next tick with an entry or an unpark, then fires what is due. REQUIRES: the driving role.
  void park();
  // Fires what is due. REQUIRES: the driving role.
  void fire_due();
  void unpark() noexcept override;

  // Wakes all entries that wait, and refuses new ones: the runtime shuts down. `self` is this driver, which is kept
  // until the last entry is removed.
  void close(const std::shared_ptr<timer_driver>& self) noexcept;

 private:
  static constexpr std::size_t batch_max = 32;
  using batch = std::array<waker, batch_max>;

  // True: `entry` waits. False: its tick is over already.
  [[nodiscard]] bool link(timer_entry& entry) noexcept;
  // Counts an entry out. What is returned goes after the lock.
  [[nodiscard]] std::shared_ptr<timer_driver> unregister() noexcept;
  void fire(std::unique_lock<std::mutex>& lock, clock::time_point now);
  std::size_t take_due(std::uint64_t until, batch& due) noexcept;
  void publish_next(std::uint64_t tick) noexcept;

  std::mutex mutex_;
  std::condition_variable condition_;
  timer_wheel wheel_;                   // under mutex_
  std::size_t registered_ = 0;          // under mutex_: entries that were inserted and not unregistered
  std::shared_ptr<timer_driver> self_;  // under mutex_: set while closed with entries registered
  bool woken_ = false;                  // under mutex_
  bool closed_ = false;                 // under mutex_
  std::atomic<bool> is_driven_{false};
  std::atomic<std::uint64_t> next_{timer_wheel::never};  // a tick, see invariant 4; written under mutex_
};

}  // namespace heddle::detail
