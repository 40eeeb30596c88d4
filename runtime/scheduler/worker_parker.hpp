// Parks a worker: on the timer driver if nobody else drives it, else on a condition variable of its own.
//
// How it works. A state word: `empty`, `notified`, or where the worker is parked. An unpark that finds nobody
// parked leaves `notified`, which the next park consumes at once, so no unpark is lost.
//
// Thread safety. park: the worker. unpark: any thread.
//
// Algorithm: Tokio, runtime/scheduler/multi_thread/park.rs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace heddle::detail {

class timer_driver;

class worker_parker {
 public:
  explicit worker_parker(timer_driver& driver) noexcept : driver_(driver) {}
  worker_parker(const worker_parker&) = delete;
  worker_parker& operator=(const worker_parker&) = delete;

  // Returns after an unpark, or when timers may have fired.
  void park();
  void unpark() noexcept;

 private:
  enum class state : std::uint8_t { empty, notified, parked_here, parked_on_driver };

  [[nodiscard]] bool consume_notification() noexcept;
  [[nodiscard]] bool announce(state parked) noexcept;
  void park_here();
  void park_on_driver();

  timer_driver& driver_;
  std::mutex mutex_;
  std::condition_variable condition_;
  // The worker writes `parked_*` over `empty`, and `empty` over all; others write `notified`.
  std::atomic<state> state_{state::empty};
};

}  // namespace heddle::detail
