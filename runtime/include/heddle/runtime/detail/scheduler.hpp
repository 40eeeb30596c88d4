// What spawning and blocking on a future need to know of a runtime, whichever kind it is.
//
// How it works. `scheduler` is the shared core of a runtime: it owns the set of tasks, numbers them, and has
// the timer driver and the blocking pool. A thread that works for a runtime, or is inside its `block_on`,
// names it in a thread-local context, so that `spawn` and `sleep` find it.
//
// Thread safety. All functions may be called from any thread.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/runtime_settings.hpp"
#include "heddle/runtime/detail/task_cell.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heddle {

struct worker_metrics;

}  // namespace heddle

namespace heddle::detail {

class timer_driver;
class blocking_pool;
class thread_group;
class shutdown_limit;

// What every scheduler is made with.
struct runtime_parts {
  std::shared_ptr<const runtime_settings> settings;
  std::shared_ptr<timer_driver> timers;
  owner_ptr<blocking_pool> blocking;
  std::shared_ptr<thread_group> threads;
};

// The future of a block_on, of any type.
class root_future {
 public:
  root_future() = default;
  root_future(const root_future&) = delete;
  root_future& operator=(const root_future&) = delete;
  // Polls user code. True: the outcome is stored and the frame destroyed.
  [[nodiscard]] virtual bool poll(context& cx) noexcept = 0;
  virtual bool has_failed() const noexcept = 0;

 protected:
  ~root_future() = default;
};

class scheduler : public task_owner {
 public:
  explicit scheduler(runtime_parts parts) noexcept : parts_(std::move(parts)) {}

  // Takes over a new task with its three references, numbers, announces and schedules it; or drops its future, when the
  // runtime is shutting down. `place` is where it was spawned.
  virtual void adopt(task_header& task, task_companion_ptr companion, const hooks::source_place& place) noexcept = 0;
  // Polls `root` on the calling thread until it is done. A current-thread runtime runs its tasks meanwhile.
  virtual void block_on(root_future& root, const hooks::source_place& place) = 0;
  // The same, but leaves the tasks to others.
  void block_on_beside(root_future& root, const hooks::source_place& place);
  // Drops all tasks and stops the workers. A poll that is under way is waited for until `limit`; its task is dropped
  // after it. Called once, by the owner of the runtime.
  virtual void shutdown(const shutdown_limit& limit) noexcept = 0;

  // Adds all tasks that have not ended, with a reference to each.
  virtual void collect_tasks(std::vector<task_header*>& into) = 0;

  // For runtime_metrics. They take no lock.
  virtual std::size_t alive_tasks() const noexcept = 0;
  virtual std::size_t injection_depth() const noexcept = 0;
  virtual std::size_t worker_count() const noexcept = 0;
  virtual void read_worker(std::size_t index, worker_metrics& numbers) const noexcept = 0;

  task_id next_id() noexcept { return next_ids(1); }
  // The first of so many. Relaxed: numbers are drawn; nothing is published by it.
  task_id next_ids(std::uint64_t count) noexcept {
    return task_id(1 + count_.fetch_add(count, std::memory_order_relaxed));
  }
  const runtime_settings& settings() const noexcept { return *parts_.settings; }
  const std::shared_ptr<timer_driver>& timers() const noexcept { return parts_.timers; }
  blocking_pool& blocking() const noexcept;
  const std::shared_ptr<thread_group>& threads() const noexcept { return parts_.threads; }

 private:
  std::atomic<std::uint64_t> count_{0};  // numbers drawn so far
  const runtime_parts parts_;
};

// See task_dump.hpp.
std::vector<task_dump> dump_tasks(scheduler& of);

// The runtime of the calling thread. Throws std::logic_error that names `operation` when there is none.
scheduler& current_scheduler(const char* operation);

// Gives a new task to its scheduler. `place` is where it was spawned.
void spawn_task(scheduler& target, task_header& task, task_companion_ptr companion, const hooks::source_place& place);

// Gives a new closure to the blocking pool of its scheduler.
void spawn_closure(scheduler& target, task_header& task, const hooks::source_place& place);

// Polls `root` to its end on the calling thread. Throws std::logic_error inside async code.
void block_on_root(scheduler& target, root_future& root, const hooks::source_place& place);
void block_on_beside(scheduler& target, root_future& root, const hooks::source_place& place);

}  // namespace heddle::detail
