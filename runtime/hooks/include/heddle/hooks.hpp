// The one opening of the runtime: what it tells an observer, and the choices it asks for.
//
// How it works. In a plain build every function here is an empty inline and every scope an empty
// type, so production code pays nothing. In a build with `-fsanitize=thread` (HEDDLE_CHECKED) each
// call goes through `installed`, a table of plain functions that the simulated machine registers once
// at start-up. Without a machine the table's functions do nothing.
//
// Thread safety. `install` runs before any second thread exists. Every table function may be called
// from any thread; one that is not part of a simulated execution must be a no-op.
//
// Invariants.
//   1. No hook changes what the runtime does, except `choose`, `aborts_suspended`, `aborts_queued` and `runs_out`,
//      whose every answer is legal, and `misused`, which may end the execution.
//   2. A hook never throws and never calls back into the runtime.
//   3. Entities are named by the address of their header; the observer gives them creation-ordered ids. A task keeps
//      its own (`task_number`), so that the observer need not look it up at each poll.
#pragma once

#include <cstddef>
#include <cstdint>

#if !defined(HEDDLE_CHECKED)
#if defined(__SANITIZE_THREAD__)
#define HEDDLE_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEDDLE_CHECKED 1
#endif
#endif
#endif
#if !defined(HEDDLE_CHECKED)
#define HEDDLE_CHECKED 0
#endif

