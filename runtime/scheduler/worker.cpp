// The loop of a worker; see worker.hpp and multi_thread.hpp. Thread safety: as declared there.
#include "worker.hpp"

#include "heddle/hooks.hpp"
#include "multi_thread.hpp"
#include "thread_context.hpp"
#include "time/timer_driver.hpp"

#include <utility>

namespace heddle::detail {

worker::worker(multi_thread_scheduler& owner, std::size_t index)
    : owner_(owner), index_(index), parker_(*owner.timers()), random_(index) {}

void worker::start() {
  thread_ = std::thread([this] { run(); });
}

void worker::join() noexcept {
  if (thread_.joinable()) thread_.join();
}

void worker::run() noexcept {
  const thread_context here(owner_, thread_role::polls_tasks, this);
  const hooks::operation_scope loop(hooks::operation::other, this);
  while (!owner_.is_shutting_down()) {
    ++turn_;
    if (turn_ % turns_between_checks == 0) check_timers();
    task_header* task = next_task();
    if (task == nullptr) task = steal();
    if (task != nullptr) {
      run_task(*task);
    } else {
      park();
    }
  }
  drain();
}

task_header* worker::next_task() noexcept {
  if (turn_ % turns_between_checks == 0) {
    if (task_header* const task = owner_.injection_.pop()) return task;
  }
  if (task_header* const task = std::exchange(lifo_slot_, nullptr)) return task;
  if (task_header* const task = queue_.pop()) return task;
  return owner_.injection_.pop();
}

task_header* worker::steal() noexcept {
  if (!is_searching_) {
    if (!owner_.idle_.transition_to_searching()) return nullptr;
    is_searching_ = true;
  }
  const auto others = static_cast<std::uint32_t>(owner_.workers_.size() - 1);
  if (others > 0) {
    const std::uint32_t first =
        others == 1 ? 0 : hooks::choose(hooks::choice::steal_victim, others, random_.next_below(others));
    for (std::uint32_t i = 0; i < others; ++i) {
      const std::size_t victim = (index_ + 1 + (first + i) % others) % owner_.workers_.size();
      if (task_header* const task = owner_.workers_[victim]->steal_from(queue_)) return task;
    }
  }
  return owner_.injection_.pop();
}

void worker::run_task(task_header& task) noexcept {
  if (std::exchange(is_searching_, false) && owner_.idle_.transition_from_searching()) owner_.notify_parked();
  task.run();
  for (std::uint32_t polls = 0; lifo_slot_ != nullptr; ++polls) {
    task_header& next = *std::exchange(lifo_slot_, nullptr);
    if (polls == lifo_polls_max) {
      // Two tasks that wake each other must not keep the rest of the queue from running.
      push_back(next);
      break;
    }
    next.run();
  }
}

void worker::push(task_header& task, schedule_hint hint) noexcept {
  task_header* later = &task;
  if (hint == schedule_hint::woken) later = std::exchange(lifo_slot_, &task);
  // A single woken task runs here next; anything beyond that is worth another worker.
  if (later == nullptr) return;
  push_back(*later);
  if (!is_parking_) owner_.notify_parked();
}

void worker::push_back(task_header& task) noexcept {
  if (queue_.try_push_back(task)) return;
  task_list overflow;
  queue_.push_back(task, overflow);
  if (!overflow.is_empty()) owner_.inject_all(overflow);
}

void worker::check_timers() {
  timer_driver& timers = *owner_.timers();
  if (!timers.try_acquire_role()) return;
  is_parking_ = true;
  timers.fire_due();
  is_parking_ = false;
  timers.release_role();
  notify_if_much();
}

void worker::notify_if_much() noexcept {
  if (is_searching_) return;
  if (queue_.size() + (lifo_slot_ != nullptr ? 1 : 0) > 1) owner_.notify_parked();
}

void worker::park() {
  if (has_work()) return;
  if (owner_.idle_.transition_to_parked(index_, std::exchange(is_searching_, false))) owner_.notify_if_work_pending();
  is_parking_ = true;
  while (!owner_.is_shutting_down()) {
    parker_.park();
    if (transition_from_parked()) break;
  }
  is_parking_ = false;
  notify_if_much();
}

bool worker::transition_from_parked() noexcept {
  if (has_work()) {
    // The timers gave us tasks. If somebody unparked us as well, we are counted as searching.
    is_searching_ = !owner_.idle_.transition_from_parked(index_);
    return true;
  }
  if (owner_.idle_.is_parked(index_)) return false;
  is_searching_ = true;
  return true;
}

// Each worker drops tasks until none is left, then the notifications that were on their way to it.
void worker::drain() noexcept {
  owner_.owned_.close_and_shut_down();
  while (has_work()) {
    if (lifo_slot_ != nullptr) {
      std::exchange(lifo_slot_, nullptr)->drop_reference();
    } else if (task_header* const task = queue_.pop()) {
      task->drop_reference();
    }
  }
}

}  // namespace heddle::detail
