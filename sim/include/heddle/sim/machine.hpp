// The simulated machine: runs one execution of a body at a time, given a decision source.
//
// The body and all threads it creates are virtual threads on the calling OS thread. Their calls to
// pthread, clock, sleep, futex and allocation functions act on the machine; calls of other OS threads,
// and of this one between executions, reach the real functions.
//
// Thread safety: one machine exists at a time in a process; it is used by the thread that made it.
//
// Limits: see machine_options; a message that reports a limit names the option that raises it.
#pragma once

#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"
#include "heddle/sim/operation.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace heddle::sim {

struct machine_options {
  granularity level = granularity::sync;
  // Atomic operations do what C++20 allows under their orders, see memory_model; otherwise all are sequentially
  // consistent.
  bool weak_memory = false;
  // Two accesses to the same bytes, one a write, one not atomic, that nothing orders, fail the execution.
  bool races = false;
  // A task that blocks the thread which polls it, or is suspended with a lock held, fails the execution.
  bool stalls = false;
  // Scheduling points that a poll of a task may take before it is reported as long, at granularity task and sync; 0:
  // any number.
  std::uint64_t poll_steps_max = 0;
  // Polls of others for which a task may be passed over while it is ready to run, and as many again by each worker,
  // before it is reported as starved; 0: any number.
  std::uint64_t starvation_polls = 0;
  // Blocks and coroutines that nothing leads to at the end of the execution are failures of it.
  bool leaks = false;
  // Scheduling points of one execution before it is reported as endless.
  std::uint64_t steps_max = 1'000'000;
  // Virtual threads of one execution, ended ones included.
  std::uint32_t threads_max = 1024;
  // Waits on condition variables that may end without a notification, timed waits that may run out although other
  // threads could go on, and weak compare-exchanges that may fail although the values are equal (only g++ tells which
  // are weak), in one execution together; 0: none.
  std::uint32_t spurious_wakeups = 0;
  // Tasks that may be aborted where they are suspended, and sleeps of tasks that may be over although others could go
  // on, in one execution together; 0: none.
  std::uint32_t cancellations = 0;
  // Points of sim::fault at which the fault may happen, in one execution; 0: none does.
  std::uint32_t faults = 0;
  // Allocations in the scope of sim::failing_allocations_scope that may fail, in one execution; 0: none does.
  std::uint32_t allocation_failures = 0;
  // CPU time of one execution without a scheduling point before it is reported as stuck; 0: no limit.
  std::chrono::seconds stuck_after{20};
  // Bytes of freed blocks that an execution keeps before it hands the oldest of them out again.
  std::size_t quarantine_bytes_max = std::size_t{1} << 20;
  // Whether the machine looks at that time itself, four times in `stuck_after`. If not, whoever runs it sends
  // watchdog_signal() as often: what a timer of this process could not do for one forked from it.
  bool own_watchdog = true;
};

// The signal at which the machine looks whether its execution is stuck; it is, when four found no scheduling point.
int watchdog_signal() noexcept;

// A whole program: its `main` is the body, and `exit` ends the execution.
struct program {
  enum class main_return : std::uint8_t {
    waits,  // until no other thread can go on, or for a bounded time; then the program exits
    exits,  // at once
  };

  int (*main)(int argc, char** argv, char** environment) = nullptr;
  int argc = 0;
  char** argv = nullptr;
  char** environment = nullptr;
  main_return at_return = main_return::waits;
  // Whether an exit status other than 0 is a failure.
  bool status_must_be_zero = false;
};

// What is called in place of abort() when heddle itself cannot go on, with a sentence that says why. It does not
// return.
void set_fatal_handler(void (*handler)(const char* message)) noexcept;

// Makes whole programs possible in this process. REQUIRES: called once, before the static initialisers of the
// executable, so that what `exit` runs last is what returns to the machine.
void prepare_for_programs();

enum class failure_kind : std::uint8_t {
  assertion,
  exception,
  deadlock,
  lost_wakeup,
  livelock,
  starvation,
  crash,
  stack_overflow,
  step_limit,
  use_after_free,  // of a block, or a free of what is none
  data_race,
  blocking_stall,
  lock_held_across_await,
  long_poll,
  thread_affinity,
  memory_leak,  // at the end of the execution, as the next
  frame_leak,   // of a coroutine
  double_resume,
};

// Where a virtual thread stands: return addresses, innermost first.
using call_stack = std::vector<std::uintptr_t>;

struct await_place {
  const char* file = nullptr;
  const char* function = nullptr;
  unsigned line = 0;
};

// A place of the past that explains a failure.
struct related_stack {
  std::string title;  // such as "thread 2, where it freed the block"
  call_stack stack = {};
  await_place place = {};  // instead of a stack, where a task was suspended
};

struct thread_state {
  thread_id id = 0;
  std::string name;  // given by pthread_setname_np, or empty
  bool finished = false;
  bool blocked = false;
  std::string waiting_for;  // one clause, such as "mutex #3, held by thread 2"; empty unless blocked
  call_stack stack;
  std::vector<call_stack> repeated;  // of a livelock: where it stands again and again, each once; none if it does not
};

