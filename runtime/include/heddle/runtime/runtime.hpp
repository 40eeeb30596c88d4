// A runtime: workers that poll tasks, timers, and threads for blocking calls.
//
// How it works. `multi_thread()` (the default) starts worker threads that steal tasks from each other;
// `current_thread()` starts none, and runs its tasks inside `block_on`.
//
//     auto rt = heddle::runtime::builder().multi_thread().worker_threads(4).build();
//     int result = rt.block_on(async_main());
//
// Shutdown. The destructor drops every task that has not ended, at its suspension point, waits for polls
// and blocking calls that are running, and joins all threads. `shutdown_timeout` and `shutdown_background` do not wait
// for ever.
//
// Errors. `block_on` inside async code throws std::logic_error, and so does a second `block_on` at the same
// time on a current-thread runtime. Destroying a runtime inside async code aborts with a sentence. In an execution of
// the checker, `block_on` inside async code and the latter are findings.
//
// Several runtimes may exist at a time. A task runs on the one that it was spawned on, wherever it is woken from.
//
// Thread safety. `spawn`, `spawn_blocking`, `handle`, `metrics` and `block_on` may be called from any thread; moving
// and destroying need all of them to have returned.
#pragma once

#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/handle.hpp"
#include "heddle/runtime/runtime_builder.hpp"
#include "heddle/runtime/sleep.hpp"
#include "heddle/runtime/task.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace heddle {

// Spawns and counts as detail::spawner says, in handle.hpp.
class runtime : public detail::spawner {
 public:
  [[nodiscard]] static runtime_builder builder() noexcept { return {}; }

  runtime(runtime&& other) noexcept = default;
  runtime& operator=(runtime&& other) noexcept;
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  ~runtime();

  // Drives `body` on the calling thread to its end, and returns its value or rethrows its exception. Other tasks
  // go on, on the workers, or in between on this thread if the runtime is current-thread. They are not awaited.
  template <class T>
  T block_on(task<T> body, hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
    HEDDLE_ASSERT(static_cast<bool>(body), "block_on of an empty task: it was moved from, awaited or default made");
    detail::root_task<T> root(std::move(body));
    detail::block_on_root(core(), root, place);
    return root.take();
  }

  // A reference that other threads and objects may keep.
  heddle::handle handle() const {
    core();
    return heddle::handle(core_);
  }

  // As the destructor, but waits for no longer than `delay`. Threads that are inside a poll or a blocking call then are
  // left to themselves: the thread ends after it, and a polled task is dropped after its poll. The runtime
  // is empty afterwards. Aborts inside async code, as the destructor does.
  template <class Rep, class Period>
  void shutdown_timeout(std::chrono::duration<Rep, Period> delay) && noexcept {
    std::move(*this).shutdown_until(detail::deadline_after(delay));
  }
  // The same without any wait. May be called anywhere, also inside a task of this runtime, unless some thread is inside
  // block_on of this one and it is current-thread.
  void shutdown_background() && noexcept;

 private:
  friend runtime_builder;
  using spawner::spawner;

  void shutdown_until(std::chrono::steady_clock::time_point deadline) && noexcept;
  void demand_plain_thread() const noexcept;
  void shut_down(const detail::shutdown_limit& limit) noexcept;
};

// Runs `body` on a multi-thread runtime of its own, which is shut down afterwards.
template <class T>
T run(task<T> body, hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
  runtime own = runtime::builder().build();
  return own.block_on(std::move(body), place);
}

}  // namespace heddle
