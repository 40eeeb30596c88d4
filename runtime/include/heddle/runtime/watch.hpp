// A channel that keeps the latest value only: receivers see the newest, and may miss others.
//
// How it works. See detail/watch_core.hpp. The value is an immutable object that sender and receivers share: borrow()
// hands out a reference that keeps it alive, holds no lock, and may be kept across suspensions; a newer value does not
// change it.
//
//     auto [tx, rx] = heddle::watch::channel<settings>(defaults());
//     heddle::spawn(follow(rx)).detach();   // receivers are copied, or made with tx.subscribe()
//     tx.send(changed_settings());
//
//     // follow:
//     while (co_await rx.changed()) use(*rx.borrow_and_update());
//
// A new receiver has seen the value that is there; a copy has seen what the original has.
//
// Ends. When the sender is dropped, changed() reports a value that was not seen yet, and then recv_error. When all
// receivers have gone, send() fails and gives the value back, and closed() is ready.
//
// The coroutine resumes on its own runtime, never inside the other side's call.
//
// Cancellation. changed(), wait_for() and closed() are cancel-safe: a change is marked as seen when it is ready, not
// before.
//
// Thread safety. Each end is used by one thread at a time; different ends by different threads. REQUIRES: futures do
// not outlive the end they were made by.
//
// Limits. One allocation per value that is sent.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/detail/shared_value.hpp"
#include "heddle/runtime/detail/watch_core.hpp"
#include "heddle/runtime/future.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::watch {

// The sender was dropped.
struct recv_error {
  friend constexpr bool operator==(recv_error, recv_error) noexcept = default;
};

// There is no receiver; here is the value back.
template <class T>
using send_error = heddle::detail::send_error<T>;

// A value that was the latest when it was borrowed, kept alive by this reference.
template <class T>
using borrowed = std::shared_ptr<const T>;

namespace detail {

using heddle::detail::watch_core;
using heddle::detail::watch_status;
using shared_core = std::shared_ptr<watch_core>;

template <class T>
borrowed<T> as_borrowed(watch_core::any_value value) noexcept {
  return std::static_pointer_cast<const T>(std::move(value));
}

}  // namespace detail

// Ready once no receiver is there. Cancel-safe.
class [[nodiscard("nothing is waited for until it is awaited")]] closed_future {
 public:
  explicit closed_future(detail::watch_core& core) noexcept : core_(&core) {}
  closed_future(closed_future&&) noexcept = default;
  closed_future& operator=(closed_future&&) = delete;
  ~closed_future() { core_->cancel(waiter_); }

  poll_result<> poll(context& cx) noexcept {
    if (!core_->poll_closed(waiter_, cx.get_waker())) return pending;
    return ready;
  }

 private:
  detail::watch_core* core_;
  heddle::detail::wait_node waiter_;
};

// Ready once there is a value that its receiver has not seen, or recv_error. Cancel-safe.
class [[nodiscard("nothing is waited for until it is awaited")]] changed_future {
 public:
  using result = tl::expected<void, recv_error>;

  changed_future(detail::watch_core& core, detail::watch_core::version& seen) noexcept : core_(&core), seen_(&seen) {}
  changed_future(changed_future&&) noexcept = default;
  changed_future& operator=(changed_future&&) = delete;
  ~changed_future() { core_->cancel(waiter_); }

  poll_result<result> poll(context& cx) noexcept {
    switch (core_->poll_changed(waiter_, *seen_, cx.get_waker())) {
      case detail::watch_status::unchanged:
        return pending;
      case detail::watch_status::changed:
        return poll_result<result>(std::in_place);
      case detail::watch_status::closed:
        break;
    }
    return poll_result<result>(std::in_place, tl::unexpect, recv_error());
  }

 private:
  detail::watch_core* core_;
  detail::watch_core::version* seen_;
  heddle::detail::wait_node waiter_;
};

// Ready with the first value that `Predicate` accepts, or recv_error. Cancel-safe: what it looked at counts as seen.
template <class T, class Predicate>
class [[nodiscard("nothing is waited for until it is awaited")]] wait_for_future {
 public:
  using result = tl::expected<borrowed<T>, recv_error>;

