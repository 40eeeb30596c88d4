// A channel from many senders to many receivers, each of which gets every value that was sent since it came.
//
// How it works. See detail/broadcast_core.hpp. The channel keeps the last `capacity` values. Sending never waits: a
// receiver that is slower loses the oldest, and its next recv() says how many, and then goes on with what is there.
// Values are copied to each receiver.
//
//     auto [tx, rx] = heddle::broadcast::channel<int>(16);
//     auto other = tx.subscribe();
//     tx.send(1);
//     auto value = co_await rx.recv();         // tl::expected<int, broadcast::recv_error>
//     if (!value && value.error().is_lagged()) log(value.error().missed());
//
// Ends. When all senders have gone, receivers get the values that are left, then closed. Without receivers, send()
// gives the value back. A value is destroyed when every receiver that was there has got it, missed it or gone.
//
// The coroutine resumes on its own runtime, never inside a send.
//
// Cancellation. recv() is cancel-safe: dropped, it has taken nothing.
//
// Thread safety. A sender may be used by many threads at once, each receiver by one at a time. REQUIRES: futures do not
// outlive the receiver they were made by.
//
// Limits. One allocation per value. Capacity from 1 to capacity_max, allocated at once.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/broadcast_core.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/detail/shared_value.hpp"
#include "heddle/runtime/future.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::broadcast {

inline constexpr std::size_t capacity_max = std::size_t{1} << 32U;

// Why there is no value: all senders have gone, or values were lost because this receiver was too slow.
class recv_error {
 public:
  // Closed, or lagged by so many values.
  constexpr explicit recv_error(std::uint64_t missed = 0) noexcept : missed_(missed) {}

  constexpr bool is_closed() const noexcept { return missed_ == 0; }
  constexpr bool is_lagged() const noexcept { return missed_ > 0; }
  // How many values were lost.
  constexpr std::uint64_t missed() const noexcept { return missed_; }

  friend constexpr bool operator==(recv_error, recv_error) noexcept = default;

 private:
  std::uint64_t missed_;
};

// As recv_error, or nothing is there now.
class try_recv_error {
 public:
  constexpr try_recv_error() noexcept : error_(std::nullopt) {}
  constexpr explicit try_recv_error(recv_error why) noexcept : error_(why) {}

  constexpr bool is_empty() const noexcept { return !error_.has_value(); }
  constexpr bool is_closed() const noexcept { return error_.has_value() && error_->is_closed(); }
  constexpr bool is_lagged() const noexcept { return error_.has_value() && error_->is_lagged(); }
  constexpr std::uint64_t missed() const noexcept { return error_.has_value() ? error_->missed() : 0; }

  friend constexpr bool operator==(try_recv_error, try_recv_error) noexcept = default;

 private:
  std::optional<recv_error> error_;
};

// There is no receiver; here is the value back.
template <class T>
using send_error = heddle::detail::send_error<T>;

namespace detail {

using heddle::detail::broadcast_core;
using heddle::detail::broadcast_status;
using shared_core = std::shared_ptr<broadcast_core>;

// A copy of a value for one receiver.
template <class T>
const T& value_in(const broadcast_core::result& received) noexcept {
  return *static_cast<const T*>(received.value.get());
}

}  // namespace detail

// Ready with a value, or with why there is none. Cancel-safe.
template <class T>
class [[nodiscard("nothing is received until it is awaited")]] recv_future {
 public:
  using result = tl::expected<T, recv_error>;

  recv_future(detail::broadcast_core& core, detail::broadcast_core::position& next) noexcept
      : core_(&core), next_(&next) {}
  recv_future(recv_future&&) noexcept = default;
  recv_future& operator=(recv_future&&) = delete;
  ~recv_future() { core_->cancel(waiter_); }

  poll_result<result> poll(context& cx) {
    const detail::broadcast_core::result received = core_->poll_receive(waiter_, *next_, cx.get_waker());
    switch (received.status) {
      case detail::broadcast_status::pending:
        return pending;
      case detail::broadcast_status::received:
        return poll_result<result>(std::in_place, detail::value_in<T>(received));
      case detail::broadcast_status::lagged:
      case detail::broadcast_status::closed:
        break;
    }
    return poll_result<result>(std::in_place, tl::unexpect, recv_error(received.missed));
  }

 private:
  detail::broadcast_core* core_;
  detail::broadcast_core::position* next_;
  heddle::detail::wait_node waiter_;
};

