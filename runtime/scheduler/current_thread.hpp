// The current-thread scheduler: all tasks run on the thread that is inside block_on.
//
// How it works. The driving thread has a queue of its own; other threads put tasks into the injection queue
// and unpark it. In turn it polls the root future if that was woken, runs up to 61 tasks, fires timers, and
// parks on the timer driver when there is nothing to do.
//
// Thread safety. schedule, adopt, release: any thread. block_on and shutdown: one thread at a time.
//
// Algorithm: Tokio, runtime/scheduler/current_thread.rs.
#pragma once

#include "heddle/runtime/detail/scheduler.hpp"
#include "injection_queue.hpp"
#include "owned_tasks.hpp"
#include "task_list.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace heddle::detail {

class root_header;

class current_thread_scheduler final : public scheduler {
 public:
  // How many tasks run between looks at the root future and the timers.
  static constexpr std::uint32_t turns_between_checks = 61;
  // Every so many turns the injection queue comes first.
  static constexpr std::uint32_t turns_between_injections = 31;

  using scheduler::scheduler;

  void schedule(task_header& task, schedule_hint hint) noexcept override;
  bool release(task_header& task) noexcept override { return owned_.remove(task); }
  void adopt(task_header& task) noexcept override;
  // Throws std::logic_error while another thread drives.
  hooks::task_home home() const noexcept override { return hooks::task_home::thread; }
  void block_on(root_future& root, const hooks::source_place& place) override;
  void shutdown() noexcept override;

 private:
  bool is_driven_here() const noexcept;
  void drive(root_header& header, root_future& root);
  task_header* next_task() noexcept;

  task_list local_;         // of the driving thread
  std::uint32_t turn_ = 0;  // of the driving thread
  injection_queue injection_;
  owned_tasks owned_;
  std::atomic<bool> is_driven_{false};  // set while a thread drives; passes local_ on
};

}  // namespace heddle::detail