struct task_state {
  std::uint32_t id = 0;  // creation order of the execution, from 1
  std::string name;      // as the runtime was told, or empty
  await_place spawned_at;
  std::vector<await_place> awaiting;  // the chain of co_awaits, outermost first
  std::string waiting_for;            // such as "sync::mutex"; empty when it is not suspended on anything known
  bool queued = false;                // woken or never polled: it waits for a worker, not for an event
  bool polled = false;                // a thread is in the middle of a poll of it
  std::vector<call_stack> repeated;   // as of a thread
};

struct failure {
  failure_kind kind = failure_kind::assertion;
  std::string message;
  thread_id thread = no_thread;  // where it was noticed
  std::uint32_t task = 0;        // the task polled there, 0 if none
  call_stack stack;
  const char* file = nullptr;  // of the assertion, where it is known
  unsigned line = 0;
  int signal = 0;              // of a crash
  std::uintptr_t address = 0;  // of a data race, for the name of a variable; 0 where it tells nothing
  std::vector<related_stack> related;
  std::vector<thread_state> threads;  // all unfinished ones, where every thread matters
  std::vector<task_state> tasks;      // likewise; of another failure, those being polled where it was noticed
};

// What the decision source had happen that is legal and rare: a task cancelled where it was suspended, or a fault.
struct mishap {
  enum class what : std::uint8_t {
    aborted,         // as it was suspended
    aborted_later,   // as it was suspended, but others may have run before it was dropped
    aborted_queued,  // when it was about to be polled
    sleep_over,      // its sleep was over early
    fault,           // at a point of the test's own
    no_memory,       // an allocation failed
  };

  what kind = what::aborted;
  std::uint32_t task = 0;             // 0: outside of tasks
  std::string name;                   // of the task or the fault, or empty
  std::vector<await_place> awaiting;  // the chain of co_awaits, outermost first; none before its first poll
};

// Decides which failures an execution goes on after, of the kinds after which it can: data_race, blocking_stall,
// lock_held_across_await, long_poll, starvation and thread_affinity.
class failure_judge {
 public:
  failure_judge() = default;
  failure_judge(const failure_judge&) = delete;
  failure_judge& operator=(const failure_judge&) = delete;
  virtual ~failure_judge() = default;
  // Called on the host's stack, as host code, while the execution stands still.
  virtual bool accepts(const failure& what) noexcept = 0;
};

// A task of the execution, by which the objects of events on tasks are known.
struct spawned_task {
  object_id spawn = 0;   // the object of the spawn; 0: none was seen
  object_id object = 0;  // of later operations on it
  std::uint32_t id = 0;
  std::string name;  // or empty
  await_place spawned_at;
};

struct execution_result {
  std::vector<failure> failures;
  std::vector<failure> accepted;         // after which it went on, each place once
  std::uint64_t event_hash = 0;          // of all events, in order
  std::uint64_t order_hash = 0;          // of the same up to the order of independent ones
  std::uint64_t steps = 0;               // scheduling points
  std::uint64_t switches = 0;            // scheduling points at which another thread went on
  std::uint64_t decisions = 0;           // questions put to the decision source
  std::uint32_t threads = 0;             // created, the body included
  std::chrono::nanoseconds clock{0};     // simulated time that passed
  std::vector<event> last_events;        // before the first failure, oldest first; at most a few hundred
  std::vector<spawned_task> spawned;     // where it failed
  std::vector<mishap> mishaps;           // oldest first
  bool abandoned = false;                // ended by a failure, without unwinding
  std::optional<int> exit_status;        // of a whole program that ended by itself
  std::vector<std::string> let_through;  // calls that reached the real system although they matter, each once
  bool cut_short = false;                // it ended while threads of it were in the middle of something
};

class machine {
 public:
  // Sets up signal handlers for crashes and stack overflows, and the watchdog. Aborts with a message
  // when another machine exists.
  explicit machine(const machine_options& options);
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;
  ~machine();

  // Runs `body(context)` as thread 0 until it and the threads it left behind have ended. Returns the result, valid
  // until the next run. `observer` may be null.
  const execution_result& run(decision_source& source, void (*body)(void*), void* context,
                              event_observer* observer = nullptr);

  // Runs a whole program likewise, until it exits: handlers of atexit and static destructors run in the execution.
  // REQUIRES: prepare_for_programs() was called. What is static in the process is used up by it: it is run once in a
  // process, or in one forked for it.
  const execution_result& run_program(decision_source& source, const program& what, event_observer* observer = nullptr);

  // Null, as at the beginning: no failure is accepted. Otherwise `judge` must outlive all runs.
  void judge_failures_by(failure_judge* judge) noexcept;

  // Whether executions look for leaks from now on; not without machine_options::leaks.
  void look_for_leaks(bool wanted) noexcept;

  template <typename Body>
  const execution_result& run(decision_source& source, Body&& body, event_observer* observer = nullptr) {
    return run(
        source, [](void* context) { (*static_cast<std::remove_reference_t<Body>*>(context))(); },
        const_cast<void*>(static_cast<const volatile void*>(&body)), observer);
  }
};

// Ends the process as the crash would have: restores what handled the signal before and raises it again.
[[noreturn]] void end_process_by_signal(int signal) noexcept;

}  // namespace heddle::sim
