// The current-thread scheduler: all tasks run on the thread that is inside block_on.
//
// How it works. The driving thread has a queue of its own; other threads put tasks into the injection queue
// and unpark it. In turn it polls the root future if that was woken, runs up to `event_interval` tasks, fires timers,
// and parks on the timer driver when there is nothing to do.
//
// Thread safety. schedule, adopt, release: any thread. block_on and shutdown: one thread at a time.
//
// Algorithm: Tokio, runtime/scheduler/current_thread.rs.
#pragma once

#include "heddle/runtime/detail/scheduler.hpp"
#include "injection_queue.hpp"
#include "metric_counter.hpp"
#include "owned_tasks.hpp"
#include "task_list.hpp"
#include "watchdog/stall_watchdog.hpp"
#include "worker_counters.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace heddle::detail {

class root_header;

class current_thread_scheduler final : public scheduler {
 public:
  // Every so many turns the injection queue comes first, unless the settings say otherwise.
  static constexpr std::uint32_t global_queue_interval_default = 31;

  using scheduler::scheduler;

  // Begins to watch the driving thread, if the settings say so. Throws std::system_error.
  void start();

  void schedule(task_header& task, schedule_hint hint) noexcept override;
  bool release(task_header& task) noexcept override { return owned_.remove(task); }
  void adopt(task_header& task, task_companion_ptr companion, const hooks::source_place& place) noexcept override;
  // Throws std::logic_error while another thread drives.
  void block_on(root_future& root, const hooks::source_place& place) override;
  void shutdown(const shutdown_limit& limit) noexcept override;

  void collect_tasks(std::vector<task_header*>& into) override { owned_.collect(into); }
  std::size_t alive_tasks() const noexcept override { return owned_.size(); }
  std::size_t injection_depth() const noexcept override { return injection_.size(); }
  std::size_t worker_count() const noexcept override { return 1; }
  void read_worker(std::size_t index, worker_metrics& numbers) const noexcept override;

 private:
  bool is_driven_here() const noexcept;
  void drive(root_header& header, root_future& root);
  bool run_some() noexcept;
  void park();
  task_header* next_task() noexcept;

  task_list local_;                    // of the driving thread
  std::uint32_t until_injection_ = 1;  // of the driving thread: turns until the injection queue comes first
  worker_counters counters_;
  metric_counter local_depth_;  // of local_, written between turns
  injection_queue injection_;
  owned_tasks owned_{1};
  std::atomic<bool> is_driven_{false};        // set while a thread drives; passes local_ on
  std::unique_ptr<stall_watchdog> watchdog_;  // from start to shutdown, if one is wanted
};

}  // namespace heddle::detail
