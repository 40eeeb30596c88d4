// Scheduling, blocking on a root future, and shutdown; see multi_thread.hpp. Thread safety: as declared there.
#include "multi_thread.hpp"

#include "heddle/hooks.hpp"
#include "root_header.hpp"
#include "thread_context.hpp"
#include "thread_parker.hpp"
#include "time/timer_driver.hpp"
#include "worker.hpp"

namespace heddle::detail {

multi_thread_scheduler::multi_thread_scheduler(std::shared_ptr<timer_driver> timers,
                                               std::shared_ptr<blocking_pool> blocking, std::size_t worker_count)
    : scheduler(std::move(timers), std::move(blocking)), idle_(worker_count) {
  workers_.reserve(worker_count);
  for (std::size_t i = 0; i < worker_count; ++i) workers_.push_back(std::make_unique<worker>(*this, i));
}

multi_thread_scheduler::~multi_thread_scheduler() = default;

void multi_thread_scheduler::start() {
  try {
    for (const auto& each : workers_) each->start();
  } catch (...) {
    shutdown();
    throw;
  }
}

worker* multi_thread_scheduler::current_worker() noexcept {
  thread_context* const here = thread_context::innermost();
  if (here == nullptr || &here->current() != this) return nullptr;
  return static_cast<worker*>(here->worker());
}

void multi_thread_scheduler::schedule(task_header& task, schedule_hint hint) noexcept {
  if (worker* const here = current_worker()) {
    here->push(task, hint);
  } else {
    inject(task);
  }
}

void multi_thread_scheduler::adopt(task_header& task) noexcept {
  if (owned_.insert(task)) {
    schedule(task, schedule_hint::woken);
  } else {
    task.shutdown();
    task.drop_reference();
  }
}

void multi_thread_scheduler::inject(task_header& task) noexcept {
  if (injection_.push(task)) {
    notify_parked();
  } else {
    task.drop_reference();
  }
}

void multi_thread_scheduler::inject_all(task_list& tasks) noexcept {
  if (injection_.push_all(tasks)) return;
  while (task_header* const task = tasks.pop()) task->drop_reference();
}

void multi_thread_scheduler::notify_parked() noexcept {
  if (const auto chosen = idle_.take_parked()) workers_[*chosen]->unpark();
}

void multi_thread_scheduler::notify_if_work_pending() noexcept {
  bool pending_work = !injection_.is_empty();
  for (const auto& each : workers_) pending_work = pending_work || each->has_queued();
  if (pending_work) notify_parked();
}

void multi_thread_scheduler::block_on(root_future& root, const hooks::source_place& place) {
  const thread_context here(*this, thread_role::polls_tasks, nullptr);
  const hooks::operation_scope operation(hooks::operation::other, &root);
  const auto parker = std::make_shared<thread_parker>();
  const root_scope scope(parker, place, hooks::task_home::caller);
  for (;;) {
    if (scope.header().take_woken() && scope.header().poll(root)) return;
    if (!scope.header().is_woken()) parker->park();
  }
}

void multi_thread_scheduler::shutdown() noexcept {
  const thread_context here(*this, thread_role::polls_tasks, nullptr);
  injection_.close();
  // Release: pairs with is_shutting_down. A worker that is parked is unparked after it; one that is about to
  // park finds the notification.
  shutting_down_.store(true, std::memory_order_release);
  for (const auto& each : workers_) each->unpark();
  for (const auto& each : workers_) each->join();
  owned_.close_and_shut_down();
  while (task_header* const task = injection_.pop()) task->drop_reference();
}

}  // namespace heddle::detail
