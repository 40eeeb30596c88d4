// Executions that do not end: nothing changes any more, or there is too much of it.
//
// How it works. Loads, stores of a value that is there already, failed attempts at a lock, yields, polls of tasks that
// woke themselves, and operations of the runtime that only look are no progress: whoever does nothing else repeats
// itself until another thread does something. When options::steps_max is reached, and the last points were no progress
// although every thread that can run took its turns, that is a livelock; else the limit itself is all that is known.
// A livelock is watched for some turns more (spin_watch.hpp), so that what is said of it is the same wherever it was
// cut off.
//
// Limits. A loop that looks without end but counts its turns in plain memory looks the same; it is reported only where
// the step limit would be.
#include "execution.hpp"
#include "heddle/sim/current.hpp"

#include <algorithm>
#include <string>

namespace heddle::sim {

namespace {

// Turns in which a loop shows all its points, as a rule.
constexpr std::uint64_t turns_of_a_loop = 64;
// Points that are watched at most, whoever has not had its turns by then.
constexpr std::uint64_t watched_points_max = 50'000;

// Such as "yield, atomic load #3".
std::string describe_turns(const host_vector<operation>& seen) {
  constexpr std::size_t operations_max = 4;
  host_vector<operation> sorted = seen;
  std::sort(sorted.begin(), sorted.end(), [](const operation& one, const operation& other) {
    return one.kind != other.kind ? one.kind < other.kind : one.object < other.object;
  });
  std::string text;
  for (std::size_t i = 0; i < sorted.size() && i < operations_max; ++i) {
    text += (i == 0 ? "" : ", ") + std::string{sim::name_of(sorted[i].kind)};
    const bool says_who = sorted[i].kind == operation_kind::task_poll;
    if (sorted[i].object != 0 && !says_who) text += " #" + std::to_string(sorted[i].object);
  }
  return text + (sorted.size() > operations_max ? ", ..." : "");
}

std::string looker_name(const spin_watch::looker& who) {
  return who.task != 0 ? "task " + std::to_string(who.task) : "thread " + std::to_string(who.thread);
}

}  // namespace

bool execution::only_looks() {
  const std::vector<const virtual_thread*> threads = unfinished_threads();
  const bool all_took_turns = std::all_of(threads.begin(), threads.end(), [&](const virtual_thread* thread) {
    return thread->state != run_state::runnable || thread == current_ || thread->last_ran + idle_points_ > steps();
  });
  return idle_points_ >= spin_points_max && all_took_turns;
}

void execution::begin_spin_watch() {
  spins_.begin(steps(), turns_of_a_loop * (1 + tasks_ready()));
  for (thread_id id = 0; id < threads_.size(); ++id) {
    const virtual_thread* const thread = thread_by_id(id);
    spins_.add_points(thread == nullptr ? 0 : steps_of(*thread));
  }
}

void execution::see_turn() {
  // What the runtime does to find its next task is no one's loop.
  if (!orders_here() || current_->state != run_state::runnable) return;
  const operation announced = next_[current_->id];
  const bool polls = announced.kind == operation_kind::task_poll;
  const task_record* const task = current_task();
  const std::uint32_t task_id = task == nullptr ? 0 : task->id;
  spins_.see(current_->id, polls ? announced.object : task_id, announced, stack_of(*current_));
}

bool execution::has_seen_turns() {
  if (steps() - spins_.first_step() >= watched_points_max) return true;
  const std::vector<const virtual_thread*> threads = unfinished_threads();
  return std::all_of(threads.begin(), threads.end(), [this](const virtual_thread* thread) {
    const bool takes_turns = thread->state == run_state::runnable || thread->deadline != no_deadline;
    return !takes_turns || steps_of(*thread) - spins_.points_of(thread->id) >= spins_.turns_wanted();
  });
}

void execution::look_at_endless() {
  const host_scope host;
  if (!spins_.has_begun()) {
    if (!only_looks()) {
      fail(failure_kind::step_limit,
           "the execution takes more scheduling points than options::steps_max allows: it is endless or only long, and "
           "nothing else was found");
    }
    begin_spin_watch();
  }
  see_turn();
  if (has_seen_turns()) fail_livelocked();
}

void execution::fail_livelocked() {
  host_vector<spin_watch::looker>& lookers = spins_.sorted();
  std::string message = "nothing changes any more, and what can run only looks again:";
  const char* separator = " ";
  for (const spin_watch::looker& who : lookers) {
    message += separator + looker_name(who) + " (" + describe_turns(who.operations) + ")";
    separator = ", ";
  }
  failure made = make_failure(failure_kind::livelock, std::move(message));
  for (const spin_watch::looker& who : lookers) {
    const std::vector<call_stack> stacks(who.stacks.begin(), who.stacks.end());
    for (thread_state& thread : made.threads) {
      if (who.task == 0 && thread.id == who.thread) thread.repeated = stacks;
    }
    for (task_state& task : made.tasks) {
      if (who.task != 0 && task.id == who.task) task.repeated = stacks;
    }
  }
  fail_with(std::move(made));
}

}  // namespace heddle::sim