namespace heddle::hooks {

// A place in the user's source. Pointers have static storage duration.
struct source_place {
  const char* file = nullptr;
  const char* function = nullptr;
  unsigned line = 0;
};

// What is chosen when the runtime has several legal ways to go on.
enum class choice : std::uint8_t {
  steal_victim,  // which worker an idle one tries first
  idle_worker,   // which parked worker is woken
  timer_tie,     // which of several timers due at the same instant fires first
  select_order,  // which branch of a select is polled first
  task_move,     // whether a task that is to go on, on the worker that asks, goes to a parked one instead: 1 if so
};

// What a public operation of the runtime does; the point before it is where tasks interleave. With an object, it also
// says what the operation promises: after `lock`, `join` and `blocking` the caller knows what was released into the
// object, `unlock` releases into it, channel operations, `serve` and `other` do both. A thread that begins to `serve`
// is the runtime's own: outside of tasks and closures it does nothing of the user's any more.
enum class operation : std::uint8_t {
  spawn,
  wake,
  poll,
  abort,
  join,
  timer,
  channel_send,
  channel_receive,
  channel_close,
  lock,
  unlock,
  blocking,
  shutdown,
  serve,
  other,
};

// Where a task runs, and whether the order of what runs there is the program's order too.
enum class task_home : std::uint8_t {
  workers,  // on any of several threads: nothing orders it with others there
  caller,   // on the thread that waits in block_on, beside workers
  thread,   // on the one thread of its runtime, whose order counts
  pool,     // a blocking closure, whose polls are not told
};

// Why a task leaves the runtime.
enum class task_end : std::uint8_t { completed, failed, cancelled };

// How a waker ends.
enum class waker_end : std::uint8_t { used, dropped };

// What is done with a value that is bound to its thread.
enum class value_use : std::uint8_t { used, destroyed };
// When a task that has just suspended is aborted.
enum class abort_moment : std::uint8_t {
  never,
  at_once,  // as if by a call during the poll that has ended
  later,    // by a call right after it: others may run before the task is dropped
};

// The observer's number of a task; 0 when nobody observes it.
using task_number = std::uint32_t;

// The frame of a task's coroutine begins so many bytes into its block: the room in front of it is for the header of the
// task that it may become.
inline constexpr std::size_t frame_offset = 96;

struct table {
  task_number (*task_spawned)(const void* task, const char* name, const source_place& place, task_home home) noexcept;
  void (*task_ended)(const void* task, task_end how) noexcept;
  std::uint32_t (*poll_begins)(const void* task, task_number number) noexcept;
  void (*poll_ends)(const void* task, std::uint32_t saved) noexcept;
  std::uint32_t (*enter_task_code)(const void* task, task_number number) noexcept;
  void (*leave_task_code)(const void* task, task_number number, std::uint32_t saved) noexcept;
  void (*task_woken)(const void* task) noexcept;
  void (*await_begins)(const source_place& place) noexcept;
  void (*await_ends)() noexcept;
  void (*blocked_on)(const char* what, const void* object) noexcept;
  std::uint32_t (*choose)(choice kind, std::uint32_t candidates, std::uint32_t fallback) noexcept;
  std::uint32_t (*enter_wake)(const void* task) noexcept;
  void (*leave_wake)(std::uint32_t saved) noexcept;
  void (*enter_operation)(operation kind, const void* object) noexcept;
  void (*leave_operation)() noexcept;
  std::uint32_t (*enter_user_code)() noexcept;
  void (*leave_user_code)(std::uint32_t saved) noexcept;
  void (*enter_blocking)() noexcept;
  void (*leave_blocking)() noexcept;
  void (*memory_retired)(const void* begin, std::size_t size) noexcept;
  void (*memory_restored)(const void* begin, std::size_t size) noexcept;
  void (*waker_made)(const void* task, task_number number) noexcept;
  void (*waker_gone)(const void* task, task_number number, waker_end how) noexcept;
  void (*lock_taken)(const void* lock) noexcept;
  void (*lock_given_up)(const void* lock) noexcept;
  void (*notified_nobody)(const void* object) noexcept;
  void (*value_bound)(const void* value) noexcept;
  void (*value_used)(const void* value, value_use how) noexcept;
  void (*value_gone)(const void* value) noexcept;
  abort_moment (*aborts_suspended)(const void* task, task_number number) noexcept;
  bool (*aborts_queued)(const void* task, task_number number) noexcept;
  void (*task_cancelled)(const void* task, task_number number) noexcept;
  bool (*runs_out)(std::int64_t deadline_ns) noexcept;
  void (*misused)(const char* sentence) noexcept;
};

// Registers the observer. REQUIRES: called once, before any task exists; every field is set.
void install(const table& observer) noexcept;

#if HEDDLE_CHECKED

// A task exists: `task` names it until task_ended. `name` may be null. Returns the number to begin its polls with.
task_number task_spawned(const void* task, const char* name, const source_place& place,
                         task_home home = task_home::workers) noexcept;
// The task's value, exception or cancellation is final and its frame is destroyed.
void task_ended(const void* task, task_end how) noexcept;
// `task` will be polled again because of what the calling thread does now. Without effect after task_ended.
void task_woken(const void* task) noexcept;
// The task being polled suspends at, or is about to enter, a co_await at `place`; await_ends when that
// co_await resumes. They nest: an awaited task's own awaits come inside.
void await_begins(const source_place& place) noexcept;
void await_ends() noexcept;
// The innermost await of the task being polled is pending on `object`, described by `what`, a string
// literal such as "sync::mutex". Cleared at the task's next poll.
void blocked_on(const char* what, const void* object) noexcept;
// There is one more waker of `task`, or one less. Of a task that no waker is left of
// and that is suspended, it is known that nobody can wake it.
void waker_made(const void* task, task_number number) noexcept;
void waker_gone(const void* task, task_number number, waker_end how) noexcept;
// The task or thread at work owns the lock from here on, or gives it back for whomever had taken it.
void lock_taken(const void* lock) noexcept;
void lock_given_up(const void* lock) noexcept;
// A signal of `object` that is not kept found nobody waiting.
void notified_nobody(const void* object) noexcept;
// A value is good on the calling thread only; it is used, by the calling thread; it is no more.
void value_bound(const void* value) noexcept;
void value_used(const void* value, value_use how) noexcept;
void value_gone(const void* value) noexcept;
// The program breaks a rule of the runtime, and `sentence` says which. Does not return inside an execution.
void misused(const char* sentence) noexcept;
// One of `candidates` (at least 1); `fallback` where nobody has an opinion.
std::uint32_t choose(choice kind, std::uint32_t candidates, std::uint32_t fallback) noexcept;
// Nobody may use these bytes any more, though the block that they are part of is freed later: a frame is destroyed
// before the header in front of it.
void memory_retired(const void* begin, std::size_t size) noexcept;
// These bytes begin anew, retired or not: for something else in their block, or for the allocator that they go back to.
// What was done to them before is nobody's concern.
void memory_restored(const void* begin, std::size_t size) noexcept;

// Whether somebody aborts a task, whose poll has ended and was pending. The runtime then takes the way of any abort.
abort_moment aborts_suspended(const void* task, task_number number) noexcept;
// The same of one that is about to be polled: true drops it instead, woken as it is.
bool aborts_queued(const void* task, task_number number) noexcept;
// An abort takes effect: the task is about to be dropped where it is suspended. Others may run before that.
void task_cancelled(const void* task, task_number number) noexcept;
// Whether a sleep of the task being polled is over at once: the clock is past `deadline_ns` (of steady_clock) then.
bool runs_out(std::int64_t deadline_ns) noexcept;

namespace detail {
std::uint32_t poll_begins(const void* task, task_number number) noexcept;
void poll_ends(const void* task, std::uint32_t saved) noexcept;
std::uint32_t enter_task_code(const void* task, task_number number) noexcept;
void leave_task_code(const void* task, task_number number, std::uint32_t saved) noexcept;
std::uint32_t enter_wake(const void* task) noexcept;
void leave_wake(std::uint32_t saved) noexcept;
void enter_operation(operation kind, const void* object) noexcept;
void leave_operation() noexcept;
std::uint32_t enter_user_code() noexcept;
void leave_user_code(std::uint32_t saved) noexcept;
void enter_blocking() noexcept;
void leave_blocking() noexcept;
}  // namespace detail

// A trusted scope: one public operation of the runtime. Entering the outermost one is a point at which
// another task or thread may run; inside it, none does, unless the operation blocks. So a user's test
// explores its own interleavings and not the queue's. granularity::runtime ignores the scopes.
class operation_scope {
 public:
  explicit operation_scope(operation kind, const void* object = nullptr) noexcept {
    detail::enter_operation(kind, object);
  }
  operation_scope(const operation_scope&) = delete;
  operation_scope& operator=(const operation_scope&) = delete;
  ~operation_scope() { detail::leave_operation(); }
};

// The trusted scope of an operation that wakes `task`, of which the observer is told after the point.
class wake_scope {
 public:
  explicit wake_scope(const void* task) noexcept : saved_(detail::enter_wake(task)) {}
  wake_scope(const wake_scope&) = delete;
  wake_scope& operator=(const wake_scope&) = delete;
  ~wake_scope() { detail::leave_wake(saved_); }

