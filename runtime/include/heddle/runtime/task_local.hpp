// A value that belongs to a task, as a thread_local belongs to a thread.
//
// How it works. `scope(value, future)` is a future that makes `value` the current one of this key while it is polled,
// and while it is destroyed; so everything that the future calls and awaits finds it, on whatever thread. Scopes of one
// key nest, the innermost counts. A spawned task has none of its spawner's values: give it a scope of its own. Looking
// a value up walks the scopes that are active in the poll.
//
//     inline heddle::task_local<std::string> request_id;
//     auto scoped = request_id.scope("r-17", handle(request));
//     co_await scoped;
//     // in handle, or in what it calls:  log(request_id.get());
//
// Errors of the future pass through. Cancellation: dropping a scope drops the future, then the value.
//
// Thread safety. The key may be used by any thread. A value is used by the thread that polls its task.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/detail/task_local_slot.hpp"
#include "heddle/runtime/future.hpp"

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace heddle {

template <class T>
class task_local;

// F is a future, or an lvalue reference to one.
template <class T, future F>
class [[nodiscard("a future does nothing until it is awaited")]] task_local_future {
 public:
  task_local_future(const task_local<T>& key, T value, F&& inner)
      : key_(&key), value_(std::move(value)), inner_(std::forward<F>(inner)) {}
  // REQUIRES: `other` was not polled.
  task_local_future(task_local_future&& other) = default;
  task_local_future& operator=(task_local_future&&) = delete;
  ~task_local_future() {
    const detail::task_local_slot slot(key_, &value_);
    inner_.drop();
  }

  poll_result<future_output_t<F>> poll(context& cx) {
    const detail::task_local_slot slot(key_, &value_);
    return inner_.poll(cx);
  }

 private:
  const task_local<T>* key_;
  T value_;
  detail::branch<F> inner_;
};

template <class T>
class task_local {
  static_assert(std::is_object_v<T>, "a task_local holds an object");

 public:
  constexpr task_local() noexcept = default;
  // Its address is the key.
  task_local(const task_local&) = delete;
  task_local& operator=(const task_local&) = delete;

  // `inner`, for which `value` is the current one. REQUIRES: the key outlives it.
  template <class F>
    requires future<F>
  task_local_future<T, F> scope(T value, F&& inner) const {
    heddle::detail::demand<heddle::detail::send_at<why::task_local_value, T>>();
    return task_local_future<T, F>(*this, std::move(value), std::forward<F>(inner));
  }
  // Calls `function()`, during which `value` is the current one, and returns what it returns.
  template <class Function>
  decltype(auto) sync_scope(T value, Function&& function) const {
    const detail::task_local_slot slot(this, &value);
    return std::invoke(std::forward<Function>(function));
  }

  // The current value. REQUIRES: inside a scope of this key.
  T& get() const noexcept {
    T* const value = try_get();
    HEDDLE_ASSERT(value != nullptr, "a task_local is read outside of its scope; try_get() asks first");
    return *value;
  }
  // The current value, or null outside of any scope of this key. Do not keep the pointer across a suspension.
  T* try_get() const noexcept { return static_cast<T*>(detail::task_local_slot::find(this)); }

  // Calls `function(value)` with the current value, and returns what it returns. REQUIRES: inside a scope of this key.
  template <class Function>
  decltype(auto) with(Function&& function) const {
    return std::invoke(std::forward<Function>(function), get());
  }
};

}  // namespace heddle
