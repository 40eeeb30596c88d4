// Scheduling, blocking on a root future, and shutdown; see multi_thread.hpp. Thread safety: as declared there.
#include "multi_thread.hpp"

#include "blocking/blocking_pool.hpp"
#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/owned_call.hpp"
#include "heddle/runtime/join_handle.hpp"
#include "thread_context.hpp"
#include "thread_group.hpp"
#include "time/timer_driver.hpp"
#include "watchdog/stall_watchdog.hpp"
#include "worker.hpp"

#include <type_traits>
#include <utility>

namespace heddle::detail {

namespace {

// How many tasks may block in place at the same time, beyond one for each worker, before workers wait for each other.
constexpr std::size_t stand_ins_max = 65536;

}  // namespace

multi_thread_scheduler::multi_thread_scheduler(runtime_parts parts)
    : scheduler(std::move(parts)),
      idle_(settings().worker_threads),
      owned_(settings().worker_threads),
      stand_ins_(
          owner_ptr<blocking_pool>::make(settings().worker_threads + stand_ins_max, settings().thread_keep_alive)),
      not_ended_(settings().worker_threads) {
  workers_.reserve(not_ended_);
  for (std::size_t i = 0; i < not_ended_; ++i) workers_.push_back(std::make_unique<worker>(*this, i));
}

multi_thread_scheduler::~multi_thread_scheduler() = default;

void multi_thread_scheduler::start() {
  try {
    for (const auto& each : workers_) {
      threads()->start(owner_ptr<scheduler>(*this), [runs = each.get()] { runs->run(); });
    }
    watchdog_ =
        make_watchdog(settings(), workers_.size(), [this](std::size_t index) { return workers_[index]->pulse(); });
  } catch (...) {
    shutdown(shutdown_limit());
    threads()->join_all(shutdown_limit());
    throw;
  }
}

void multi_thread_scheduler::call_stand_in(worker& idle) {
  const auto run = [&idle] { idle.run(); };
  using call = blocking_call<std::remove_const_t<decltype(run)>>;
  auto* const closure = new task_cell<call>(std::in_place, run);
  const join_handle<void> nobody_waits(*closure);
  // Not announced to the observer: it is the runtime's own, and runs other tasks.
  stand_ins_->add_references(1);
  closure->assign(*stand_ins_, {task_id(), nullptr, task_kind::blocking});
  stand_ins_->submit(*closure, *this);
}

void multi_thread_scheduler::worker_ended() noexcept {
  const std::lock_guard lock(ended_mutex_);
  if (--not_ended_ == 0) all_ended_.notify_all();
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

bool multi_thread_scheduler::goes_on_after_yield() noexcept {
  worker* const here = current_worker();
  return here != nullptr && here->goes_on_after_yield();
}

void multi_thread_scheduler::take_back_reference() noexcept {
  if (worker* const here = current_worker()) {
    here->take_back_reference();
  } else {
    drop_references(1);
  }
}

void multi_thread_scheduler::adopt(task_header& task, task_companion_ptr companion,
                                   const hooks::source_place& place) noexcept {
  worker* const here = current_worker();
  if (here == nullptr) add_references(1);
  const task_id id = here == nullptr ? next_id() : here->lend_reference_and_id();
  task.assign(*this, {id, std::move(companion), task_kind::async});
  task.announce(place, hooks::task_home::workers);
  if (!owned_.insert(task, here == nullptr ? id.number() : here->index())) {
    task.refuse();
  } else if (here == nullptr) {
    inject(task);
  } else {
    here->push(task, schedule_hint::spawned);
  }
}

void multi_thread_scheduler::inject(task_header& task) noexcept {
  if (injection_.push(task)) {
    notify_parked();
  } else {
    task.drop_reference();
  }
}

bool multi_thread_scheduler::inject_for_parked(task_header& task) noexcept {
  const auto chosen = idle_.take_parked();
  if (!chosen) return false;
  if (!injection_.push(task)) task.drop_reference();
  workers_[*chosen]->unpark();
  return true;
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
  block_on_beside(root, place);
}

void multi_thread_scheduler::read_worker(std::size_t index, worker_metrics& numbers) const noexcept {
  workers_[index]->read(numbers);
}

void multi_thread_scheduler::shutdown(const shutdown_limit& limit) noexcept {
  const thread_context here(*this, thread_role::polls_tasks, nullptr);
  watchdog_.reset();
  injection_.close();
  // Release: pairs with is_shutting_down. A worker that is parked is unparked after it; one that is about to
  // park finds the notification.
  shutting_down_.store(true, std::memory_order_release);
  for (const auto& each : workers_) each->unpark();
  // A worker that was handed over, and whose stand-in has not begun and now never will.
  stand_ins_->close();
  for (const auto& each : workers_) each->drain_if_free();
  {
    std::unique_lock lock(ended_mutex_);
    static_cast<void>(limit.wait(all_ended_, lock, [this] { return not_ended_ == 0; }));
  }
  owned_.close_and_shut_down();
  while (task_header* const task = injection_.pop()) task->drop_reference();
}

}  // namespace heddle::detail
