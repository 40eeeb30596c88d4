// The multi-thread scheduler: workers with queues of their own, which steal from each other when idle.
//
// How it works. A task that becomes runnable on a worker goes to that worker's LIFO slot, or to the back of its
// local queue when it yielded; from any other thread, to the injection queue. A worker runs its LIFO slot, what was
// spawned on it, its queue, then the injection queue (each first every so many turns), then steals, then parks.
// worker.hpp says more, and idle_workers.hpp who is woken when. A worker whose task blocks in place is run on by a
// stand-in. block_on polls its future on the calling thread, beside the workers.
//
// Thread safety. schedule, adopt, release, block_on: any thread. shutdown: the owner, once.
//
// Algorithm: Tokio, runtime/scheduler/multi_thread/worker.rs. Deviation: what was spawned is kept apart from what was
// woken, and taken newest first.
#pragma once

#include "heddle/runtime/detail/scheduler.hpp"
#include "idle_workers.hpp"
#include "injection_queue.hpp"
#include "owned_tasks.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace heddle::detail {

class stall_watchdog;
class worker;

class multi_thread_scheduler final : public scheduler {
 public:
  // REQUIRES: the settings name the number of workers.
  explicit multi_thread_scheduler(runtime_parts parts);
  ~multi_thread_scheduler() override;

  // Starts the workers, each on a thread of its own. Throws std::system_error, with none left running.
  void start();

  void schedule(task_header& task, schedule_hint hint) noexcept override;
  bool goes_on_after_yield() noexcept override;
  bool release(task_header& task) noexcept override { return owned_.remove(task); }
  void take_back_reference() noexcept override;
  void adopt(task_header& task, task_companion_ptr companion, const hooks::source_place& place) noexcept override;
  void block_on(root_future& root, const hooks::source_place& place) override;
  void shutdown(const shutdown_limit& limit) noexcept override;

  void collect_tasks(std::vector<task_header*>& into) override { owned_.collect(into); }
  std::size_t alive_tasks() const noexcept override { return owned_.size(); }
  std::size_t injection_depth() const noexcept override { return injection_.size(); }
  std::size_t worker_count() const noexcept override { return workers_.size(); }
  void read_worker(std::size_t index, worker_metrics& numbers) const noexcept override;

 private:
  friend worker;

  worker* current_worker() noexcept;
  void inject(task_header& task) noexcept;
  void inject_all(task_list& tasks) noexcept;
  // False, with nothing done, if no worker is parked, or one is searching.
  [[nodiscard]] bool inject_for_parked(task_header& task) noexcept;
  // Wakes a parked worker unless one is searching.
  void notify_parked() noexcept;
  // Has `idle` run on another thread, some time soon. Throws std::system_error.
  void call_stand_in(worker& idle);
  // A worker has emptied its queues and runs no more.
  void worker_ended() noexcept;
  // For the last searcher before it parks: wakes another if there is work after all.
  void notify_if_work_pending() noexcept;
  // Acquire: pairs with shutdown.
  bool is_shutting_down() const noexcept { return shutting_down_.load(std::memory_order_acquire); }

  std::vector<std::unique_ptr<worker>> workers_;  // fixed once made
  idle_workers idle_;
  injection_queue injection_;
  owned_tasks owned_;
  const owner_ptr<blocking_pool> stand_ins_;  // threads that run workers which were handed over
  std::atomic<bool> shutting_down_{false};    // set once, by shutdown
  std::mutex ended_mutex_;
  std::condition_variable all_ended_;
  std::size_t not_ended_;                     // under ended_mutex_: workers that may still run tasks
  std::unique_ptr<stall_watchdog> watchdog_;  // from start to shutdown, if one is wanted
};

}  // namespace heddle::detail
