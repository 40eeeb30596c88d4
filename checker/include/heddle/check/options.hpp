// What one exploration does and where it stops.
//
//     heddle::check::options{.schedules = 10'000, .granularity = heddle::check::granularity::memory}
//
// The environment goes over the options of a test: HEDDLE_SEED, HEDDLE_SCHEDULES, HEDDLE_TIME,
// HEDDLE_STRATEGY, HEDDLE_GRANULARITY, HEDDLE_MINIMISE, HEDDLE_TOKEN, HEDDLE_REPLAY, HEDDLE_REPORT_DIR,
// HEDDLE_SUPPRESSIONS and HEDDLE_VERBOSE. A value that cannot be read, and any other name that begins with HEDDLE_, is
// an error: nothing is explored and the report has failed.
#pragma once

#include "heddle/check/strategy.hpp"
#include "heddle/check/suppression.hpp"
#include "heddle/sim/operation.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace heddle::check {

// How finely an execution is interleaved: task, sync, memory or runtime.
using granularity = sim::granularity;

// What a replay token holds.
enum class token_form : std::uint8_t {
  seed,  // the seed and number of the schedule: short, and good as long as the program and the strategy are the same
  full,  // every decision as well: long, and independent of the strategy
};

struct options {
  // How schedules are chosen. HEDDLE_STRATEGY.
  check::strategy strategy = portfolio{};

  // Executions to run; 0: no limit, and then `time` must be given unless the strategy ends by itself.
  // HEDDLE_SCHEDULES.
  std::uint64_t schedules = 1000;

  // Time after which no further execution is begun; 0: no limit. HEDDLE_TIME, such as 500ms, 30s, 2m or 1h;
  // where it is given without HEDDLE_SCHEDULES, it alone decides.
  std::chrono::milliseconds time{0};

  // All schedules are a function of it: the same seed explores the same ones. One of 2^63 or more leaves out the fixed
  // schedules of a portfolio, which are the same for every seed: for what goes on where another seed has tried them.
  // HEDDLE_SEED.
  std::uint64_t seed = 1;

  // Which operations are scheduling points. HEDDLE_GRANULARITY.
  check::granularity granularity = check::granularity::sync;

  // Whether atomic operations do all that C++20 allows under their memory orders: a load may return an older store
  // than the newest. Otherwise all are sequentially consistent. See docs/weak-memory.md for what is modelled.
  bool weak_memory = true;

  // Whether two accesses to the same bytes that nothing orders, one of them a write and one of them not atomic, are a
  // finding (data-race), whatever came of them.
  bool races = true;

  // Whether it is a finding when a task blocks the worker that polls it (blocking-stall: it sleeps, joins a thread,
  // waits for a condition variable, a semaphore, a future, an atomic; not for a mutex that is merely contended), or is
  // suspended with a mutex locked (lock-held-across-await). check::allow_blocking is for what is meant.
  bool stalls = true;

  // Whether it is a finding when an execution ends and nothing leads any more to memory that it allocated
  // (memory-leak), or to a coroutine or task that it left unfinished or never destroyed (frame-leak). What global,
  // static and thread_local variables, host memory and threads that go on lead to is none. The exploration goes on
  // after the first one, which is reported if nothing else is found. A whole program leaves its memory to the system,
  // so there it is false unless configure() sets it.
  bool leaks = true;

  // Scheduling points that one poll of a task may take before it is a finding (long-poll): its worker runs nothing else
  // meanwhile; 0: any number. Only the polling thread's own points count. Not looked at with granularity memory and
  // runtime, whose points are of another size; check::allow_blocking is for what is meant.
  std::uint64_t poll_steps_max = 10'000;

  // Polls of other tasks for which a task may be passed over while it is ready to run, and then as many again by each
  // worker that can run, before it is a finding (starvation); 0: any number. With many tasks ready, it is more: 128 for
  // each.
  std::uint64_t starvation_polls = 10'000;

  // Scheduling points of one execution before it is reported as endless: as a livelock when nothing has changed in the
  // last 10,000 of them although every thread took its turns, else as step-limit.
  std::uint64_t steps_max = 1'000'000;

  // Virtual threads of one execution, ended ones included.
  std::uint32_t threads_max = 1024;

  // Waits on condition variables that may end without a notification, timed waits that may run out although other
  // threads could go on, and weak compare-exchanges that may fail although the values are equal (in code compiled by
  // g++: clang does not tell which are weak), in one execution together; 0: none. Each is a decision: legal, and rare
  // in production.
  std::uint32_t spurious_wakeups = 0;

  // Cancellations in one execution, each a decision: a spawned task is aborted where it is suspended (at once, after a
  // turn of others, or when it is about to be polled again, as by join_handle::abort), or a sleep is over although
  // others could go on, which makes a timeout fire and a select lose its other branches; 0: none. With
  // check::exhaustive and 1, all single cancellations are tried. check::uncancellable is for tasks that must go on.
  std::uint32_t cancellations = 0;

  // Faults in one execution at the test's own points, check::fault, each a decision; 0: none happens.
  std::uint32_t faults = 0;

  // Allocations in one execution that fail in a scope of check::allocations_may_fail, each a decision: operator new
  // throws std::bad_alloc, malloc and its relatives return null; 0: none does. The runtime's own always succeed.
  std::uint32_t allocation_failures = 0;

  // CPU time of one execution without a scheduling point before it is reported as stuck (step-limit); 0: no limit.
  std::chrono::seconds stuck_after{20};

  // Bytes of freed blocks that an execution keeps before it hands the oldest of them out again. Within them the use of
  // a freed block is found (use-after-free); a larger number costs memory and some speed.
  std::size_t quarantine_bytes_max = std::size_t{1} << 20;

  // Fraction of the schedules that are run twice and compared event by event (nondeterminism), from 0 to 1.
  // The first is always among them, unless it is 0.
  double audit = 0.05;

  // Whether a failing schedule is shrunk to the fewest preemptions, and then to the fewest decisions other than the
  // usual ones, with which it still fails in the same way; the report and the token are those of the shrunk one. It
  // takes at most 2,000 executions, and at most as long as the failure took to find, but no less than 0.3 s.
  // HEDDLE_MINIMISE=0 or 1.
  bool minimise = true;

  // What the replay tokens of findings hold. HEDDLE_TOKEN=seed or full.
  token_form tokens = token_form::seed;

  // Findings that are known and accepted: the exploration goes on after them, and the schedule too where it can, see
  // suppression.hpp. HEDDLE_SUPPRESSIONS names a file with more.
  std::vector<suppression> suppressions = {};

  // What tokens and reports call the exploration. Empty: the running GoogleTest test, or else the executable's name.
  std::string name = {};
};

}  // namespace heddle::check