 private:
  std::uint32_t saved_;
};

// The calling thread polls `task`, which is user code as in user_code_scope. Polls of different tasks nest in a
// current-thread runtime (block_on's own future is polled as a task of its own).
class poll_scope {
 public:
  poll_scope(const void* task, task_number number) noexcept : task_(task), saved_(detail::poll_begins(task, number)) {}
  poll_scope(const poll_scope&) = delete;
  poll_scope& operator=(const poll_scope&) = delete;
  ~poll_scope() { detail::poll_ends(task_, saved_); }

 private:
  const void* task_;
  std::uint32_t saved_;
};

// User code that is the task's own, outside of its polls: its frame or its outcome is destroyed. May follow task_ended.
class task_code_scope {
 public:
  task_code_scope(const void* task, task_number number) noexcept
      : task_(task), number_(number), saved_(detail::enter_task_code(task, number)) {}
  task_code_scope(const task_code_scope&) = delete;
  task_code_scope& operator=(const task_code_scope&) = delete;
  ~task_code_scope() { detail::leave_task_code(task_, number_, saved_); }

 private:
  const void* task_;
  task_number number_;
  std::uint32_t saved_;
};

// Suspends the trusted scopes around a call into user code: a coroutine's resume, a closure, the
// destructor of a user's value.
class user_code_scope {
 public:
  user_code_scope() noexcept : saved_(detail::enter_user_code()) {}
  user_code_scope(const user_code_scope&) = delete;
  user_code_scope& operator=(const user_code_scope&) = delete;
  ~user_code_scope() { detail::leave_user_code(saved_); }

