// The threads that run closures which may block.
//
// How it works. A queue under a lock and threads that wait for it. A new closure wakes an idle thread if there is
// one for it, else starts a thread while there are fewer than the cap, else waits its turn. Threads
// stay until shutdown, which drops the closures that have not started and joins the threads.
//
// Thread safety. Any thread; shutdown: the owner of the runtime, once.
//
// Invariants.
//   1. Idle threads and queued closures are counted under the same lock, and compared there (Tokio #7918).
#pragma once

#include "heddle/runtime/detail/task_header.hpp"
#include "scheduler/task_list.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace heddle::detail {

class scheduler;

class blocking_pool final : public task_owner {
 public:
  explicit blocking_pool(std::size_t threads_max) noexcept : threads_max_(threads_max) {}

  // Takes over a new closure. `current` is the runtime its thread belongs to. Throws std::system_error when not
  // even one thread can be started; the closure is dropped then.
  void submit(task_header& closure, scheduler& current);
  void shutdown() noexcept;

  void schedule(task_header& task, schedule_hint hint) noexcept override;
  // The pool's reference goes with the notification's.
  bool release(task_header&) noexcept override { return true; }

 private:
  void run(scheduler& current) noexcept;
  task_header* wait_for_closure();
  void start_thread(scheduler& current);

  const std::size_t threads_max_;
  std::mutex mutex_;
  std::condition_variable condition_;
  task_list queue_;                   // under mutex_
  std::vector<std::thread> threads_;  // under mutex_ until shutdown
  std::size_t idle_ = 0;              // under mutex_: threads that wait, or were notified and have not looked yet
  bool shutting_down_ = false;        // under mutex_
};

}  // namespace heddle::detail