template <class T>
class receiver {
 public:
  // Takes over a receiver that is counted; for the channel.
  receiver(detail::shared_core core, detail::broadcast_core::position next) noexcept
      : core_(std::move(core)), next_(next) {}
  receiver(receiver&& other) noexcept = default;
  receiver& operator=(receiver&& other) noexcept {
    receiver old(std::move(*this));
    core_ = std::move(other.core_);
    next_ = other.next_;
    return *this;
  }
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;
  ~receiver() {
    if (core_ == nullptr) return;
    const detail::broadcast_core::position end = core_->begin_drop_receiver();
    while (auto value = core_->continue_drop_receiver(next_, end)) heddle::detail::drop_value(std::move(value));
  }

  // Waits for the next value. REQUIRES: this receiver stays where it is.
  recv_future<T> recv() { return recv_future<T>(core(), next_); }

  // The next value, if it is there.
  tl::expected<T, try_recv_error> try_recv() {
    const detail::broadcast_core::result received = core().try_receive(next_);
    if (received.status == detail::broadcast_status::received) return detail::value_in<T>(received);
    if (received.status == detail::broadcast_status::pending) return tl::unexpected(try_recv_error());
    return tl::unexpected(try_recv_error(recv_error(received.missed)));
  }

  // A new receiver, which gets what is sent from now on, and nothing of what this one has not received yet.
  [[nodiscard]] receiver resubscribe() const {
    const detail::broadcast_core::position next = core().add_receiver();
    return receiver(core_, next);
  }

  // How many values are still to be received, those that were lost included.
  [[nodiscard]] std::uint64_t len() const noexcept { return core().length(next_); }
  [[nodiscard]] bool is_empty() const noexcept { return len() == 0; }
  // Whether both receive from the same channel.
  [[nodiscard]] bool same_channel(const receiver& other) const noexcept { return core_ == other.core_; }

 private:
  detail::broadcast_core& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a broadcast receiver is used that was moved from");
    return *core_;
  }

  detail::shared_core core_;
  detail::broadcast_core::position next_;
};

template <class T>
class sender {
 public:
  // Takes over a sender that is counted; for channel().
  explicit sender(detail::shared_core core) noexcept : core_(std::move(core)) {}
  sender(sender&& other) noexcept = default;
  sender& operator=(sender&& other) noexcept {
    sender old(std::move(*this));
    core_ = std::move(other.core_);
    return *this;
  }
  sender(const sender& other) noexcept : core_(other.core_) {
    if (core_ != nullptr) core_->add_sender();
  }
  sender& operator=(const sender& other) noexcept {
    if (this != &other) *this = sender(other);
    return *this;
  }
  ~sender() {
    if (core_ != nullptr) core_->drop_sender();
  }

  // Sends, without waiting: how many receivers there are. The error gives the value back: there are none.
  tl::expected<std::size_t, send_error<T>> send(T value) {
    auto made = std::make_shared<T>(std::move(value));
    detail::broadcast_core::any_value exchanged = made;
    const std::size_t reached = core().send(exchanged);
    if (reached == 0) return tl::make_unexpected(send_error<T>(std::move(made)));
    heddle::detail::drop_value(std::move(exchanged));
    return reached;
  }

  // A new receiver, which gets what is sent from now on.
  [[nodiscard]] receiver<T> subscribe() {
    const detail::broadcast_core::position next = core().add_receiver();
    return receiver<T>(core_, next);
  }
  [[nodiscard]] std::size_t receiver_count() const noexcept { return core().receivers(); }
  // Whether both send to the same channel.
  [[nodiscard]] bool same_channel(const sender& other) const noexcept { return core_ == other.core_; }

 private:
  detail::broadcast_core& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a broadcast sender is used that was moved from");
    return *core_;
  }

  detail::shared_core core_;
};

// A new channel that keeps `capacity` values: its first sender and its first receiver.
template <class T>
std::pair<sender<T>, receiver<T>> channel(std::size_t capacity) {
  static_assert(std::copy_constructible<T>, "a broadcast channel copies its values to each receiver");
  heddle::detail::demand<heddle::detail::shared_at<why::shared_by_receivers, T>>();
  HEDDLE_ASSERT(capacity > 0 && capacity <= capacity_max, "the capacity of a broadcast channel is at least 1");
  auto core = std::make_shared<detail::broadcast_core>(capacity);
  return {sender<T>(core), receiver<T>(core, 0)};
}

}  // namespace heddle::broadcast