  wait_for_future(detail::watch_core& core, detail::watch_core::version& seen, Predicate predicate)
      : core_(&core), seen_(&seen), predicate_(std::move(predicate)) {}
  wait_for_future(wait_for_future&&) noexcept(std::is_nothrow_move_constructible_v<Predicate>) = default;
  wait_for_future& operator=(wait_for_future&&) = delete;
  ~wait_for_future() { core_->cancel(waiter_); }

  poll_result<result> poll(context& cx) {
    bool is_new = !std::exchange(has_looked_, true);
    for (;;) {
      if (is_new) {
        borrowed<T> latest = detail::as_borrowed<T>(core_->value_and_version(*seen_));
        if (std::invoke(predicate_, *latest)) return poll_result<result>(std::in_place, std::move(latest));
      }
      const detail::watch_status status = core_->poll_changed(waiter_, *seen_, cx.get_waker());
      if (status == detail::watch_status::unchanged) return pending;
      if (status == detail::watch_status::closed) {
        return poll_result<result>(std::in_place, tl::unexpect, recv_error());
      }
      is_new = true;
    }
  }

 private:
  detail::watch_core* core_;
  detail::watch_core::version* seen_;
  Predicate predicate_;
  bool has_looked_ = false;  // at the value that was there first
  heddle::detail::wait_node waiter_;
};

template <class T>
class receiver {
 public:
  // Takes over a receiver that is counted and has seen `seen`; for the channel.
  receiver(detail::shared_core core, detail::watch_core::version seen) noexcept : core_(std::move(core)), seen_(seen) {}
  receiver(receiver&& other) noexcept = default;
  receiver& operator=(receiver&& other) noexcept {
    receiver old(std::move(*this));
    core_ = std::move(other.core_);
    seen_ = other.seen_;
    return *this;
  }
  // Has seen what `other` has.
  receiver(const receiver& other) noexcept : core_(other.core_), seen_(other.seen_) {
    if (core_ != nullptr) core_->copy_receiver();
  }
  receiver& operator=(const receiver& other) noexcept {
    if (this != &other) *this = receiver(other);
    return *this;
  }
  ~receiver() {
    if (core_ != nullptr) core_->drop_receiver();
  }

  // The latest value; it stays as seen or unseen as it was.
  [[nodiscard]] borrowed<T> borrow() const noexcept { return detail::as_borrowed<T>(core().value()); }
  // The latest value, which has been seen now.
  [[nodiscard]] borrowed<T> borrow_and_update() noexcept {
    return detail::as_borrowed<T>(core().value_and_version(seen_));
  }
  // `function(latest value, args...)`, with no lock held.
  template <class Function, class... Args>
  decltype(auto) with(Function&& function, Args&&... args) const {
    const borrowed<T> latest = borrow();
    return std::invoke(std::forward<Function>(function), *latest, std::forward<Args>(args)...);
  }

  // Waits for a value that this receiver has not seen, and marks it as seen. REQUIRES: this receiver stays where it is.
  changed_future changed() { return changed_future(core(), seen_); }
  // Waits for a value, the latest or a later one, for which `predicate(value)` is true, and marks all it looked at as
  // seen. What the predicate throws passes through. REQUIRES: as changed().
  template <class Predicate>
    requires std::predicate<std::decay_t<Predicate>&, const T&>
  wait_for_future<T, std::decay_t<Predicate>> wait_for(Predicate&& predicate) {
    return wait_for_future<T, std::decay_t<Predicate>>(core(), seen_, std::forward<Predicate>(predicate));
  }
  // Whether changed() would be ready; the error when the sender has gone, even if the last value was not seen.
  [[nodiscard]] tl::expected<bool, recv_error> has_changed() const noexcept {
    const detail::watch_status status = core().status(seen_);
    if (status == detail::watch_status::closed) return tl::unexpected(recv_error());
    return status == detail::watch_status::changed;
  }
  // The value that is there is one that was not seen / was seen.
  void mark_changed() noexcept {
    static_cast<void>(core().value_and_version(seen_));
    --seen_;
  }
  void mark_unchanged() noexcept { static_cast<void>(core().value_and_version(seen_)); }

