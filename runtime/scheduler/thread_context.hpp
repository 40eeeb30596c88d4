// What the calling thread is to the runtime: which scheduler it works for, and whether it polls tasks.
//
// How it works. One thread-local pointer to a record on the stack of whoever entered. The accessors are
// never inlined: compilers cache the address of a thread-local across the suspension of a coroutine.
//
// Thread safety. Each thread sees its own.
#pragma once

#include <cstdint>

namespace heddle::detail {

class scheduler;

enum class thread_role : std::uint8_t {
  polls_tasks,    // a worker, or a thread inside block_on: block_on and ~runtime are errors
  runs_blocking,  // a thread of the blocking pool, or inside block_in_place
};

// Makes the calling thread part of a runtime for a scope. Scopes nest.
class thread_context {
 public:
  // `worker` is the scheduler's own record of the thread: a worker's core, or the scheduler that it drives.
  thread_context(scheduler& current, thread_role role, void* worker) noexcept;
  thread_context(const thread_context&) = delete;
  thread_context& operator=(const thread_context&) = delete;
  ~thread_context();

  // The innermost of the calling thread, or null.
  static thread_context* innermost() noexcept;

  scheduler& current() const noexcept { return *current_; }
  thread_role role() const noexcept { return role_; }
  void* worker() const noexcept { return worker_; }

  // For block_in_place, on the thread itself.
  void set_role(thread_role role) noexcept { role_ = role; }
  void set_worker(void* worker) noexcept { worker_ = worker; }

 private:
  scheduler* current_;
  thread_role role_;
  void* worker_;
  thread_context* outer_;
};

}  // namespace heddle::detail
