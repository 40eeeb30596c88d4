// Cancellation as a decision: tasks that are dropped where they are suspended, and sleeps that end early.
//
// How it works. The runtime asks through its hooks at the two ends of a suspension: after a poll that was pending, and
// before the next one. What the source answers the runtime does as for any call of abort, so what is explored is what a
// join_handle could have done: the drop right at the suspension, the drop some time later while nothing has woken the
// task, and the drop of one that has been woken, and perhaps been handed something, but did not get to look at it.
//
// A sleep that is over early is no cheat either: the clock goes to its deadline, as if the machine had been slow.
//
// Limits: the futures of block_on are not cancelled, nor are blocking closures.
#include "execution.hpp"

namespace heddle::sim {

namespace {

// A sleep for ever stays one.
constexpr std::uint64_t sleep_max_ns = 366ull * 24 * 3600 * 1'000'000'000;

bool is_cancellable(const task_record& task) noexcept {
  return task.cancellable && task.uncancellable_scopes == 0 && task.shares_thread;
}

}  // namespace

hooks::abort_moment execution::aborts_suspended(task_record& task) {
  constexpr std::uint32_t moments = 3;
  if (!is_cancellable(task)) return hooks::abort_moment::never;
  const std::uint32_t when = choose(choice_kind::cancellation, moments);
  if (when == 0) return hooks::abort_moment::never;
  --cancellations_left_;
  if (when == 1) {
    note_mishap(mishap::what::aborted, &task, task.name);
    return hooks::abort_moment::at_once;
  }
  note_mishap(mishap::what::aborted_later, &task, task.name);
  return hooks::abort_moment::later;
}

bool execution::aborts_queued(task_record& task) {
  if (!is_cancellable(task) || choose(choice_kind::cancellation, 2) == 0) return false;
  --cancellations_left_;
  note_mishap(mishap::what::aborted_queued, &task, task.name);
  return true;
}

bool execution::runs_out(std::uint64_t deadline) {
  const task_record& task = *current_->polled;
  if (task.uncancellable_scopes != 0 || deadline <= now_ || deadline - now_ > sleep_max_ns) return false;
  if (choose(choice_kind::early_timeout, 2) == 0) return false;
  --cancellations_left_;
  note_mishap(mishap::what::sleep_over, &task, task.name);
  now_ = deadline;
  fire_due_timers();
  return true;
}

}  // namespace heddle::sim