 private:
  std::uint32_t saved_;
};

// A part of a poll in which the task may block: its worker's other tasks have gone elsewhere.
class blocking_scope {
 public:
  blocking_scope() noexcept { detail::enter_blocking(); }
  blocking_scope(const blocking_scope&) = delete;
  blocking_scope& operator=(const blocking_scope&) = delete;
  ~blocking_scope() { detail::leave_blocking(); }
};

#else

inline task_number task_spawned(const void*, const char*, const source_place&,
                                task_home = task_home::workers) noexcept {
  return 0;
}
inline void task_ended(const void*, task_end) noexcept {}
inline void task_woken(const void*) noexcept {}
inline void await_begins(const source_place&) noexcept {}
inline void await_ends() noexcept {}
inline void blocked_on(const char*, const void*) noexcept {}
inline void waker_made(const void*, task_number) noexcept {}
inline void waker_gone(const void*, task_number, waker_end) noexcept {}
inline void lock_taken(const void*) noexcept {}
inline void lock_given_up(const void*) noexcept {}
inline void notified_nobody(const void*) noexcept {}
inline void value_bound(const void*) noexcept {}
inline void value_used(const void*, value_use) noexcept {}
inline void value_gone(const void*) noexcept {}
inline void misused(const char*) noexcept {}
inline std::uint32_t choose(choice, std::uint32_t, std::uint32_t fallback) noexcept {
  return fallback;
}
inline void memory_retired(const void*, std::size_t) noexcept {}
inline void memory_restored(const void*, std::size_t) noexcept {}
inline abort_moment aborts_suspended(const void*, task_number) noexcept {
  return abort_moment::never;
}
inline bool aborts_queued(const void*, task_number) noexcept {
  return false;
}
inline void task_cancelled(const void*, task_number) noexcept {}
inline bool runs_out(std::int64_t) noexcept {
  return false;
}

class operation_scope {
 public:
  explicit operation_scope(operation, const void* = nullptr) noexcept {}
  operation_scope(const operation_scope&) = delete;
  operation_scope& operator=(const operation_scope&) = delete;
  ~operation_scope() {}
};

class wake_scope {
 public:
  explicit wake_scope(const void*) noexcept {}
  wake_scope(const wake_scope&) = delete;
  wake_scope& operator=(const wake_scope&) = delete;
  ~wake_scope() {}
};

class poll_scope {
 public:
  poll_scope(const void*, task_number) noexcept {}
  poll_scope(const poll_scope&) = delete;
  poll_scope& operator=(const poll_scope&) = delete;
  ~poll_scope() {}
};

class task_code_scope {
 public:
  task_code_scope(const void*, task_number) noexcept {}
  task_code_scope(const task_code_scope&) = delete;
  task_code_scope& operator=(const task_code_scope&) = delete;
  ~task_code_scope() {}
};

class user_code_scope {
 public:
  user_code_scope() noexcept {}
  user_code_scope(const user_code_scope&) = delete;
  user_code_scope& operator=(const user_code_scope&) = delete;
  ~user_code_scope() {}
};

class blocking_scope {
 public:
  blocking_scope() noexcept {}
  blocking_scope(const blocking_scope&) = delete;
  blocking_scope& operator=(const blocking_scope&) = delete;
  ~blocking_scope() {}
};

#endif

}  // namespace heddle::hooks
