// Tasks that stay on one thread, run by the future that awaits their set.
//
// How it works. A local_set owns local tasks and polls them on the thread that made it, while somebody awaits
// `run_until` or the set itself: up to 61 of them each time it is polled, and then it lets the worker go on. Their
// wakers may be woken from any thread. `spawn_local` inside a set's polls, or inside a current-thread runtime without a
// set, starts one.
//
//     heddle::local_set set;
//     auto main_part = set.run_until(async_main());   // in it: spawn_local(draw(window))
//     rt.block_on([](auto run) -> heddle::task<> { co_await run; }(std::move(main_part)));
//
// Cancellation. Destroying the set destroys the frames of its tasks, whose handles yield a cancelled join_error.
// Dropping `run_until` drops its future; the tasks stay where they are until the set is polled again.
//
// Errors. Exceptions of a task go to its join_handle. `spawn_local` elsewhere throws std::logic_error. Using the set on
// another thread aborts with a sentence: await it in block_on, or in a task that does not move.
//
// Thread safety. One thread, that which makes it, except for the handles and wakers of its tasks. On a current-thread
// runtime without a set: REQUIRES that one thread calls its block_on and destroys it.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/detail/coroutine_cell.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_handle.hpp"
#include "heddle/runtime/local_task.hpp"

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace heddle {

class local_set;

namespace detail {

class local_set_core;

// Makes a set the current one of the calling thread.
class local_set_scope {
 public:
  explicit local_set_scope(local_set_core& core) noexcept;
  local_set_scope(const local_set_scope&) = delete;
  local_set_scope& operator=(const local_set_scope&) = delete;
  ~local_set_scope();

 private:
  local_set_core* outer_;
};

// Polls tasks of the set. False: there are none any more.
[[nodiscard]] bool run_local_tasks(local_set_core& core, context& cx);
// Throws std::logic_error if nothing runs local tasks on this thread, and no set is given.
void require_local_tasks(const local_set_core* core);
// Gives a new task to the set, or, if it is null, to whatever runs local tasks on this thread.
void spawn_local_task(local_set_core* core, task_header& task, const hooks::source_place& place);

template <class T>
join_handle<T> spawn_local_on(local_set_core* core, local_task<T>&& body, const hooks::source_place& place) {
  HEDDLE_ASSERT(static_cast<bool>(body), "an empty task is spawned: it was moved from, awaited or default made");
  require_local_tasks(core);
  auto& cell = coroutine_cell<T, locality::one_thread>::make(body.release());
  join_handle<T> handle(cell);
  spawn_local_task(core, cell, place);
  return handle;
}

}  // namespace detail

// Ready when `inner` is, and runs the tasks of its set meanwhile. F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("nothing is run until it is awaited")]] run_until_future {
 public:
  run_until_future(detail::owner_ptr<detail::local_set_core> core, F&& inner)
      : core_(std::move(core)), inner_(std::forward<F>(inner)) {}

  // REQUIRES: not ready before.
  poll_result<future_output_t<F>> poll(context& cx) {
    const detail::local_set_scope here(*core_);
    poll_result<future_output_t<F>> polled = inner_.poll(cx);
    if (polled.is_pending()) static_cast<void>(detail::run_local_tasks(*core_, cx));
    return polled;
  }

 private:
  detail::owner_ptr<detail::local_set_core> core_;
  detail::branch<F> inner_;
};

class local_set {
 public:
  local_set();
  local_set(const local_set&) = delete;
  local_set& operator=(const local_set&) = delete;
  ~local_set();

  // Starts `body` in this set. It is first polled when the set is.
  template <class T>
  join_handle<T> spawn_local(local_task<T> body,
                             hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
    return detail::spawn_local_on(core_.get(), std::move(body), place);
  }

  // The value of `inner`; meanwhile the tasks of the set run. REQUIRES: polled on the thread of the set, which outlives
  // it.
  template <class F>
    requires future<F>
  run_until_future<F> run_until(F&& inner) {
    return run_until_future<F>(core_, std::forward<F>(inner));
  }

  // Ready when all tasks of the set have ended; `co_await set` runs them.
  poll_result<> poll(context& cx);

 private:
  detail::owner_ptr<detail::local_set_core> core_;
};

// Starts `body` on this thread: in the set that is being polled, else in the current-thread runtime that is driven
// here.
template <class T>
join_handle<T> spawn_local(local_task<T> body,
                           hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
  return detail::spawn_local_on(nullptr, std::move(body), place);
}

}  // namespace heddle
