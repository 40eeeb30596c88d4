// The loop of the driving thread; see current_thread.hpp. Thread safety: as declared there.
#include "current_thread.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "root_header.hpp"
#include "thread_context.hpp"
#include "time/timer_driver.hpp"

#include <stdexcept>
#include <utility>

namespace heddle::detail {

namespace {

// Holds the right to drive for a scope. acquire and release hand the local queue from driver to driver.
class driving {
 public:
  explicit driving(std::atomic<bool>& flag) : flag_(flag) {
    if (flag_.exchange(true, std::memory_order_acquire)) {
      throw std::logic_error(
          "heddle: block_on was called while another thread drives the same current-thread runtime; use a multi-thread "
          "runtime, or one runtime per thread");
    }
  }
  driving(const driving&) = delete;
  driving& operator=(const driving&) = delete;
  ~driving() { flag_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool>& flag_;
};

}  // namespace

void current_thread_scheduler::start() {
  watchdog_ = make_watchdog(settings(), 1, [this](std::size_t) { return counters_.pulse(); });
}

bool current_thread_scheduler::is_driven_here() const noexcept {
  const thread_context* const here = thread_context::innermost();
  return here != nullptr && here->worker() == this;
}

void current_thread_scheduler::schedule(task_header& task, schedule_hint) noexcept {
  if (is_driven_here()) {
    local_.push(task);
  } else if (injection_.push(task)) {
    timers()->unpark();
  } else {
    task.drop_reference();
  }
}

void current_thread_scheduler::adopt(task_header& task, task_companion_ptr companion,
                                     const hooks::source_place& place) noexcept {
  add_references(1);
  task.assign(*this, {next_id(), std::move(companion), task_kind::async});
  task.announce(place, hooks::task_home::thread);
  if (owned_.insert(task)) {
    schedule(task, schedule_hint::spawned);
  } else {
    task.refuse();
  }
}

void current_thread_scheduler::block_on(root_future& root, const hooks::source_place& place) {
  const driving right(is_driven_);
  const thread_context here(*this, thread_role::polls_tasks, this);
  const hooks::operation_scope operation(hooks::operation::other, &root);
  const root_scope scope(timers(), place, hooks::task_home::thread);
  drive(scope.header(), root);
}

void current_thread_scheduler::drive(root_header& header, root_future& root) {
  if (wants_watchdog(settings())) counters_.set_thread(own_thread_id());
  counters_.begin();
  for (;;) {
    counters_.turned();
    if (header.take_woken() && header.poll(root)) break;
    const bool was_busy = run_some();
    local_depth_.set(local_.size());
    if (was_busy || header.is_woken()) {
      timers()->fire_due();
    } else {
      park();
    }
  }
  counters_.end();
}

// Runs up to `event_interval` tasks. False: there was none left.
bool current_thread_scheduler::run_some() noexcept {
  for (std::uint32_t i = 0; i < settings().event_interval; ++i) {
    task_header* const task = next_task();
    if (task == nullptr) return false;
    counters_.polled();
    task->run();
  }
  return true;
}

void current_thread_scheduler::park() {
  counters_.parks();
  timers()->park();
  counters_.unparks();
}

void current_thread_scheduler::read_worker(std::size_t, worker_metrics& numbers) const noexcept {
  counters_.read(numbers);
  numbers.queue_depth = static_cast<std::size_t>(local_depth_.read());
}

task_header* current_thread_scheduler::next_task() noexcept {
  if (--until_injection_ == 0) {
    until_injection_ = settings().global_queue_interval.value_or(global_queue_interval_default);
    if (task_header* const task = injection_.pop()) return task;
  }
  if (task_header* const task = local_.pop()) return task;
  return injection_.pop();
}

void current_thread_scheduler::shutdown(const shutdown_limit&) noexcept {
  const bool is_driven = is_driven_.exchange(true, std::memory_order_acquire);
  HEDDLE_ASSERT(!is_driven, "a runtime is destroyed while a thread is inside its block_on");
  const thread_context here(*this, thread_role::polls_tasks, this);
  watchdog_.reset();
  injection_.close();
  owned_.close_and_shut_down();
  while (task_header* const task = local_.pop()) task->drop_reference();
  while (task_header* const task = injection_.pop()) task->drop_reference();
}

}  // namespace heddle::detail
