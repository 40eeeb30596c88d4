// What a virtual thread is about to do, and the identities everything in an execution goes by.
//
// A scheduling point stands before an operation: the thread announces it, the decision source is asked
// who runs, and only when the thread is chosen does the operation happen. So a strategy knows the kind,
// the object and whether it is read or written of every candidate's next step.
//
// Invariant: identities are creation-ordered within the execution. No address ever reaches a decision.
#pragma once

#include <cstdint>

namespace heddle::sim {

// 0 is the body of the test; the others follow in the order of their creation.
using thread_id = std::uint32_t;
inline constexpr thread_id no_thread = ~thread_id{0};

// 1, 2, … in the order in which the execution first used the objects; 0 is "no object".
using object_id = std::uint32_t;

enum class operation_kind : std::uint8_t {
  none,
  thread_start,
  thread_create,
  thread_join,
  thread_exit,
  yield,
  sleep,
  atomic_load,
  atomic_store,
  atomic_update,
  compare_failure,  // a compare-exchange that finds another value than expected; it is announced as an atomic_update
  fence,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  shared_lock,
  shared_trylock,
  shared_unlock,
  condition_wait,
  condition_notify,
  futex_wait,
  futex_wake,
  semaphore_wait,
  semaphore_post,
  barrier_wait,
  once,
  memory_read,
  memory_write,
  runtime_operation,  // a public operation of heddle's runtime, see hooks::operation
  task_poll,
  task_cancel,  // an abort takes effect: the task is dropped where it is suspended
  choice,       // not a thread's step: an answer of decision_source::choose
};

// The kind as it appears in reports, such as "mutex lock".
const char* name_of(operation_kind kind) noexcept;

// Whether the number in `object` is an object's; otherwise it is a thread's, a task's or an answer.
constexpr bool names_an_object(operation_kind kind) noexcept {
  switch (kind) {
    case operation_kind::thread_create:
    case operation_kind::thread_join:
    case operation_kind::task_poll:
    case operation_kind::task_cancel:
    case operation_kind::choice:
      return false;
    default:
      return true;
  }
}

struct operation {
  operation_kind kind = operation_kind::none;
  bool writes = false;
  bool is_trusted = false;  // of the runtime's own code, in which a wait is over: it is on its way
  object_id object = 0;
};

// How finely an execution is interleaved. Each level includes the points of those before it.
enum class granularity : std::uint8_t {
  task,     // polls of tasks, and operations that block
  sync,     // every synchronisation operation of user code; the runtime's own code is trusted
  memory,   // plain memory accesses of user code as well
  runtime,  // every synchronisation operation, the runtime's own included
};

}  // namespace heddle::sim
