// Starts a task that runs on its own, concurrently with the one that spawns it.
//
// How it works. The task's frame has room for what the runtime needs to own it until it has ended, so spawning one
// allocates nothing. On a worker what was spawned last runs first, when the spawning task waits, unless another worker
// takes it; from elsewhere it is put into the injection queue. The coroutine starts on some worker, never inside
// `spawn`.
//
//     auto handle = heddle::spawn(serve(std::move(connection)));
//     auto owned = heddle::spawn([](std::string text) -> heddle::task<> { ... }, std::string("kept alive"));
//
// Cancellation. A spawned task is dropped by join_handle::abort and by the shutdown of its runtime. After
// shutdown has begun, `spawn` drops the task at once and its handle yields a cancelled join_error.
//
// Errors. Outside a runtime `spawn` throws std::logic_error. Exceptions of the task go to the join_handle.
//
// Thread safety. Any thread that is inside a runtime.
#pragma once

#include "heddle/runtime/detail/coroutine_cell.hpp"
#include "heddle/runtime/detail/owned_call.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/join_handle.hpp"
#include "heddle/runtime/task.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {

template <class T>
join_handle<T> spawn_on(scheduler& target, task_companion_ptr companion, task<T>&& body,
                        const hooks::source_place& place) {
  HEDDLE_ASSERT(static_cast<bool>(body), "an empty task is spawned: it was moved from, awaited or default made");
  auto& cell = coroutine_cell<T, locality::anywhere>::make(body.release());
  join_handle<T> handle(cell);
  spawn_task(target, cell, std::move(companion), place);
  return handle;
}

template <class Function, class... Args>
using spawned_future = std::invoke_result_t<std::decay_t<Function>&&, std::decay_t<Args>&&...>;

// A function that makes a future, with the arguments it is called with.
template <class Function, class... Args>
concept spawnable_call =
    std::invocable<std::decay_t<Function>&&, std::decay_t<Args>&&...> && future<spawned_future<Function, Args...>>;

template <class Function, class... Args>
auto spawn_owned_call_on(scheduler& target, task_companion_ptr companion, Function&& function, Args&&... args) {
  using call = owned_call<std::decay_t<Function>, std::decay_t<Args>...>;
  auto* cell = new task_cell<call>(std::in_place, std::forward<Function>(function), std::forward<Args>(args)...);
  join_handle<future_output_t<call>> handle(*cell);
  spawn_task(target, *cell, std::move(companion), {});
  return handle;
}

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

template <class Function, class... Args>
auto spawn_call_on(scheduler& target, task_companion_ptr companion, Function&& function, Args&&... args) {
  demand<call_verdict_t<std::decay_t<Function>, std::decay_t<Args>...>>();
  if constexpr (is_task<spawned_future<Function, Args...>> && keeps_its_arguments<std::decay_t<Function>>) {
    return spawn_on(target, std::move(companion),
                    std::invoke(std::forward<Function>(function), std::forward<Args>(args)...), {});
  } else {
    return spawn_owned_call_on(target, std::move(companion), std::forward<Function>(function),
                               std::forward<Args>(args)...);
  }
}

}  // namespace detail

// Spawns `body` on the runtime of the calling thread.
template <class T>
join_handle<T> spawn(task<T> body,
                     hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
  return detail::spawn_on(detail::current_scheduler("spawn"), nullptr, std::move(body), place);
}

// Spawns the task that `function(args...)` returns. Function and arguments are decay-copied, live as long as
// the task, and are passed as rvalues when the task is first polled. A function without state that takes values only is
// called at once, as its coroutine keeps them: then the task is one allocation, else it is two.
template <class Function, class... Args>
  requires detail::spawnable_call<Function, Args...>
auto spawn(Function&& function, Args&&... args) {
  return detail::spawn_call_on(detail::current_scheduler("spawn"), nullptr, std::forward<Function>(function),
                               std::forward<Args>(args)...);
}

// The same, with a name for reports and join errors.
template <class T>
join_handle<T> spawn_named(std::string name, task<T> body,
                           hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
  return detail::spawn_on(detail::current_scheduler("spawn"), detail::make_name(std::move(name)), std::move(body),
                          place);
}
template <class Function, class... Args>
  requires detail::spawnable_call<Function, Args...>
auto spawn_named(std::string name, Function&& function, Args&&... args) {
  return detail::spawn_call_on(detail::current_scheduler("spawn"), detail::make_name(std::move(name)),
                               std::forward<Function>(function), std::forward<Args>(args)...);
}

}  // namespace heddle
