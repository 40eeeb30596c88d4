// A value that is bound to the thread which made it, and says so: the checker reports every use on another thread.
//
// A task may move to another worker at each co_await. A value that is good on one thread only, because it belongs to a
// library that keeps its state by thread, or counts its references without atomics, must not live across one. It is not
// send, so it is refused as a parameter or a part of what crosses to another task. Which locals of a coroutine live
// across a co_await, clang says with -Wthread-safety and heddle-send-audit from the debug information (docs/send.md);
// in a checked build each use is compared with where the value was made. In a production build this is the value and
// nothing else.
//
//     heddle::thread_bound<gl_context> context(window);
//     context->draw();
//     co_await heddle::yield_now();
//     context->draw();  // a thread-affinity finding in the schedules in which the task has moved
//
// Making, using and destroying it must happen on one thread. Destroying is a use where it does something. It is neither
// copied nor moved: what holds it is made where it stays. local_task and spawn_local keep a task on its thread.
//
// Thread safety: as that of the value, on one thread.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/thread_safety.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

namespace heddle {

template <class T>
class thread_bound {
  static_assert(std::is_object_v<T>, "a thread_bound holds an object");

 public:
  // Makes the value from `args`, on the thread that it is bound to from here on.
  template <class... Args>
    requires std::is_constructible_v<T, Args...>
  explicit(sizeof...(Args) == 1) thread_bound(Args&&... args) HEDDLE_BINDS_TO_THREAD
      : value_(std::forward<Args>(args)...) {
    hooks::value_bound(this);
  }
  thread_bound(const thread_bound&) = delete;
  thread_bound& operator=(const thread_bound&) = delete;
  ~thread_bound() HEDDLE_UNBINDS_FROM_THREAD {
#if HEDDLE_CHECKED
    if constexpr (!std::is_trivially_destructible_v<T>) hooks::value_used(this, hooks::value_use::destroyed);
    hooks::value_gone(this);
#endif
  }

  // The value. REQUIRES: on the thread that made it.
  T& operator*() noexcept {
    hooks::value_used(this, hooks::value_use::used);
    return value_;
  }
  const T& operator*() const noexcept {
    hooks::value_used(this, hooks::value_use::used);
    return value_;
  }
  T* operator->() noexcept { return &**this; }
  const T* operator->() const noexcept { return &**this; }

 private:
  T value_;
};

}  // namespace heddle
