// What the machine knows of one task of the runtime, told by the hooks.
#pragma once

#include "../memory_model/message.hpp"
#include "heddle/sim/machine.hpp"
#include "host_memory.hpp"
#include "order_hash.hpp"
#include "virtual_thread.hpp"

#include <string>

namespace heddle::sim {

enum class task_condition : std::uint8_t { queued, polled, suspended, ended };

// From a moment of its own on, a task was polled by one thread.
struct task_stay {
  std::uint32_t from = 0;
  thread_id thread = no_thread;
};

struct task_record {
  const void* address = nullptr;  // of the task's header, which names it
  std::uint32_t id = 0;
  task_condition condition = task_condition::ended;
  task_record* outer = nullptr;  // the task during whose poll this one is polled, on the same thread
  const char* name = nullptr;    // until it has ended
  host_vector<char> ended_name;  // afterwards
  object_id spawn_object = 0;    // the object of the spawn, before there was a task
  object_id object = 0;
  await_place spawned_at;
  host_vector<await_place> awaiting;  // outermost first
  const char* blocked_what = nullptr;
  object_id blocked_object = 0;
  const void* blocked_address = nullptr;

  // Who could wake it, see deadlocks.cpp.
  std::uint32_t wakers = 0;            // that exist
  bool is_root = false;                // of a block_on
  thread_id creator = no_thread;       // the thread that spawned it
  std::uint32_t last_waker_place = 0;  // in the call tree, where the last one was dropped; 0: none was
  thread_id last_waker_thread = no_thread;
  last_look looked;

  // See starvation.cpp and long_polls.cpp.
  std::uint64_t queued_at = 0;        // polls of the execution when it became ready to run
  std::uint64_t polls = 0;            // of it
  std::uint64_t steps_at_poll = 0;    // of the thread, when the poll began
  thread_id last_thread = no_thread;  // that polled it

  // See event_order.cpp.
  actor_path path = 0;
  bool has_path = false;  // for its operations; they are those of the thread that polls it otherwise

  // See task_cancellation.cpp.
  bool cancellable = true;
  std::uint32_t uncancellable_scopes = 0;  // that its code is in

  // See stalls.cpp.
  bool shares_thread = false;         // with other tasks
  std::size_t locks_held_before = 0;  // by the thread, when the poll began

  // Happens-before, see task_order.cpp.
  actor_id actor = no_actor;        // whose accesses its are; no_actor: of the thread that runs it
  actor_id outer_actor = no_actor;  // of the thread, while the task runs
  stack_accesses outer_stack = stack_accesses::of_the_actor;
  host_vector<task_stay> stays;  // oldest first
  bool of_caller = false;        // polled by the thread that waits in block_on
  message woken;                 // what its creator and those who woke it published
};

// A lock of the runtime that is taken, and by whom.
struct async_holding {
  const void* lock = nullptr;
  thread_id thread = no_thread;
  std::uint32_t task = 0;  // 0: the thread itself
};

// A value that is bound to the thread that made it, and how the task that did has left that thread.
struct bound_value {
  thread_id thread = no_thread;
  std::uint32_t task = 0;   // 0: none
  std::uint32_t place = 0;  // in the call tree, where it was made
  bool left = false;
  await_place suspended;  // where the task stood when it left
};

}  // namespace heddle::sim
