// One worker of the multi-thread scheduler: its thread, its queues and its loop.
//
// Thread safety. run and everything it calls: the worker's thread. steal_from, has_queued and unpark: any thread.
#pragma once

#include "local_queue.hpp"
#include "random.hpp"
#include "worker_parker.hpp"

#include <cstddef>
#include <cstdint>
#include <thread>

namespace heddle::detail {

class multi_thread_scheduler;

class worker {
 public:
  // Every so many turns a worker looks at the injection queue first, and at the timers.
  static constexpr std::uint32_t turns_between_checks = 61;
  // How many tasks in a row may come from the LIFO slot before the queue has its turn.
  static constexpr std::uint32_t lifo_polls_max = 3;

  worker(multi_thread_scheduler& owner, std::size_t index);

  void start();
  void join() noexcept;
  void unpark() noexcept { parker_.unpark(); }

  // Takes over a notification. REQUIRES: called on the worker's thread.
  void push(task_header& task, schedule_hint hint) noexcept;

  task_header* steal_from(local_queue& thief) noexcept { return queue_.steal_into(thief); }
  bool has_queued() const noexcept { return !queue_.is_empty(); }

 private:
  void run() noexcept;
  void run_task(task_header& task) noexcept;
  void check_timers();
  void park();
  void drain() noexcept;
  bool transition_from_parked() noexcept;
  void push_back(task_header& task) noexcept;
  task_header* next_task() noexcept;
  task_header* steal() noexcept;
  void notify_if_much() noexcept;
  bool has_work() const noexcept { return lifo_slot_ != nullptr || !queue_.is_empty(); }

  multi_thread_scheduler& owner_;
  const std::size_t index_;
  local_queue queue_;
  worker_parker parker_;
  std::thread thread_;

  // Of the worker's thread only.
  task_header* lifo_slot_ = nullptr;
  std::uint32_t turn_ = 0;
  bool is_searching_ = false;  // counted as such in idle_workers
  bool is_parking_ = false;    // tasks that the timers wake now are announced after the park
  victim_random random_;
};

}  // namespace heddle::detail
