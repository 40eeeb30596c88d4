// One virtual thread: its context, what it is about to do, what it waits for, and what POSIX keeps for
// each thread. The record stands beside its stack, at an address that is the thread's pthread_t.
#pragma once

#include "../memory_model/message.hpp"
#include "../progress/unheard_signal.hpp"
#include "heddle/hooks.hpp"
#include "heddle/sim/operation.hpp"
#include "host_memory.hpp"
#include "order_hash.hpp"
#include "stack_slots.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <boost/context/detail/fcontext.hpp>
#include <unwind.h>

namespace heddle::sim {

struct virtual_thread;
struct task_record;

// Threads that wait for one thing, in the order of their arrival. A thread is in one queue at most.
struct wait_queue {
  virtual_thread* first = nullptr;
  virtual_thread* last = nullptr;
  std::uint32_t count = 0;

  bool empty() const noexcept { return first == nullptr; }
  inline void push(virtual_thread& thread) noexcept;
  inline void remove(virtual_thread& thread) noexcept;
};

enum class run_state : std::uint8_t { runnable, blocked, finished };

// What a blocked thread waits for, for reports.
enum class wait_reason : std::uint8_t {
  nothing,
  lock,
  condition,
  futex,
  semaphore,
  barrier,
  once,
  join,
  sleep,
  signal,
  others,  // before the exit of a program
};

// What ended a wait that was neither granted nor at its deadline.
enum class interruption : std::uint8_t { none, cancelled, signalled };

// What pthread_cancel and pthread_exit need of a thread, see objects/cancellation.hpp.
struct cancellation_state {
  bool enabled = true;
  bool asynchronous = false;
  bool requested = false;
  message request;                // what those who asked for it published
  bool leaving = false;           // it is ending before its start function has returned
  void* cleanups = nullptr;       // the innermost buffer of C's pthread_cleanup_push
  std::uintptr_t base_frame = 0;  // of the function that called the start function
  _Unwind_Exception unwinding = {};

  bool due() const noexcept { return requested && enabled && !leaving; }
};

// Signals of a thread, as sets of bits from signal 1 up; see objects/signal_delivery.hpp.
struct signal_state {
  std::uint64_t mask = 0;
  std::uint64_t pending = 0;
  message sent;               // what the senders published
  std::uint64_t awaited = 0;  // while it waits in sigwait or a relative
  std::uint32_t handlers_run = 0;
  boost::context::detail::fcontext_t interrupted = nullptr;  // where it goes on after the handlers that are due
};

// A destructor of a thread_local object, as __cxa_thread_atexit registered it.
struct thread_local_destructor {
  void (*function)(void*);
  void* object;
};

inline constexpr std::uint64_t no_deadline = ~std::uint64_t{0};
inline constexpr std::uint32_t not_in_heap = ~std::uint32_t{0};

// Whose a thread's accesses to its own stack are, in questions of data races.
enum class stack_accesses : std::uint8_t { of_the_actor, of_the_stack, not_compared };

// A scope of the runtime that the thread is in, see hooks::operation_scope.
struct open_operation {
  hooks::operation kind;
  const void* object;
};

struct sync_object;

// A mutex that a task has locked, and where.
struct held_lock {
  const sync_object* lock = nullptr;
  std::uint32_t place = 0;  // in the call tree
};

struct virtual_thread {
  // Written at every switch.
  boost::context::detail::fcontext_t context = nullptr;
  std::byte* tls = nullptr;
  int saved_errno = 0;
  std::uint64_t own_steps = 0;  // scheduling points it has passed, those since it was switched to apart
  std::uint64_t last_ran = 0;   // steps of the execution when another thread was switched to
  void* fake_stack = nullptr;   // AddressSanitizer's

  // How many call sites are on the shadow call stack, beside the record. Beyond its capacity they are only counted.
  std::size_t shadow_depth = 0;
  std::span<const std::uintptr_t> call_sites() const noexcept {
    return {stack_slots::shadow_of(this), std::min(shadow_depth, stack_slots::shadow_capacity)};
  }
  // How deep it was when its frames were last entered into the call tree, lowered as frames are left, and their places,
  // outermost first.
  std::size_t known_depth = 0;
  host_vector<std::uint32_t> known_frames;
  // The return address of the operation in progress or announced.
  std::uintptr_t pc = 0;
  // Of one that a signal stopped: what stands between `pc`, the interrupted instruction, and the innermost call site.
  std::span<const std::uintptr_t> callers;

