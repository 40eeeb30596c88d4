// The loop of a worker; see worker.hpp and multi_thread.hpp. Thread safety: as declared there.
#include "worker.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "multi_thread.hpp"
#include "thread_context.hpp"
#include "time/timer_driver.hpp"
#include "watchdog/stall_watchdog.hpp"

#include <algorithm>
#include <utility>

namespace heddle::detail {

worker::worker(multi_thread_scheduler& owner, std::size_t index)
    : owner_(owner),
      index_(index),
      parker_(*owner.timers()),
      event_interval_(owner.settings().event_interval),
      global_queue_interval_(owner.settings().global_queue_interval.value_or(global_queue_interval_default)),
      until_timers_(event_interval_),
      until_injection_(global_queue_interval_),
      random_(index) {}

void worker::read(worker_metrics& numbers) const noexcept {
  counters_.read(numbers);
  numbers.queue_depth = spawned_.size() + queue_.size();
}

void worker::run() noexcept {
  if (!try_begin()) return;
  // Not const: a task that blocks in place changes it.
  thread_context here(owner_, thread_role::polls_tasks, this);
  const hooks::operation_scope loop(hooks::operation::other, this);
  begin_counting();
  while (!owner_.is_shutting_down()) {
    if (--until_timers_ == 0) check_timers();
    task_header* task = next_task();
    if (task == nullptr) task = steal();
    if (task == nullptr) {
      park();
    } else if (!run_task(*task, here)) {
      return;
    }
  }
  drain();
  counters_.end();
  end();
}

void worker::drain_if_free() noexcept {
  if (!try_begin()) return;
  drain();
  end();
}

void worker::end() noexcept {
  // The thread has a reference of its own, so these are not the last.
  owner_.drop_references(std::exchange(spare_references_, 0));
  owner_.worker_ended();
}

task_id worker::lend_reference_and_id() noexcept {
  if (spare_references_ == 0) {
    owner_.add_references(references_at_once);
    spare_references_ = references_at_once;
  }
  --spare_references_;
  if (next_id_ == end_of_ids_) {
    next_id_ = owner_.next_ids(ids_at_once).number();
    end_of_ids_ = next_id_ + ids_at_once;
  }
  return task_id(next_id_++);
}

void worker::take_back_reference() noexcept {
  if (++spare_references_ < 2 * references_at_once) return;
  spare_references_ -= references_at_once;
  owner_.drop_references(references_at_once);
}

void worker::hand_over(thread_context& here) {
  // Others may steal it from the queue until the stand-in comes.
  if (task_header* const task = std::exchange(lifo_slot_, nullptr)) put_off(*task, is_slot_new_);
  counters_.end();
  here.set_worker(nullptr);
  leave();
  try {
    owner_.call_stand_in(*this);
  } catch (...) {
    take_back(here);
    throw;
  }
}

void worker::take_back(thread_context& here) noexcept {
  if (!try_begin()) return;
  here.set_worker(this);
  begin_counting();
}

void worker::begin_counting() noexcept {
  if (wants_watchdog(owner_.settings())) counters_.set_thread(own_thread_id());
  counters_.begin();
}

task_header* worker::next_task() noexcept {
  if (--until_injection_ == 0) {
    until_injection_ = global_queue_interval_;
    leaves_injected_ = false;
    task_header* task = owner_.injection_.pop();
    if (task == nullptr) task = take_oldest();
    if (task != nullptr) return before_slot(*task);
  }
  if (--until_queue_ == 0) {
    until_queue_ = queue_interval;
    if (task_header* const task = queue_.pop()) return before_slot(*task);
  }
  if (task_header* const task = std::exchange(lifo_slot_, nullptr)) return task;
  if (task_header* const task = spawned_.pop()) return task;
  if (task_header* const task = queue_.pop()) return task;
  return take_injected();
}

// What is in the slot would be out of reach for others as long as this one is polled.
task_header* worker::before_slot(task_header& task) noexcept {
  if (task_header* const later = std::exchange(lifo_slot_, nullptr)) {
    put_off(*later, is_slot_new_);
    notify();
  }
  return &task;
}

// Nobody waits for ever behind those who come later, whatever they spawn and wake.
task_header* worker::take_oldest() noexcept {
  if (task_header* const task = queue_.pop()) return task;
  return spawned_.steal();
}

// The first task of the injection queue, or null; and takes its fair share of the others along, so that not every task
// costs a lock.
task_header* worker::take_injected() noexcept {
  if (leaves_injected_) return nullptr;
  const std::size_t share = owner_.injection_.size() / owner_.workers_.size() + 1;
  const std::size_t room = std::min(queue_.room(), local_queue::capacity / 2);
  task_list taken;
  owner_.injection_.pop_some(std::min(share, room + 1), taken);
  task_header* const first = taken.pop();
  while (task_header* const task = taken.pop()) {
    const bool fits = queue_.try_push_back(*task);
    HEDDLE_ASSERT(fits, "a worker takes more tasks than its queue has room for");
  }
  return first;
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
      if (task_header* const task = owner_.workers_[victim]->steal_for(*this)) {
        counters_.stole();
        return task;
      }
    }
  }
  return take_injected();
}

