// Starting, feeding and stopping the pool; see blocking_pool.hpp. Thread safety: as declared there.
#include "blocking/blocking_pool.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "scheduler/thread_context.hpp"

#include <memory>
#include <utility>

namespace heddle::detail {

void blocking_pool::submit(task_header& closure, scheduler& current) {
  std::unique_lock lock(mutex_);
  if (shutting_down_) {
    lock.unlock();
    return closure.shutdown();
  }
  if (idle_ <= queue_.size() && threads_.size() < threads_max_) {
    try {
      start_thread(current);
    } catch (...) {
      // With other threads the closure waits for one of them.
      if (threads_.empty()) {
        lock.unlock();
        closure.shutdown();
        throw;
      }
    }
  }
  queue_.push(closure);
  condition_.notify_one();
}

// A thread counts as idle from its start, so that the closure it was started for is its.
void blocking_pool::start_thread(scheduler& current) {
  threads_.reserve(threads_.size() + 1);
  threads_.emplace_back([this, &current] { run(current); });
  ++idle_;
}

void blocking_pool::run(scheduler& current) noexcept {
  const thread_context here(current, thread_role::runs_blocking, nullptr);
  const hooks::operation_scope loop(hooks::operation::other, this);
  while (task_header* const closure = wait_for_closure()) {
    {
      const hooks::operation_scope operation(hooks::operation::blocking, closure);
      closure->run();
    }
    const std::lock_guard lock(mutex_);
    ++idle_;
  }
}

// Null: the pool shuts down.
task_header* blocking_pool::wait_for_closure() {
  std::unique_lock lock(mutex_);
  while (queue_.is_empty() && !shutting_down_) condition_.wait(lock);
  if (shutting_down_) return nullptr;
  --idle_;
  return queue_.pop();
}

void blocking_pool::schedule(task_header&, schedule_hint) noexcept {
  HEDDLE_ASSERT(false, "a blocking closure has no waker, and is notified once");
}

void blocking_pool::shutdown() noexcept {
  std::vector<std::thread> threads;
  task_list dropped;
  {
    const std::lock_guard lock(mutex_);
    shutting_down_ = true;
    threads = std::move(threads_);
    dropped.append(queue_);
    condition_.notify_all();
  }
  while (task_header* const closure = dropped.pop()) closure->shutdown();
  for (std::thread& thread : threads) thread.join();
}

void spawn_closure(scheduler& target, task_header& task, const hooks::source_place& place) {
  const hooks::operation_scope operation(hooks::operation::spawn, &task);
  task.assign(target.blocking(), {target.next_id(), {}, task_kind::blocking});
  task.announce(place, hooks::task_home::pool);
  target.blocking()->submit(task, target);
}

}  // namespace heddle::detail
