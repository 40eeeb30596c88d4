// A runtime: workers that poll tasks, timers, and threads for blocking calls.
//
// How it works. `multi_thread()` (the default) starts worker threads that steal tasks from each other;
// `current_thread()` starts none, and runs its tasks inside `block_on`.
//
//     auto rt = heddle::runtime::builder().multi_thread().worker_threads(4).build();
//     int result = rt.block_on(async_main());
//
// Shutdown. The destructor drops every task that has not ended, at its suspension point, waits for polls
// and blocking calls that are running, and joins all threads.
//
// Errors. `block_on` inside async code throws std::logic_error, and so does a second `block_on` at the same
// time on a current-thread runtime. Destroying a runtime inside async code aborts with a sentence.
//
// Thread safety. `spawn`, `spawn_blocking` and `block_on` may be called from any thread; moving and
// destroying need all of them to have returned.
#pragma once

#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/spawn.hpp"
#include "heddle/runtime/spawn_blocking.hpp"
#include "heddle/runtime/task.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace heddle {

class runtime;

namespace detail {

// The root task of a block_on, and then its outcome.
template <class T>
class root_task final : public root_future {
 public:
  explicit root_task(task<T> body) noexcept : body_(std::move(body)) {}

  bool poll(context& cx) noexcept override {
    try {
      if constexpr (std::is_void_v<T>) {
        if (body_.poll(cx).is_pending()) return false;
        outcome_.set_value();
      } else {
        poll_result<T> result = body_.poll(cx);
        if (result.is_pending()) return false;
        outcome_.set_value(std::move(result).value());
      }
    } catch (...) {
      outcome_.set_exception(std::current_exception());
    }
    body_ = task<T>();
    return true;
  }
  bool has_failed() const noexcept override { return outcome_.has_exception(); }
  T take() { return outcome_.take(); }

 private:
  task<T> body_;
  outcome<T> outcome_;
};

}  // namespace detail

// The settings of a runtime. Setters throw std::invalid_argument for values out of range.
class runtime_builder {
 public:
  static constexpr std::size_t worker_threads_max = 1024;
  static constexpr std::size_t blocking_threads_max = 65536;

  // Worker threads that steal from each other; the default.
  runtime_builder& multi_thread() noexcept;
  // No worker threads: tasks run inside block_on.
  runtime_builder& current_thread() noexcept;
  // 1 to worker_threads_max; by default one for each hardware thread. Ignored by current_thread().
  runtime_builder& worker_threads(std::size_t count);
  // The most threads for spawn_blocking, 1 to blocking_threads_max; 512 by default.
  runtime_builder& max_blocking_threads(std::size_t count);

  // Starts the runtime. Throws std::system_error if a worker thread cannot be started.
  [[nodiscard]] runtime build() const;

 private:
  bool multi_thread_ = true;
  std::size_t worker_threads_ = 0;  // 0: as many as the hardware runs
  std::size_t max_blocking_threads_ = 512;
};

class runtime {
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

  // Spawn on this runtime, from any thread; otherwise as the free functions of the same names.
  template <class T>
  join_handle<T> spawn(task<T> body,
                       hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
    return detail::spawn_on(core(), nullptr, std::move(body), place);
  }
  template <class Function, class... Args>
    requires detail::spawnable_call<Function, Args...>
  auto spawn(Function&& function, Args&&... args) {
    return detail::spawn_call_on(core(), nullptr, std::forward<Function>(function), std::forward<Args>(args)...);
  }
  template <class T>
  join_handle<T> spawn_named(std::string name, task<T> body,
                             hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
    return detail::spawn_on(core(), &name, std::move(body), place);
  }
  template <class Function, class... Args>
    requires std::invocable<std::decay_t<Function>&&, std::decay_t<Args>&&...>
  auto spawn_blocking(Function&& function, Args&&... args) {
    return detail::spawn_blocking_on(core(), std::forward<Function>(function), std::forward<Args>(args)...);
  }

 private:
  friend runtime_builder;
  explicit runtime(std::shared_ptr<detail::scheduler> core) noexcept : core_(std::move(core)) {}

  detail::scheduler& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a moved-from runtime is used");
    return *core_;
  }
  void shutdown() noexcept;

  std::shared_ptr<detail::scheduler> core_;
};

// Runs `body` on a multi-thread runtime of its own, which is shut down afterwards.
template <class T>
T run(task<T> body, hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
  runtime own = runtime::builder().build();
  return own.block_on(std::move(body), place);
}

}  // namespace heddle
