// Runs a function that may block on a thread that is allowed to.
//
// How it works. The runtime keeps a pool of threads for such calls, started on demand up to
// `max_blocking_threads`; more calls wait in a queue, first come, first served.
//
//     auto handle = heddle::spawn_blocking(read_file, std::string("name"));
//     auto text = co_await handle;
//
// Spell it in a statement of its own, as above: g++ 12 destroys temporary closures inside a co_await
// expression twice.
//
// Cancellation. abort() keeps a call from starting; one that runs is not interrupted. Shutdown drops calls
// that have not started and waits for the others.
//
// Errors. Outside a runtime it throws std::logic_error. Exceptions of the function go to the join_handle.
//
// Thread safety. Any thread that is inside a runtime.
#pragma once

#include "heddle/runtime/detail/owned_call.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/join_handle.hpp"

#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {

template <class Function, class... Args>
auto spawn_blocking_on(scheduler& target, Function&& function, Args&&... args) {
  demand<call_verdict_t<std::decay_t<Function>, std::decay_t<Args>...>>();
  using call = blocking_call<std::decay_t<Function>, std::decay_t<Args>...>;
  demand<send_at<why::result, future_output_t<call>>>();
  auto* cell = new task_cell<call>(std::in_place, std::forward<Function>(function), std::forward<Args>(args)...);
  join_handle<future_output_t<call>> handle(*cell);
  spawn_closure(target, *cell, {});
  return handle;
}

}  // namespace detail

// Calls `function(args...)` on the blocking pool of the calling thread's runtime. Function and arguments are
// decay-copied and passed as rvalues.
template <class Function, class... Args>
  requires std::invocable<std::decay_t<Function>&&, std::decay_t<Args>&&...>
auto spawn_blocking(Function&& function, Args&&... args) {
  return detail::spawn_blocking_on(detail::current_scheduler("spawn_blocking"), std::forward<Function>(function),
                                   std::forward<Args>(args)...);
}

}  // namespace heddle
