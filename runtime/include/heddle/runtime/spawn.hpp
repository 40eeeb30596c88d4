// Starts a task that runs on its own, concurrently with the one that spawns it.
//
// How it works. The task becomes one heap object, which the runtime owns until it has ended, and is put at
// the front of the spawning worker's queue, or into the injection queue when spawned from elsewhere. The
// coroutine starts on some worker, never inside `spawn`.
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

#include "heddle/runtime/detail/owned_call.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/join_handle.hpp"
#include "heddle/runtime/task.hpp"

#include <string>
#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {

// Any future that was not polled yet.
template <class F>
join_handle<future_output_t<F>> spawn_future_on(scheduler& target, std::string* name, F&& body,
                                                const hooks::source_place& place) {
  auto* cell = new task_cell<F>(std::forward<F>(body));
  join_handle<future_output_t<F>> handle(*cell);
  spawn_task(target, *cell, name, place);
  return handle;
}

template <class T>
join_handle<T> spawn_on(scheduler& target, std::string* name, task<T>&& body, const hooks::source_place& place) {
  HEDDLE_ASSERT(static_cast<bool>(body), "an empty task is spawned: it was moved from, awaited or default made");
  return spawn_future_on(target, name, std::move(body), place);
}

template <class Function, class... Args>
using spawned_future = std::invoke_result_t<std::decay_t<Function>&&, std::decay_t<Args>&&...>;

// A function that makes a future, with the arguments it is called with.
template <class Function, class... Args>
concept spawnable_call =
    std::invocable<std::decay_t<Function>&&, std::decay_t<Args>&&...> && future<spawned_future<Function, Args...>>;

template <class Function, class... Args>
auto spawn_call_on(scheduler& target, std::string* name, Function&& function, Args&&... args) {
  using call = owned_call<std::decay_t<Function>, std::decay_t<Args>...>;
  auto* cell = new task_cell<call>(std::in_place, std::forward<Function>(function), std::forward<Args>(args)...);
  join_handle<future_output_t<call>> handle(*cell);
  spawn_task(target, *cell, name, {});
  return handle;
}

}  // namespace detail

// Spawns `body` on the runtime of the calling thread.
template <class T>
join_handle<T> spawn(task<T> body,
                     hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
  return detail::spawn_on(detail::current_scheduler("spawn"), nullptr, std::move(body), place);
}

// Spawns the task that `function(args...)` returns. Function and arguments are decay-copied, live as long as
// the task, and are passed as rvalues when the task is first polled.
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
  return detail::spawn_on(detail::current_scheduler("spawn"), &name, std::move(body), place);
}
template <class Function, class... Args>
  requires detail::spawnable_call<Function, Args...>
auto spawn_named(std::string name, Function&& function, Args&&... args) {
  return detail::spawn_call_on(detail::current_scheduler("spawn"), &name, std::forward<Function>(function),
                               std::forward<Args>(args)...);
}

}  // namespace heddle
