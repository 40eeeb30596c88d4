// Executions that do not end: nothing changes any more, or there is too much of it.
//
// How it works. Loads, stores of a value that is there already, failed attempts at a lock, yields, polls of tasks that
// woke themselves, and operations of the runtime that only look are no progress: whoever does nothing else repeats
// itself until another thread does something. When options::steps_max is reached, and the last points were no progress
// although every thread that can run took its turns, that is a livelock; else the limit itself is all that is known.
//
// Limits. A loop that looks without end but counts its turns in plain memory looks the same; it is reported only where
// the step limit would be.
#include "execution.hpp"

#include <algorithm>
#include <string>

namespace heddle::sim {

// What the thread did last, such as "atomic load #3, yield": every operation once.
std::string execution::describe_spinning(const virtual_thread& thread) const {
  constexpr std::size_t operations_max = 4;
  host_vector<event> seen;
  const std::uint64_t kept = std::min<std::uint64_t>(events_, last_events_capacity);
  for (std::uint64_t back = 1; back <= kept && seen.size() < operations_max; ++back) {
    const event& one = last_events_[(events_ - back) % last_events_capacity];
    if (one.thread != thread.id || one.kind == operation_kind::choice || is_of_the_runtime(one)) continue;
    const bool known = std::any_of(seen.begin(), seen.end(), [&](const event& other) {
      return other.kind == one.kind && other.object == one.object;
    });
    if (!known) seen.push_back(one);
  }
  std::sort(seen.begin(), seen.end(), [](const event& one, const event& other) {
    return one.kind != other.kind ? one.kind < other.kind : one.object < other.object;
  });
  std::string text;
  for (const event& one : seen) {
    text += (text.empty() ? "" : ", ") + std::string{sim::name_of(one.kind)};
    if (one.object != 0) text += " #" + std::to_string(one.object);
  }
  return text;
}

void execution::fail_endless() {
  set_inactive();
  const std::vector<const virtual_thread*> threads = unfinished_threads();
  const bool all_took_turns = std::all_of(threads.begin(), threads.end(), [&](const virtual_thread* thread) {
    return thread->state != run_state::runnable || thread == current_ || thread->last_ran + idle_points_ > steps();
  });
  if (idle_points_ < spin_points_max || !all_took_turns) {
    fail(failure_kind::step_limit,
         "the execution takes more scheduling points than options::steps_max allows: it is endless or only long, and "
         "nothing else was found");
  }
  std::string message = "nothing changes any more, and what can run only looks again:";
  const char* separator = " ";
  for (const virtual_thread* thread : threads) {
    const std::string spins_on = describe_spinning(*thread);
    if (thread->state != run_state::runnable || spins_on.empty()) continue;
    message += separator + std::string{"thread "} + std::to_string(thread->id) + " (" + spins_on + ")";
    separator = ", ";
  }
  fail(failure_kind::livelock, message.c_str());
}

}  // namespace heddle::sim
