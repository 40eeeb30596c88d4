// The threads that run closures which may block.
//
// How it works. A queue under a lock and threads that wait for it. A new closure wakes an idle thread if there is
// one for it, else starts a thread while there are fewer than the cap, else waits its turn. A thread that has waited
// for as long as the keep-alive ends. Closing the pool drops the closures that have not started; threads end after the
// closure they run.
//
// Thread safety. Any thread.
//
// Invariants.
//   1. Idle threads and queued closures are counted under the same lock, and compared there (Tokio #7918).
//   2. A thread whose keep-alive is over looks at the queue once more under the lock before it ends.
#pragma once

#include "heddle/runtime/detail/task_header.hpp"
#include "scheduler/metric_counter.hpp"
#include "scheduler/task_list.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace heddle::detail {

class scheduler;

class blocking_pool final : public task_owner {
 public:
  blocking_pool(std::size_t threads_max, std::chrono::nanoseconds keep_alive) noexcept
      : threads_max_(threads_max), keep_alive_(keep_alive) {}

  // Takes over a new closure. `current` is the runtime its thread belongs to. Throws std::system_error when not
  // even one thread can be started; the closure is dropped then.
  void submit(task_header& closure, scheduler& current);
  // Drops what has not started, and lets the threads end.
  void close() noexcept;

  // For runtime_metrics.
  std::size_t thread_count() const noexcept { return static_cast<std::size_t>(threads_.read()); }
  std::size_t idle_count() const noexcept { return static_cast<std::size_t>(idle_.read()); }
  std::size_t queue_depth() const noexcept { return static_cast<std::size_t>(queued_.read()); }

  void schedule(task_header& task, schedule_hint hint) noexcept override;
  // The pool's reference goes with the notification's.
  bool release(task_header&) noexcept override { return true; }

 private:
  enum class thread_state : std::uint8_t { idle, busy };

  void run() noexcept;
  task_header* wait_for_closure(thread_state before);
  void start_thread(scheduler& current);

  const std::size_t threads_max_;
  const std::chrono::nanoseconds keep_alive_;
  std::mutex mutex_;
  std::condition_variable condition_;
  task_list queue_;         // under mutex_
  bool is_closed_ = false;  // under mutex_
  metric_counter queued_;   // of queue_; written under mutex_, as the next
  metric_counter threads_;  // that take closures
  metric_counter idle_;     // threads that wait, or were notified and have not looked yet
};

}  // namespace heddle::detail
