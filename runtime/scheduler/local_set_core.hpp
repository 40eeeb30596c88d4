// The scheduler of a local_set: queues and owned tasks of one thread, and a mailbox for wakes from others.
//
// How it works. While the set is polled, tasks woken on its thread go to a local queue; wakes from elsewhere go to the
// injection queue and wake whoever polls the set.
//
// Thread safety. schedule: any thread. Everything else: the thread that made the set; release too, as only that one
// runs and drops the tasks.
#pragma once

#include "heddle/runtime/context.hpp"
#include "heddle/runtime/detail/task_header.hpp"
#include "scheduler/injection_queue.hpp"
#include "scheduler/owned_tasks.hpp"
#include "scheduler/task_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace heddle::detail {

class local_set_core final : public task_owner {
 public:
  // How many tasks run in one poll of the set.
  static constexpr std::uint32_t tasks_per_poll = 61;

  // The set that the calling thread polls, or null.
  static local_set_core* current() noexcept;

  void schedule(task_header& task, schedule_hint hint) noexcept override;
  bool release(task_header& task) noexcept override;
  void adopt(task_header& task) noexcept;
  // Runs tasks. False: none is left that has not ended.
  [[nodiscard]] bool run(const waker& current);
  // Drops all tasks, and refuses new ones.
  void shutdown() noexcept;
  task_id next_id() noexcept;

 private:
  void require_own_thread() const noexcept;
  void wait_with(const waker& current);
  task_header* next_task() noexcept;

  const std::thread::id thread_ = std::this_thread::get_id();
  // Of the set's thread.
  task_list local_;
  std::size_t alive_ = 0;
  std::uint64_t count_ = 0;
  std::uint32_t turn_ = 0;

  owned_tasks owned_{1};
  injection_queue injection_;
  std::mutex mutex_;
  waker waiting_;  // under mutex_
};

}  // namespace heddle::detail
