// Blocking where it stops other tasks: a call that blocks while a task is polled, and a lock that outlasts the poll.
//
// How it works. A wait that would block is looked at before it does, by what it waits for and not for how long: the
// worker that polls a task runs nothing else meanwhile. A mutex that is only contended is not reported: short critical
// sections are what mutexes are for, in tasks too. At the end of each poll the locks that the thread holds are compared
// with those it held at its beginning.
//
// Only tasks that share their thread with others are meant: not the task of a block_on beside workers, nor blocking
// closures, which are not polled.
#include "../races/call_tree.hpp"
#include "execution.hpp"

#include <string>
#include <utility>

namespace heddle::sim {

namespace {

// Null where blocking is not reported.
const char* verb_of(wait_reason reason) noexcept {
  switch (reason) {
    case wait_reason::condition:
      return "waits for a condition variable";
    case wait_reason::futex:
      return "waits for an atomic or a futex";
    case wait_reason::semaphore:
      return "waits for a semaphore";
    case wait_reason::barrier:
      return "waits at a barrier";
    case wait_reason::join:
      return "joins a thread";
    case wait_reason::sleep:
      return "sleeps";
    case wait_reason::signal:
      return "waits for a signal";
    default:
      return nullptr;
  }
}

}  // namespace

std::uint32_t execution::tasks_ready() noexcept {
  std::uint32_t ready = 0;
  for (std::size_t i = 0; i < tasks_.size(); ++i) ready += tasks_[i].condition == task_condition::queued ? 1 : 0;
  return ready;
}

void execution::fail_if_stalling(wait_reason reason) {
  const virtual_thread& self = *current_;
  if (!options_.stalls || self.polled == nullptr || !self.polled->shares_thread || self.trust != 0) return;
  const char* const verb = verb_of(reason);
  if (verb == nullptr || self.blocking_allowed != 0) return;
  const std::uint32_t place = places().place_of(*current_, self.pc);
  if (has_accepted(failure_kind::blocking_stall, place, 0)) return;
  set_inactive();
  const std::uint32_t ready = tasks_ready();
  std::string message = "task " + std::to_string(self.polled->id) + " " + verb +
                        " while it is polled, and its worker runs nothing else until then";
  if (ready != 0) message += "; " + std::to_string(ready) + (ready == 1 ? " task is" : " tasks are") + " ready to run";
  fail_unless_accepted(make_failure(failure_kind::blocking_stall, std::move(message)), place);
}

void execution::note_locked(const sync_object& lock, std::uintptr_t pc) {
  if (!options_.stalls || current_->polled == nullptr || current_->trust != 0) return;
  current_->locks_held.push_back({.lock = &lock, .place = places().place_of(*current_, pc)});
}

void execution::note_unlocked(const sync_object& lock) noexcept {
  auto& held = current_->locks_held;
  for (std::size_t i = held.size(); i-- > 0;) {
    if (held[i].lock != &lock) continue;
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

failure execution::keeping_of(const held_lock& kept, const task_record& task) {
  const std::string who = "task " + std::to_string(task.id);
  failure made = make_failure(failure_kind::lock_held_across_await,
                              "a poll of " + who + " ends with mutex #" + std::to_string(kept.lock->id) +
                                  " locked: whoever wants it waits for a suspended task, which may go on on another "
                                  "thread");
  made.related.push_back({.title = who + ", where it locked it", .stack = places().stack_at(kept.place)});
  return made;
}

void execution::fail_if_holding_locks(const task_record& task) {
  if (!options_.stalls || !task.shares_thread || current_->locks_held.size() <= task.locks_held_before) return;
  const held_lock kept = current_->locks_held.back();
  if (has_accepted(failure_kind::lock_held_across_await, kept.place, 0)) return;
  set_inactive();
  fail_unless_accepted(keeping_of(kept, task), kept.place);
}

}  // namespace heddle::sim
