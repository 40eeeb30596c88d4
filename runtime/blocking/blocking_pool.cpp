// Starting, feeding and stopping the pool; see blocking_pool.hpp. Thread safety: as declared there.
#include "blocking/blocking_pool.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/sleep.hpp"
#include "scheduler/thread_group.hpp"

#include <utility>

namespace heddle::detail {

void blocking_pool::submit(task_header& closure, scheduler& current) {
  std::unique_lock lock(mutex_);
  if (is_closed_) {
    lock.unlock();
    return closure.shutdown();
  }
  if (idle_.read() <= queue_.size() && threads_.read() < threads_max_) {
    try {
      start_thread(current);
    } catch (...) {
      // With other threads the closure waits for one of them.
      if (threads_.read() == 0) {
        lock.unlock();
        closure.shutdown();
        throw;
      }
    }
  }
  queue_.push(closure);
  queued_.set(queue_.size());
  // Unlocked first, or who wakes waits for the mutex at once. The caller's runtime keeps the pool.
  lock.unlock();
  condition_.notify_one();
}

// A thread counts as idle from its start, so that the closure it was started for is its.
void blocking_pool::start_thread(scheduler& current) {
  current.threads()->start(owner_ptr<scheduler>(current), [this] { run(); });
  threads_.set(threads_.read() + 1);
  idle_.set(idle_.read() + 1);
}

void blocking_pool::run() noexcept {
  task_header* closure = wait_for_closure(thread_state::idle);
  while (closure != nullptr) {
    {
      const hooks::operation_scope operation(hooks::operation::blocking, closure);
      closure->run();
    }
    closure = wait_for_closure(thread_state::busy);
  }
}

// Null: the thread ends, and is counted no longer. `before`: how it is counted until then.
task_header* blocking_pool::wait_for_closure(thread_state before) {
  std::unique_lock lock(mutex_);
  if (before == thread_state::busy) idle_.set(idle_.read() + 1);
  const auto until = deadline_after(keep_alive_);
  bool is_late = false;
  while (queue_.is_empty() && !is_closed_ && !is_late) {
    is_late = condition_.wait_until(lock, until) == std::cv_status::timeout;
  }
  idle_.set(idle_.read() - 1);
  if (queue_.is_empty()) {
    threads_.set(threads_.read() - 1);
    return nullptr;
  }
  task_header* const closure = queue_.pop();
  queued_.set(queue_.size());
  return closure;
}

void blocking_pool::schedule(task_header&, schedule_hint) noexcept {
  HEDDLE_ASSERT(false, "a blocking closure has no waker, and is notified once");
}

void blocking_pool::close() noexcept {
  task_list dropped;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    dropped.append(queue_);
    queued_.set(0);
    condition_.notify_all();
  }
  while (task_header* const closure = dropped.pop()) closure->shutdown();
}

blocking_pool& scheduler::blocking() const noexcept {
  return *parts_.blocking;
}

void spawn_closure(scheduler& target, task_header& task, const hooks::source_place& place) {
  const hooks::operation_scope operation(hooks::operation::spawn, &task);
  target.blocking().add_references(1);
  task.assign(target.blocking(), {target.next_id(), nullptr, task_kind::blocking});
  task.announce(place, hooks::task_home::pool);
  target.blocking().submit(task, target);
}

}  // namespace heddle::detail
