// The single decision source: every outcome that could differ from run to run is asked for here.
//
// The machine asks only when there are at least two candidates, unless the source wants more. An execution is a pure
// function of the answers, so a source that repeats them repeats the execution, event by event.
#pragma once

#include "heddle/sim/operation.hpp"

#include <cstdint>
#include <span>

namespace heddle::sim {

// Decisions other than which thread runs.
enum class choice_kind : std::uint8_t {
  wake_order,    // which waiter of a condition variable, futex or semaphore a notification reaches
  timer_tie,     // which of several deadlines at one instant fires first
  steal_victim,  // the runtime's, see hooks::choice
  idle_worker,
  select_order,
  task_move,           // the same: whether a task goes on on another worker, while there are values bound to threads
  read_from,           // which store an atomic operation reads, the newest first: weak memory only
  store_place,         // where a store stands among the others, the newest first: weak memory only
  weak_failure,        // whether a weak compare-exchange fails although it need not: 1 if so
  spurious_wakeup,     // whether a wait on a condition variable ends without a notification
  early_timeout,       // whether a timed wait runs out, or a sleep of a task is over, while others could go on
  cancellation,        // whether a task is aborted where it is suspended: 1 if so at once, 2 if after a turn of others
  fault,               // whether a fault happens at a point of the test's own
  allocation_failure,  // whether an allocation fails
  test,                // check::choose and check::value of the test itself
};

const char* name_of(choice_kind kind) noexcept;

// The question "who runs next?". Valid during the call only.
struct scheduling_point {
  thread_id current = no_thread;        // the thread that ran last; no_thread before the first step
  bool current_runnable = false;        // whether it is among the candidates
  std::span<const thread_id> runnable;  // their order is a function of earlier answers
  std::span<const operation> next;      // what each thread is about to do, indexed by thread_id
  std::uint64_t step = 0;               // scheduling points passed so far in this execution
  std::uint64_t now = 0;                // simulated time in nanoseconds since the execution began
};

class decision_source {
 public:
  decision_source() = default;
  decision_source(const decision_source&) = delete;
  decision_source& operator=(const decision_source&) = delete;
  virtual ~decision_source() = default;

  // Whether it is asked at every scheduling point, also at those where only one thread can run. Looked at when an
  // execution begins.
  virtual bool wants_every_point() const noexcept { return false; }
  // One of point.runnable.
  virtual thread_id choose_thread(const scheduling_point& point) noexcept = 0;
  // A number below `candidates`, which is at least 2.
  virtual std::uint32_t choose(choice_kind kind, std::uint32_t candidates) noexcept = 0;
};

}  // namespace heddle::sim
