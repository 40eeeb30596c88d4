// What an exploration found: one thing that is wrong, where, and how to see it again.
#pragma once

#include "heddle/sim/operation.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::check {

// The names (to_string) are stable: text, JSON and suppressions use them.
enum class finding_kind : std::uint8_t {
  data_race,
  use_after_free,
  double_resume,
  frame_leak,
  memory_leak,
  deadlock,
  lost_wakeup,
  livelock,
  starvation,
  blocking_stall,
  lock_held_across_await,
  long_poll,
  thread_affinity,
  assertion,
  exception,
  crash,
  stack_overflow,
  nondeterminism,
  step_limit,
};

inline constexpr std::size_t finding_kinds = 19;

// Such as "data-race".
std::string_view to_string(finding_kind kind) noexcept;
// The kind of that name, if there is one.
std::optional<finding_kind> parse_finding_kind(std::string_view name) noexcept;

// One level of a call stack, symbolised.
struct frame {
  std::uintptr_t pc = 0;  // return address as recorded; several inlined frames share one
  std::string function;   // short: without parameters; empty if unknown
  std::string file;       // empty if unknown
  unsigned line = 0;
  bool internal = false;  // of the standard library, GoogleTest or heddle itself
};

// A call stack and what it shows, such as "thread 1, where it failed". Innermost frame first.
struct stack {
  std::string title;
  std::vector<frame> frames;
};

// A place in the source.
struct place {
  std::string file;
  std::string function;
  unsigned line = 0;

  friend auto operator<=>(const place&, const place&) = default;
};

// A virtual thread at the time of the finding.
struct thread_view {
  sim::thread_id id = 0;
  std::string name;
  std::string waiting_for;  // one clause; empty unless it is blocked
  stack where;
  std::vector<place> repeated{};  // of a livelock: where it stands again and again; none of one that waits
};

// A task at the time of the finding.
struct task_view {
  std::uint32_t id = 0;
  std::string name;
  place spawned_at;
  std::vector<place> awaiting;  // its chain of co_awaits, outermost first
  std::string waiting_for;
  bool queued = false;
  bool polled = false;            // it is in the middle of a poll
  std::vector<place> repeated{};  // as of a thread
};

// What was had happen by decision: a task was cancelled, or a fault.
struct mishap_view {
  std::string what;             // a clause such as "task 3 was aborted as it was suspended"
  std::uint32_t task = 0;       // 0: outside of tasks
  std::vector<place> awaiting;  // its chain of co_awaits, outermost first; none before its first poll
};

// One event of the execution that failed, or several that were the same.
struct moment {
  sim::thread_id thread = 0;
  std::string what;  // such as "mutex lock #3"
  place where;
  std::size_t times = 1;      // it happened in a row
  std::uint32_t task = 0;     // polled by the thread then; 0 if none
  std::uint64_t time_ns = 0;  // simulated, since the execution began
  std::string operation{};    // what without the number, such as "mutex lock"
  std::uint32_t object = 0;   // the number: of an object, or of the thread, the task or the answer it is about
};

struct finding {
  finding_kind kind = finding_kind::assertion;
  std::string message;  // the first line is a sentence
  place where;          // where it was noticed, or nothing
  std::optional<sim::thread_id> thread;
  std::uint32_t task = 0;  // polled there; 0 if none
  int signal = 0;          // of a crash
  std::string variable{};  // with static storage, of a data race; empty if there is none
  std::vector<stack> stacks;
  std::vector<thread_view> threads;  // unfinished ones, where they matter
  std::vector<task_view> tasks;
  std::vector<mishap_view> mishaps;  // in that execution, oldest first
  std::vector<moment> timeline;      // the last events before it, oldest first
  std::string minimised;             // how the execution was shrunk, a clause; empty if it is the one that was found
  std::vector<moment> deciding;  // two events: it fails when they come in this order, and passes in the other; or none
  std::uint64_t schedule = 0;    // number of the execution, from 0
  std::uint64_t event_hash = 0;  // of that execution
  std::string token;             // what HEDDLE_REPLAY takes

  // 16 hexadecimal digits. The same for the same finding, whatever the seed, the schedule and the numbers of threads,
  // tasks and lines; two findings of one report have different ones. See docs/report-format.md for what it is made of.
  std::string signature{};
};

}  // namespace heddle::check