  // Whether both watch the same sender.
  [[nodiscard]] bool same_channel(const receiver& other) const noexcept { return core_ == other.core_; }

 private:
  detail::watch_core& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a watch receiver is used that was moved from");
    return *core_;
  }

  detail::shared_core core_;
  detail::watch_core::version seen_;
};

template <class T>
class sender {
 public:
  // For channel().
  explicit sender(detail::shared_core core) noexcept : core_(std::move(core)) {}
  sender(sender&& other) noexcept = default;
  sender& operator=(sender&& other) noexcept {
    sender old(std::move(*this));
    core_ = std::move(other.core_);
    return *this;
  }
  sender(const sender&) = delete;
  sender& operator=(const sender&) = delete;
  ~sender() {
    if (core_ != nullptr) core_->drop_sender();
  }

  // Makes `value` the latest. The error gives it back, and the latest stays: there is no receiver.
  tl::expected<void, send_error<T>> send(T value) {
    auto made = std::make_shared<T>(std::move(value));
    detail::watch_core::any_value exchanged = made;
    if (!core().send(exchanged)) return tl::make_unexpected(send_error<T>(std::move(made)));
    heddle::detail::drop_value(std::move(exchanged));
    return {};
  }

  // Makes `value` the latest, also without receivers; the value that was the latest before.
  borrowed<T> send_replace(T value) {
    detail::watch_core::any_value exchanged = std::make_shared<T>(std::move(value));
    core().replace(exchanged);
    return detail::as_borrowed<T>(std::move(exchanged));
  }

  // Copies the latest value, calls `function(copy, args...)` and makes the copy the latest, also without receivers.
  // When the function throws, nothing has changed.
  template <class Function, class... Args>
    requires std::copy_constructible<T>
  void send_modify(Function&& function, Args&&... args) {
    static_cast<void>(modify([&](T& value) {
      std::invoke(std::forward<Function>(function), value, std::forward<Args>(args)...);
      return true;
    }));
  }

  // As send_modify; but when the function returns false, nothing is sent. Whether it was sent.
  template <class Function, class... Args>
    requires std::copy_constructible<T>
  bool send_if_modified(Function&& function, Args&&... args) {
    return modify([&](T& value) -> bool {
      return std::invoke(std::forward<Function>(function), value, std::forward<Args>(args)...);
    });
  }

  // The latest value.
  [[nodiscard]] borrowed<T> borrow() const noexcept { return detail::as_borrowed<T>(core().value()); }
  // `function(latest value, args...)`, with no lock held.
  template <class Function, class... Args>
  decltype(auto) with(Function&& function, Args&&... args) const {
    const borrowed<T> latest = borrow();
    return std::invoke(std::forward<Function>(function), *latest, std::forward<Args>(args)...);
  }

  // A new receiver, which has seen the value that is there.
  [[nodiscard]] receiver<T> subscribe() {
    const detail::watch_core::version seen = core().add_receiver();
    return receiver<T>(core_, seen);
  }
  // Ready once no receiver is there.
  closed_future closed() { return closed_future(core()); }
  // Whether no receiver is there.
  [[nodiscard]] bool is_closed() const noexcept { return receiver_count() == 0; }
  [[nodiscard]] std::size_t receiver_count() const noexcept { return core().receivers(); }

 private:
  template <class Function>
  bool modify(Function function) {
    auto made = std::make_shared<T>(*borrow());
    if (!function(*made)) return false;
    detail::watch_core::any_value exchanged = std::move(made);
    core().replace(exchanged);
    heddle::detail::drop_value(std::move(exchanged));
    return true;
  }

  detail::watch_core& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a watch sender is used that was moved from");
    return *core_;
  }

  detail::shared_core core_;
};

// A new channel whose latest value is `initial`: its sender and a receiver that has seen it.
template <class T>
std::pair<sender<T>, receiver<T>> channel(T initial) {
  static_assert(std::is_object_v<T>, "a watch channel carries an object");
  heddle::detail::demand<heddle::detail::shared_at<why::shared_by_receivers, T>>();
  auto core = std::make_shared<detail::watch_core>(std::make_shared<T>(std::move(initial)));
  return {sender<T>(core), receiver<T>(core, 0)};
}

}  // namespace heddle::watch
