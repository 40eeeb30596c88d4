// Wakes tasks that wait for something, which they look at themselves: the async counterpart of a condition variable.
//
// How it works. See detail/notify_core.hpp. notify_one() wakes the task that waits longest; when none waits, it stores
// one permit, which the next notified() takes at once, and more calls store no more than one. notify_waiters() wakes
// all whose notified() was called before, and stores nothing.
//
//     heddle::sync::notify changed;
//     // the waiting side                       // the other side
//     while (!is_done()) {                      set_done();
//       co_await changed.notified();            changed.notify_one();
//     }
//
// With notify_waiters(), call notified() before looking, and await it after:
//
//     auto notified = changed.notified();
//     if (!is_done()) co_await notified;
//
// The coroutine resumes on its own runtime, never inside a notify call.
//
// Cancellation. Cancel-safe: a future that is dropped leaves the queue; a notification of notify_one() that it had
// received is passed on, or stored. A later notified() starts at the end of the queue.
//
// Thread safety. Any thread, any task. REQUIRES: outlives its futures.
#pragma once

#include "heddle/runtime/detail/notify_core.hpp"
#include "heddle/runtime/future.hpp"

namespace heddle::sync {

// Ready once notified.
class [[nodiscard("nothing is waited for until it is awaited")]] notified_future {
 public:
  explicit notified_future(heddle::detail::notify_core& core) noexcept : core_(&core), waiter_(core) {}
  notified_future(notified_future&&) noexcept = default;
  notified_future& operator=(notified_future&&) = delete;
  ~notified_future() { core_->cancel(waiter_); }

  poll_result<> poll(context& cx) noexcept {
    if (!core_->poll(waiter_, cx.get_waker())) return pending;
    return ready;
  }

  // Joins the queue now, so that notify_one() counts as well; true: it was notified already, and will be ready. Not to
  // be moved afterwards.
  bool enable() noexcept { return core_->enable(waiter_); }

 private:
  heddle::detail::notify_core* core_;
  heddle::detail::notify_waiter waiter_;
};

class notify {
 public:
  notify() noexcept = default;
  notify(const notify&) = delete;
  notify& operator=(const notify&) = delete;
  ~notify() = default;

  // A future that is notified by notify_waiters() from now on, and by notify_one() from its first poll on, or by a
  // permit that is stored then.
  notified_future notified() noexcept { return notified_future(core_); }

  // Notifies one: who waits longest, or who comes next.
  void notify_one() noexcept { core_.notify_one(); }

  // Notifies all who called notified() before.
  void notify_waiters() noexcept { core_.notify_waiters(); }

 private:
  heddle::detail::notify_core core_;
};

}  // namespace heddle::sync
