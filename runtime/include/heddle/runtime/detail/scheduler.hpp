// What spawning and blocking on a future need to know of a runtime, whichever kind it is.
//
// How it works. `scheduler` is the shared core of a runtime: it owns the set of tasks, numbers them, and has
// the timer driver and the blocking pool. A thread that works for a runtime, or is inside its `block_on`,
// names it in a thread-local context, so that `spawn` and `sleep` find it.
//
// Thread safety. All functions may be called from any thread.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/task_cell.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace heddle::detail {

class timer_driver;
class blocking_pool;

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

class scheduler : public task_owner, public std::enable_shared_from_this<scheduler> {
 public:
  scheduler(std::shared_ptr<timer_driver> timers, std::shared_ptr<blocking_pool> blocking) noexcept
      : timers_(std::move(timers)), blocking_(std::move(blocking)) {}

  // Takes over a new task with its three references, and schedules it; or drops its future, when the runtime
  // is shutting down.
  virtual void adopt(task_header& task) noexcept = 0;
  // Where its tasks run, for the observer.
  virtual hooks::task_home home() const noexcept = 0;
  // Polls `root` on the calling thread until it is done.
  virtual void block_on(root_future& root, const hooks::source_place& place) = 0;
  // Drops all tasks and stops the workers. Called once, by the owner of the runtime.
  virtual void shutdown() noexcept = 0;

  // Relaxed: a number is drawn; nothing is published by it.
  task_id next_id() noexcept { return task_id(1 + count_.fetch_add(1, std::memory_order_relaxed)); }
  const std::shared_ptr<timer_driver>& timers() const noexcept { return timers_; }
  const std::shared_ptr<blocking_pool>& blocking() const noexcept { return blocking_; }

 private:
  std::atomic<std::uint64_t> count_{0};  // tasks numbered so far
  const std::shared_ptr<timer_driver> timers_;
  const std::shared_ptr<blocking_pool> blocking_;
};

// The runtime of the calling thread. Throws std::logic_error that names `operation` when there is none.
scheduler& current_scheduler(const char* operation);

// Gives a new task to its scheduler. `name` may be null, otherwise it is moved from. `place` is where it was spawned.
void spawn_task(scheduler& target, task_header& task, std::string* name, const hooks::source_place& place);

// Gives a new closure to the blocking pool of its scheduler.
void spawn_closure(scheduler& target, task_header& task, const hooks::source_place& place);

// Polls `root` to its end on the calling thread. Throws std::logic_error inside async code.
void block_on_root(scheduler& target, root_future& root, const hooks::source_place& place);

}  // namespace heddle::detail
