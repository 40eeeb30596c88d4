// Waits until all of a changing number of tasks have ended, whatever they yield and whoever started them.
//
// How it works. A tracker counts the futures that it tracks; each is counted from `track` or `spawn` until it is
// destroyed, frame and all. `wait()` is ready when the tracker is closed and the count is zero. Closing keeps nobody
// from being tracked. Unlike a join_set it keeps no outcome, takes tasks of any type, and does not abort them: for that
// give them a cancellation_token.
//
//     heddle::task_tracker tracker;
//     tracker.spawn(serve(connection, stop)).detach();
//     stop.cancel();
//     tracker.close();
//     co_await tracker.wait();
//
// The coroutine resumes on its own runtime. Copies of a tracker are the same tracker.
//
// Cancellation. Dropping a wait has no effect. A tracked task that is dropped counts as ended.
//
// Thread safety. Any thread: all functions may be called at once by several.
#pragma once

#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/detail/tracker_core.hpp"
#include "heddle/runtime/detail/wait_list.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_handle.hpp"
#include "heddle/runtime/spawn.hpp"
#include "heddle/runtime/task.hpp"

#include <cstddef>
#include <utility>

namespace heddle {

// Counts as one task of a tracker until it is destroyed.
class [[nodiscard("what is dropped at once is not tracked")]] tracker_token {
 public:
  // For task_tracker.
  explicit tracker_token(detail::tracker_reference core) noexcept : core_(std::move(core)) { core_->add(); }
  tracker_token(tracker_token&& other) noexcept = default;
  tracker_token& operator=(tracker_token&&) = delete;
  ~tracker_token() {
    if (core_) core_->remove();
  }

 private:
  detail::tracker_reference core_;
};

// A future that is tracked. F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("a future does nothing until it is awaited")]] tracked_future {
 public:
  tracked_future(tracker_token token, F&& inner) : token_(std::move(token)), inner_(std::forward<F>(inner)) {}

  poll_result<future_output_t<F>> poll(context& cx) { return inner_.poll(cx); }

 private:
  tracker_token token_;  // first, so that the future is destroyed before it is counted out
  detail::branch<F> inner_;
};

// Ready when the tracker is closed and empty.
class [[nodiscard("it does nothing until it is awaited")]] tracker_wait_future {
 public:
  explicit tracker_wait_future(detail::tracker_reference core) noexcept : core_(std::move(core)) {}
  // REQUIRES: `other` was not polled.
  tracker_wait_future(tracker_wait_future&& other) noexcept = default;
  tracker_wait_future& operator=(tracker_wait_future&&) = delete;
  ~tracker_wait_future() {
    if (core_) core_->stop_waiting(waiting_);
  }

  poll_result<> poll(context& cx) noexcept {
    if (!core_->poll(waiting_, cx.get_waker())) return pending;
    return ready;
  }

 private:
  detail::tracker_reference core_;
  detail::wait_node waiting_;
};

class task_tracker {
 public:
  task_tracker() : core_(detail::tracker_reference::make()) {}

  // Lets wait() become ready. A closed tracker still tracks.
  void close() const noexcept { core_->close(); }
  void reopen() const noexcept { core_->reopen(); }
  bool is_closed() const noexcept { return core_->is_closed(); }
  // How many are tracked.
  std::size_t len() const noexcept { return core_->count(); }
  bool is_empty() const noexcept { return len() == 0; }

  // Ready when the tracker is closed and empty at the time of a poll. Cancel-safe.
  [[nodiscard]] tracker_wait_future wait() const noexcept { return tracker_wait_future(core_); }

  // Tracks until the returned object is destroyed.
  [[nodiscard]] tracker_token token() const noexcept { return tracker_token(core_); }
  // Tracks `inner`, also before it is polled.
  template <class F>
    requires future<F>
  tracked_future<F> track(F&& inner) const {
    return tracked_future<F>(token(), std::forward<F>(inner));
  }
  // As heddle::spawn, and tracks the task until its frame is destroyed. The task is one allocation.
  template <class T>
  join_handle<T> spawn(task<T> body,
                       hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) const {
    detail::scheduler& target = detail::current_scheduler("spawn");
    return detail::spawn_on(target, core_.companion(), std::move(body), place);
  }
  // The same with a function and its arguments, which the task owns.
  template <class Function, class... Args>
    requires detail::spawnable_call<Function, Args...>
  auto spawn(Function&& function, Args&&... args) const {
    detail::scheduler& target = detail::current_scheduler("spawn");
    try {
      return detail::spawn_call_on(target, core_.companion(), std::forward<Function>(function),
                                   std::forward<Args>(args)...);
    } catch (...) {
      // There is no task whose end would be counted.
      core_->remove();
      throw;
    }
  }

 private:
  detail::tracker_reference core_;
};

}  // namespace heddle
