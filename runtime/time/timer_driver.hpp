// The timers of a runtime, and the place where one of its threads waits for the next of them.
//
// How it works. Entries live in the futures that wait, and are linked into a timer wheel, so that a dropped future
// leaves at once and at constant cost. Time is counted in ticks of a millisecond since the driver was made; a deadline
// is due at the first tick that is not before it. One thread at a time drives: it waits on a condition variable until
// the earliest tick or an unpark, and fires what is due. A new earliest tick wakes it to wait anew.
//
// Thread safety. insert, check, reset, remove, unpark: any thread. park and fire_due: who holds the driving role.
//
// Invariants.
//   1. Wakers are cloned, woken and dropped outside the lock: they may be foreign code (Tokio #4129, #5578).
//   2. The tick a driver waits for is read under the same lock that entries are inserted under (#6683).
//   3. An entry that fired is in no structure, so that removing it is always legal (#3229).
//   4. `next_` is not later than the earliest entry. It may be earlier than all, when one was removed.
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
#include <mutex>

namespace heddle::detail {

class timer_driver final : public unpark_target {
 public:
  using clock = std::chrono::steady_clock;

  timer_driver() : start_(clock::now()) {}

  // Registers `entry`, which is woken at or after `deadline`. REQUIRES: not registered before; `now` was read lately.
  [[nodiscard]] timer_status insert(timer_entry& entry, clock::time_point deadline, clock::time_point now,
                                    const waker& current);
  // What has become of `entry`; while it waits, `current` is what will be woken.
  [[nodiscard]] timer_status check(timer_entry& entry, const waker& current) noexcept;
  // If `entry` waits, it waits for `deadline` from now on, with the waker it has. False: it fired, and is free to be
  // inserted again.
  [[nodiscard]] bool reset(timer_entry& entry, clock::time_point deadline) noexcept;
  // Forgets `entry`. After it returns, the driver does not touch it.
  void remove(timer_entry& entry) noexcept;

  // The driving role, which one thread has at a time. acq_rel is not needed for data, which the lock guards.
  [[nodiscard]] bool try_acquire_role() noexcept { return !is_driven_.exchange(true, std::memory_order_acquire); }
  void release_role() noexcept { is_driven_.store(false, std::memory_order_release); }

  // Waits until the next tick with an entry or an unpark, then fires what is due. REQUIRES: the driving role.
  void park();
  // Fires what is due. REQUIRES: the driving role.
  void fire_due();
  void unpark() noexcept override;

  // Wakes and forgets all entries, and refuses new ones: the runtime shuts down.
  void close() noexcept;

 private:
  static constexpr std::size_t batch_max = 32;
  using batch = std::array<waker, batch_max>;

  std::uint64_t first_tick_after(clock::time_point deadline) const noexcept;
  std::uint64_t last_tick_before(clock::time_point now) const noexcept;
  clock::time_point time_of(std::uint64_t tick) const noexcept;

  // True: `entry` waits. False: its tick is over already.
  [[nodiscard]] bool link(timer_entry& entry, std::uint64_t tick) noexcept;
  void fire(std::unique_lock<std::mutex>& lock, clock::time_point now);
  std::size_t take_due(std::uint64_t until, batch& due) noexcept;
  void publish_next(std::uint64_t tick) noexcept;

  const clock::time_point start_;
  std::mutex mutex_;
  std::condition_variable condition_;
  timer_wheel wheel_;    // under mutex_
  bool woken_ = false;   // under mutex_
  bool closed_ = false;  // under mutex_
  std::atomic<bool> is_driven_{false};
  std::atomic<std::uint64_t> next_{timer_wheel::never};  // a tick, see invariant 4; written under mutex_
};

}  // namespace heddle::detail