task_header* worker::steal_for(worker& thief) noexcept {
  if (task_header* const task = spawned_.steal_into(thief.spawned_)) return task;
  return queue_.steal_into(thief.queue_);
}

bool worker::poll(task_header& task, const thread_context& here) noexcept {
  counters_.polled();
  task.run();
  return here.worker() == this;
}

bool worker::run_task(task_header& task, const thread_context& here) noexcept {
  if (std::exchange(is_searching_, false) && owner_.idle_.transition_from_searching()) owner_.notify_parked();
  if (!poll(task, here)) return false;
  // A new task has a turn of its own, as those in the deque have.
  for (std::uint32_t polls = 0; lifo_slot_ != nullptr && !is_slot_new_; ++polls) {
    task_header& next = *std::exchange(lifo_slot_, nullptr);
    if (polls == lifo_polls_max) {
      // Two tasks that wake each other must not keep the rest of the queue from running.
      put_last(next);
      break;
    }
    if (!poll(next, here)) return false;
  }
  return true;
}

// Gives the task to a parked worker, if there is one, instead of running it here. Only an observer asks for that, so
// that tasks move between workers more often than they do by themselves. The worker that gave one away leaves the
// injection queue alone until it parks or is to look there: who was woken for the task searches, and takes it.
bool worker::moves(task_header& task) noexcept {
  if (is_parking_) return false;
  if (!std::exchange(has_to_move_, false) && hooks::choose(hooks::choice::task_move, 2, 0) == 0) return false;
  if (!owner_.inject_for_parked(task)) return false;
  leaves_injected_ = true;
  return true;
}

// The same turn as by way of the queue, without its cost; the loop does what is due after so many turns. Nobody could
// have stolen the task meanwhile: it would have been alone in the queue, for which no other worker is woken.
bool worker::goes_on_after_yield() noexcept {
  if (has_work() || !owner_.injection_.is_empty() || owner_.is_shutting_down()) return false;
  if (until_timers_ == 1) return false;
  has_to_move_ = hooks::choose(hooks::choice::task_move, 2, 0) != 0;
  if (has_to_move_) return false;
  --until_timers_;
  counters_.polled();
  return true;
}

void worker::push(task_header& task, schedule_hint hint) noexcept {
  if (moves(task)) return;
  if (hint == schedule_hint::yielded) return put_last(task);
  const bool was_new = std::exchange(is_slot_new_, hint == schedule_hint::spawned);
  task_header* const later = std::exchange(lifo_slot_, &task);
  if (later == nullptr) return;
  put_off(*later, was_new);
  notify();
}

// A single task runs here next; anything beyond that is worth another worker.
void worker::put_last(task_header& task) noexcept {
  const bool is_single = !has_work();
  push_back(task);
  if (!is_single) notify();
}

// Behind what is to run next.
void worker::put_off(task_header& task, bool is_new) noexcept {
  if (is_new && spawned_.try_push(task)) return;
  push_back(task);
}

// Somebody may want what was pushed.
void worker::notify() noexcept {
  if (is_parking_) return;
  queue_.publish();
  owner_.notify_parked();
}

void worker::push_back(task_header& task) noexcept {
  if (queue_.try_push_back(task)) return;
  task_list overflow;
  queue_.push_back(task, overflow);
  if (!overflow.is_empty()) owner_.inject_all(overflow);
}

void worker::check_timers() {
  until_timers_ = event_interval_;
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
  if (spawned_.size() + queue_.size() + (lifo_slot_ != nullptr ? 1 : 0) > 1) notify();
}

void worker::park() {
  leaves_injected_ = false;
  if (has_work()) return;
  if (owner_.idle_.transition_to_parked(index_, std::exchange(is_searching_, false))) owner_.notify_if_work_pending();
  is_parking_ = true;
  counters_.parks();
  while (!owner_.is_shutting_down()) {
    parker_.park();
    if (transition_from_parked()) break;
  }
  counters_.unparks();
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
    task_header* task = std::exchange(lifo_slot_, nullptr);
    if (task == nullptr) task = spawned_.pop();
    if (task == nullptr) task = queue_.pop();
    if (task != nullptr) task->drop_reference();
  }
}

}  // namespace heddle::detail
