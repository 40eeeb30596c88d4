// What a runtime does, in numbers: for dashboards and for tests.
//
// How it works. Each thread counts in fields of its own, which are read here without a lock. So the numbers are of
// about now, and need not agree with each other; when the runtime is idle, and what happened before the call, they are
// exact. Counters only grow, from the start of the runtime.
//
//     heddle::runtime_metrics metrics = rt.metrics();
//     log(metrics.alive_tasks(), metrics.worker(0).busy);
//
// Thread safety. Any thread, also after the runtime has gone.
#pragma once

#include "heddle/runtime/detail/scheduler.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace heddle {

// One worker's share. A current-thread runtime has one worker: the thread inside its block_on.
struct worker_metrics {
  std::uint64_t polls = 0;           // of spawned tasks; not of the task that was given to block_on
  std::uint64_t steals = 0;          // times it took tasks from the queue of another worker
  std::uint64_t parks = 0;           // times it went to sleep
  std::size_t queue_depth = 0;       // tasks in its own queue, but for the one that it runs next
  std::chrono::nanoseconds busy{0};  // awake, up to the last time it went to sleep
};

class runtime_metrics {
 public:
  // For the runtime and its handles.
  explicit runtime_metrics(detail::owner_ptr<detail::scheduler> core) noexcept : core_(std::move(core)) {}

  // Spawned tasks that have not ended.
  std::size_t alive_tasks() const noexcept;
  // Tasks in the queue that the workers share: woken by other threads, or more than one worker's queue holds.
  std::size_t injection_depth() const noexcept;
  std::size_t worker_threads() const noexcept;
  // REQUIRES: index < worker_threads().
  worker_metrics worker(std::size_t index) const noexcept;

  // Threads for spawn_blocking: all that exist, and those that wait for a call.
  std::size_t blocking_threads() const noexcept;
  std::size_t idle_blocking_threads() const noexcept;
  // Calls that wait for a thread.
  std::size_t blocking_queue_depth() const noexcept;

 private:
  detail::owner_ptr<detail::scheduler> core_;
};

}  // namespace heddle
