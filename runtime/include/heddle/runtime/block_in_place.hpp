// Runs a function that may block where it is called, inside a task, without stopping the other tasks of its worker.
//
// How it works. The worker hands its queue over to another thread of the runtime, which goes on in its place. When the
// function returns soon, the worker takes its queue back. Else the current poll ends on the old thread, outside of
// any worker, and the thread then ends. Threads that have stood in are kept for the next time, for the keep-alive.
//
//     std::string text = heddle::block_in_place(read_file, name);
//
// Inside the function, `block_on` of any runtime is allowed. Other branches of the same task, as in a select, do not
// run meanwhile; `spawn_blocking` is for those. Outside a runtime, in a blocking call, and in the task that was given
// to block_on of a multi-thread runtime, the thread is free to block, and the function is just called.
//
// Cancellation. The function is not interrupted; shutdown waits for it.
//
// Errors. On a current-thread runtime it throws std::logic_error, as there is no other thread to go on. It throws
// std::system_error if no thread can be started. Exceptions of the function pass through.
//
// Thread safety. Any thread.
#pragma once

#include "heddle/hooks.hpp"

#include <functional>
#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {

class thread_context;

// While it exists the calling thread may block.
class blocking_section {
 public:
  blocking_section();
  blocking_section(const blocking_section&) = delete;
  blocking_section& operator=(const blocking_section&) = delete;
  ~blocking_section();

 private:
  thread_context* here_;  // null: the thread could block before
  void* worker_;          // what was handed over, or null
  [[no_unique_address]] hooks::blocking_scope scope_;
};

}  // namespace detail

// Returns `function(args...)`. Neither is copied.
template <class Function, class... Args>
  requires std::invocable<Function, Args...>
std::invoke_result_t<Function, Args...> block_in_place(Function&& function, Args&&... args) {
  const detail::blocking_section section;
  return std::invoke(std::forward<Function>(function), std::forward<Args>(args)...);
}

}  // namespace heddle
