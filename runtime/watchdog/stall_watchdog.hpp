// The thread that watches the workers of one runtime; see <heddle/runtime/stall.hpp> for what it promises.
//
// How it works. Twice in a threshold it reads the pulse of each worker. One that changed is noted with what the thread
// has used of the processor until then; one that has not changed for the threshold, and belongs to a worker that is
// awake, is a stall, and what was used since tells its cause.
//
// Thread safety. Made and destroyed by the owner of the workers, which outlive it; the rest is the watching thread's.
#pragma once

#include "heddle/runtime/stall.hpp"
#include "thread_probe.hpp"
#include "worker_pulse.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace heddle::detail {

// What a thread did in the time it was stuck.
[[nodiscard]] stall_cause cause_of(std::chrono::nanoseconds lasted, std::chrono::nanoseconds on_cpu,
                                   std::chrono::nanoseconds without_cpu) noexcept;

// At most so many events in any minute.
class minute_limit {
 public:
  using clock = std::chrono::steady_clock;

  explicit minute_limit(std::uint32_t most) noexcept : most_(most) {}
  [[nodiscard]] bool admits(clock::time_point now);

 private:
  const std::uint32_t most_;
  std::deque<clock::time_point> admitted_;
};

class stall_watchdog {
 public:
  using pulse_reader = std::function<worker_pulse(std::size_t worker)>;

  // Throws std::system_error if its thread cannot be started.
  stall_watchdog(stall_options chosen, std::size_t workers, pulse_reader pulse_of);
  stall_watchdog(const stall_watchdog&) = delete;
  stall_watchdog& operator=(const stall_watchdog&) = delete;
  ~stall_watchdog();

 private:
  using clock = std::chrono::steady_clock;

  struct watched {
    worker_pulse pulse;
    clock::time_point since;
    std::optional<processor_time> used;  // at that time
    std::uint32_t patience = 1;          // thresholds until the next report of this stall
  };

  void run();
  void look_at(std::size_t worker, clock::time_point now);
  void report(std::size_t worker, watched& stuck, clock::time_point now);

  const stall_options chosen_;
  const pulse_reader pulse_of_;
  std::vector<watched> workers_;
  minute_limit limit_;
  std::uint64_t suppressed_ = 0;
  std::uint64_t starved_ = 0;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stops_ = false;  // under mutex_
  std::thread thread_;  // last: it uses the others
};

struct runtime_settings;

// Whether the settings ask for a watchdog. Never in a build for checking, where time stands still.
bool wants_watchdog(const runtime_settings& settings) noexcept;
// The watchdog, if one is wanted. Throws std::system_error.
std::unique_ptr<stall_watchdog> make_watchdog(const runtime_settings& settings, std::size_t workers,
                                              stall_watchdog::pulse_reader pulse_of);

}  // namespace heddle::detail
