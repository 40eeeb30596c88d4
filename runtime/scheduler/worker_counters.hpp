// What one worker counts for runtime_metrics.
//
// How it works. Busy time is taken between two parks: the clock is read when a worker goes to sleep and when it wakes,
// never in between. For whoever watches (watchdog/stall_watchdog.hpp) it shows whether the worker is awake; a poll
// costs the one store that counts it.
//
// Thread safety. All but read and pulse: the worker's thread. Those: any thread.
#pragma once

#include "heddle/runtime/runtime_metrics.hpp"
#include "metric_counter.hpp"
#include "watchdog/worker_pulse.hpp"

#include <chrono>
#include <cstdint>

namespace heddle::detail {

class worker_counters {
 public:
  void begin() noexcept {
    awake_since_ = clock::now();
    turns_.set(turns_.read() | 1);
  }
  // The calling thread runs the worker from here on; `thread` is its id, or 0.
  void set_thread(int thread) noexcept { thread_.set(static_cast<std::uint64_t>(thread)); }
  // Work went on otherwise than by a poll of a task.
  void turned() noexcept { turns_.add(2); }
  void polled() noexcept { polls_.add(1); }
  void stole() noexcept { steals_.add(1); }
  void parks() noexcept {
    parks_.add(1);
    end();
  }
  void unparks() noexcept { begin(); }
  // The worker stops.
  void end() noexcept {
    const auto awake = std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - awake_since_);
    busy_ns_.add(static_cast<std::uint64_t>(awake.count()));
    turns_.set((turns_.read() + 1) & ~std::uint64_t{1});
  }

  worker_pulse pulse() const noexcept {
    return {.polls = polls_.read(), .turns = turns_.read(), .thread = static_cast<int>(thread_.read())};
  }

  // All but the queue.
  void read(worker_metrics& numbers) const noexcept {
    numbers.polls = polls_.read();
    numbers.steals = steals_.read();
    numbers.parks = parks_.read();
    numbers.busy = std::chrono::nanoseconds(static_cast<std::int64_t>(busy_ns_.read()));
  }

 private:
  using clock = std::chrono::steady_clock;

  clock::time_point awake_since_;  // of the worker's thread
  metric_counter polls_;
  metric_counter steals_;
  metric_counter parks_;
  metric_counter busy_ns_;
  metric_counter turns_;   // see worker_pulse
  metric_counter thread_;  // likewise
};

}  // namespace heddle::detail
