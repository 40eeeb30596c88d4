// A lazy coroutine that stays on the thread that runs it, and may hold what must not leave that thread.
//
// How it works. As task<T>, without the rules on what it holds: its parameters, locals and value may be bound to the
// thread. It can be awaited by another local_task, driven by `spawn_local` or `local_set::run_until`, and polled by
// hand; a task<T>, which may move between threads, cannot await it. A local_task awaits tasks, as everything else.
//
// Cancellation and errors: as task<T>. Thread safety: one thread, from its first poll to its destruction.
#pragma once

#include "heddle/runtime/detail/coroutine.hpp"

namespace heddle {

template <class T = void>
class local_task;

namespace detail {

template <class T>
class local_task_promise final : public result_promise<T, locality::one_thread> {
 public:
  local_task<T> get_return_object() noexcept;
};

}  // namespace detail

template <class T>
class [[nodiscard("a task does nothing until it is awaited or spawned")]] local_task
    : public detail::owned_coroutine<T, detail::locality::one_thread> {
 public:
  using promise_type = detail::local_task_promise<T>;

  local_task() noexcept = default;

 private:
  friend promise_type;
  explicit local_task(promise_type& promise) noexcept
      : detail::owned_coroutine<T, detail::locality::one_thread>(promise) {}
};

namespace detail {
template <class T>
local_task<T> local_task_promise<T>::get_return_object() noexcept {
  return local_task<T>(*this);
}
}  // namespace detail

}  // namespace heddle