  host_vector<held_lock> locks_held;            // by tasks polled here
  host_vector<const sync_object*> shared_held;  // for reading, once for each time
  std::uint32_t blocking_allowed = 0;           // depth of scopes in which a task may block
  std::uint32_t failing_allocations = 0;        // depth of scopes in which its allocations may fail
  std::uint32_t uncancellable_scopes = 0;       // that the thread is in, outside of tasks
  host_vector<open_operation> operations;       // outermost first
  task_record* polled = nullptr;                // the innermost task being polled here; the others are its `outer` ones

  thread_id id = 0;
  actor_path path = 0;              // see event_order.cpp
  bool serves = false;              // the runtime, and nobody else
  bool is_muted = false;            // what it does tells nothing
  actor_id actor = 0;               // as the memory model knows whom its accesses belong to
  actor_id stack_actor = no_actor;  // that stands for its stack, see task_order.cpp
  stack_accesses own_stack = stack_accesses::of_the_actor;
  std::uint32_t slot = 0;
  std::byte* stack_bottom = nullptr;
  std::size_t stack_size = 0;
  std::uint32_t large_stack = 0;  // number of its large stack, from 1; 0: the slot's own
  run_state state = run_state::finished;
  std::uint32_t run_index = 0;       // place in the run queue while runnable
  std::uint32_t trust = 0;           // depth of trusted scopes
  std::uint32_t ignoring = 0;        // depth of scopes whose accesses are not compared for races
  std::uint32_t ignoring_order = 0;  // and of those in which it is not ordered after others
  std::uint32_t clock_polls = 0;
  std::uint64_t polls = 0;  // of tasks, that it began
  last_look looked;

  // Waiting. `queue` is set while the thread is queued, runnable or not.
  wait_queue* queue = nullptr;
  virtual_thread* queue_next = nullptr;
  virtual_thread* queue_previous = nullptr;
  wait_reason reason = wait_reason::nothing;
  bool timed_out = false;
  bool cancellable = false;  // its wait, now or next, ends when it is cancelled
  bool signallable = false;  // and when a signal's handler has run
  interruption interrupted = interruption::none;
  bool wants_shared = false;              // in a lock's queue: as a reader
  const void* waiting_address = nullptr;  // the object, for reports
  void* wanted_lock = nullptr;            // of a condition wait: the lock to take before it returns
  std::uint32_t futex_bits = 0;
  std::uint32_t futex_expected = 0;
  std::uint64_t deadline = no_deadline;
  std::uint64_t deadline_order = 0;  // ties between equal deadlines: order of arrival
  std::uint32_t heap_index = not_in_heap;

  // POSIX.
  void* (*start)(void*) = nullptr;
  int (*start_c11)(void*) = nullptr;  // instead of `start`, of thrd_create
  void* argument = nullptr;
  void* result = nullptr;
  bool detached = false;
  bool joined = false;
  message ended;  // what it published at its end
  wait_queue joiners;
  cancellation_state cancellation;
  signal_state signals;
  std::uint32_t robust_held = 0;  // robust mutexes it holds
  char name[16] = {};
  host_vector<void*> keys;  // values of pthread_setspecific, by key
  host_vector<thread_local_destructor> destructors;
};

void wait_queue::push(virtual_thread& thread) noexcept {
  thread.queue = this;
  thread.queue_next = nullptr;
  thread.queue_previous = last;
  (last != nullptr ? last->queue_next : first) = &thread;
  last = &thread;
  ++count;
}

void wait_queue::remove(virtual_thread& thread) noexcept {
  (thread.queue_previous != nullptr ? thread.queue_previous->queue_next : first) = thread.queue_next;
  (thread.queue_next != nullptr ? thread.queue_next->queue_previous : last) = thread.queue_previous;
  thread.queue = nullptr;
  --count;
}

}  // namespace heddle::sim
