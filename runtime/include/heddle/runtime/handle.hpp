// A reference to a runtime, to spawn on it from anywhere.
//
// How it works. A handle shares the runtime's core by reference count, and does not keep it running: when the runtime
// is gone, `spawn` and `spawn_blocking` drop what they are given, whose join_handles yield a cancelled join_error.
//
//     heddle::handle handle = rt.handle();                       // or, inside a task: heddle::handle::current()
//     std::thread([handle] { handle.spawn(work()).detach(); });
//
// Errors. `current` outside a runtime and `block_on` inside async code throw std::logic_error.
//
// Thread safety. All functions may be called from any thread. Copying costs one count.
#pragma once

#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/runtime_metrics.hpp"
#include "heddle/runtime/spawn.hpp"
#include "heddle/runtime/spawn_blocking.hpp"
#include "heddle/runtime/task.hpp"
#include "heddle/runtime/task_dump.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle {

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

// What a runtime and its handles have in common. Spawns as the free functions of the same names, on this runtime.
class spawner {
 public:
  template <class T>
  join_handle<T> spawn(task<T> body,
                       hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) const {
    return spawn_on(core(), nullptr, std::move(body), place);
  }
  template <class Function, class... Args>
    requires spawnable_call<Function, Args...>
  auto spawn(Function&& function, Args&&... args) const {
    return spawn_call_on(core(), nullptr, std::forward<Function>(function), std::forward<Args>(args)...);
  }
  template <class T>
  join_handle<T> spawn_named(std::string name, task<T> body,
                             hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(),
                                                          __builtin_LINE()}) const {
    return spawn_on(core(), make_name(std::move(name)), std::move(body), place);
  }
  template <class Function, class... Args>
    requires spawnable_call<Function, Args...>
  auto spawn_named(std::string name, Function&& function, Args&&... args) const {
    return spawn_call_on(core(), make_name(std::move(name)), std::forward<Function>(function),
                         std::forward<Args>(args)...);
  }
  template <class Function, class... Args>
    requires std::invocable<std::decay_t<Function>&&, std::decay_t<Args>&&...>
  auto spawn_blocking(Function&& function, Args&&... args) const {
    return spawn_blocking_on(core(), std::forward<Function>(function), std::forward<Args>(args)...);
  }

  // What its tasks are doing now, in the order of their spawning; see task_dump.hpp.
  std::vector<task_dump> dump_tasks() const { return detail::dump_tasks(core()); }

  // Numbers of the runtime; see runtime_metrics.hpp.
  runtime_metrics metrics() const {
    core();
    return runtime_metrics(core_);
  }

 protected:
  explicit spawner(owner_ptr<scheduler> core) noexcept : core_(std::move(core)) {}

  scheduler& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a moved-from runtime or handle is used");
    return *core_;
  }

  owner_ptr<scheduler> core_;
};

}  // namespace detail

class handle : public detail::spawner {
 public:
  // The runtime of the calling thread: a task's, a blocking call's, or that of the block_on the thread is in.
  [[nodiscard]] static handle current();
  // The same, or none.
  [[nodiscard]] static std::optional<handle> try_current() noexcept;

  // Polls `body` on the calling thread to its end, and returns its value or rethrows its exception. What it spawns runs
  // on the runtime. It does not drive a current-thread runtime: on one of those, timers and spawned tasks make progress
  // only while some thread is inside runtime::block_on.
  template <class T>
  T block_on(task<T> body,
             hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) const {
    HEDDLE_ASSERT(static_cast<bool>(body), "block_on of an empty task: it was moved from, awaited or default made");
    detail::root_task<T> root(std::move(body));
    detail::block_on_beside(core(), root, place);
    return root.take();
  }

  // Whether both refer to the same runtime.
  friend bool operator==(const handle& a, const handle& b) noexcept { return a.core_ == b.core_; }

 private:
  friend class runtime;
  using spawner::spawner;
};

}  // namespace heddle
