// What the machine knows of one task of the runtime, told by the hooks.
#pragma once

#include "../memory_model/message.hpp"
#include "heddle/sim/machine.hpp"
#include "host_memory.hpp"
#include "virtual_thread.hpp"

#include <string>

namespace heddle::sim {

enum class task_condition : std::uint8_t { queued, polled, suspended, ended };

struct task_record {
  const void* address = nullptr;  // of the task's header, which names it
  std::uint32_t id = 0;
  task_condition condition = task_condition::ended;
  task_record* outer = nullptr;  // the task during whose poll this one is polled, on the same thread
  const char* name = nullptr;
  await_place spawned_at;
  host_vector<await_place> awaiting;  // outermost first
  const char* blocked_what = nullptr;
  object_id blocked_object = 0;

  // See stalls.cpp.
  bool shares_thread = false;         // with other tasks
  std::size_t locks_held_before = 0;  // by the thread, when the poll began

  // Happens-before, see task_order.cpp.
  actor_id actor = no_actor;        // whose accesses its are; no_actor: of the thread that runs it
  actor_id outer_actor = no_actor;  // of the thread, while the task runs
  stack_accesses outer_stack = stack_accesses::of_the_actor;
  thread_id only_thread = no_thread;  // on which all its polls were
  bool moved = false;                 // polled by several threads
  bool of_caller = false;             // polled by the thread that waits in block_on
  message woken;                      // what its creator and those who woke it published
};

}  // namespace heddle::sim
