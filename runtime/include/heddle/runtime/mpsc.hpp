// A bounded channel of values from many senders to one receiver, with backpressure: who sends to a full channel waits.
//
// How it works. See detail/mpsc_core.hpp. A send first reserves room, in the order in which senders came, and then
// cannot fail; reserve() gives the room by itself, as a permit. Receiving makes room for the sender who waits longest.
//
//     auto [tx, rx] = heddle::mpsc::channel<int>(16);
//     heddle::spawn(produce(tx)).detach();            // senders are copied
//     while (std::optional<int> value = co_await rx.recv()) use(*value);
//
// Ends. When the receiver is dropped or closed, sends fail and give the value back. When all senders have gone, the
// receiver gets the values that are left, then nothing. Values that nobody receives are destroyed once, when the
// receiver is dropped.
//
// The coroutine resumes on its own runtime, never inside the other side's call.
//
// Cancellation. recv(), reserve() and closed() are cancel-safe: dropped, they have taken nothing, and a permit that had
// been granted is passed on to the next sender. send() that is dropped has sent nothing and destroys its value; a later
// send starts at the end of the queue. Where the value must not be lost, reserve() first.
//
// Thread safety. A sender may be used by many threads at once, the receiver by one at a time. REQUIRES: futures do not
// outlive the end they were made by; permits may.
//
// Limits. One allocation per value. Capacity from 1 to capacity_max.
#pragma once

#include "heddle/runtime/detail/mpsc_state.hpp"
#include "heddle/runtime/detail/send_check.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::mpsc {

inline constexpr std::size_t capacity_max = static_cast<std::size_t>(detail::permit_count{1} << 60U);

// Room for one value. Dropped unused, it makes room for others.
template <class T>
class [[nodiscard("room that is dropped at once is for others")]] permit {
 public:
  // Takes over a permit that is owned; for the sender.
  explicit permit(detail::shared_core core) noexcept : core_(std::move(core)) {}
  permit(permit&& other) noexcept = default;
  permit& operator=(permit&& other) noexcept {
    permit old(std::move(*this));
    core_ = std::move(other.core_);
    return *this;
  }
  permit(const permit&) = delete;
  permit& operator=(const permit&) = delete;
  ~permit() {
    if (core_ != nullptr) core_->return_permit();
  }

  // Sends without waiting, also when the receiver has closed meanwhile. When the receiver has gone, the value is
  // destroyed. A move of T that throws leaves the permit as it was. REQUIRES: called once.
  void send(T value) {
    HEDDLE_ASSERT(core_ != nullptr, "a permit is used twice, or was moved from");
    detail::owned_message<T> node(std::move(value));
    const detail::shared_core core = std::move(core_);
    if (core->send(node.get())) node.release();
  }

 private:
  detail::shared_core core_;
};

// Ready with a permit, or closed_error.
template <class T>
class [[nodiscard("nothing is reserved until it is awaited")]] reserve_future {
 public:
  using result = tl::expected<permit<T>, closed_error>;

  explicit reserve_future(const detail::shared_core& core) noexcept : core_(&core) {}
  reserve_future(reserve_future&&) noexcept = default;
  reserve_future& operator=(reserve_future&&) = delete;
  ~reserve_future() { (*core_)->cancel(waiter_); }

  poll_result<result> poll(context& cx) noexcept {
    switch ((*core_)->poll_reserve(waiter_, cx.get_waker())) {
      case detail::permit_status::pending:
        return pending;
      case detail::permit_status::granted:
        return poll_result<result>(std::in_place, permit<T>(*core_));
      case detail::permit_status::closed:
        break;
    }
    return poll_result<result>(std::in_place, tl::unexpect, closed_error());
  }

 private:
  const detail::shared_core* core_;
  detail::permit_waiter waiter_{1};
};

// Ready when the value was sent, or with the value when it cannot be.
template <class T>
class [[nodiscard("nothing is sent until it is awaited")]] send_future {
 public:
  using result = tl::expected<void, send_error<T>>;

  send_future(detail::mpsc_core& core, T&& value) : core_(&core), message_(std::move(value)) {}
  send_future(send_future&&) noexcept = default;
  send_future& operator=(send_future&&) = delete;
  ~send_future() { core_->cancel(waiter_); }

  poll_result<result> poll(context& cx) {
    switch (core_->poll_send(waiter_, message_.get(), cx.get_waker())) {
      case detail::permit_status::pending:
        return pending;
      case detail::permit_status::granted:
        message_.release();
        return poll_result<result>(std::in_place);
      case detail::permit_status::closed:
        break;
    }
    return poll_result<result>(std::in_place, tl::unexpect, send_error<T>(std::move(message_.value())));
  }

 private:
  detail::mpsc_core* core_;
  detail::permit_waiter waiter_{1};
  detail::owned_message<T> message_;
};

template <class T>
class sender;
// See detail::weak_end.
template <class T>
using weak_sender = detail::weak_end<sender<T>>;

template <class T>
class sender {
 public:
  // For channel().
  explicit sender(detail::shared_core core) noexcept : end_(std::move(core)) {}

  // Waits for room and sends. The error gives the value back: the receiver has gone or closed.
  send_future<T> send(T value) { return send_future<T>(end_.core(), std::move(value)); }

  // Sends if there is room now and nobody waits for it.
  tl::expected<void, try_send_error<T>> try_send(T value) {
    using result = tl::expected<void, try_send_error<T>>;
    detail::owned_message<T> node(std::move(value));
    const detail::permit_status status = end_.core().try_send(node.get());
    if (status == detail::permit_status::granted) {
      node.release();
      return {};
    }
    return result(tl::unexpect, try_send_error<T>(std::move(node.value()), failure_of(status)));
  }

  // Waits for room and keeps it.
  reserve_future<T> reserve() {
    static_cast<void>(end_.core());
    return reserve_future<T>(end_.shared());
  }

  // Room, if there is some now and nobody waits for it.
  tl::expected<permit<T>, try_send_failure> try_reserve() {
    const detail::permit_status status = end_.core().try_reserve();
    if (status != detail::permit_status::granted) return tl::unexpected(failure_of(status));
    return permit<T>(end_.shared());
  }

  // Ready once the receiver has gone or closed.
  closed_future closed() { return closed_future(end_.core()); }

  // Whether the receiver has gone or closed.
  [[nodiscard]] bool is_closed() const noexcept { return end_.core().is_closed(); }
  // How many sends would succeed at once.
  [[nodiscard]] std::size_t capacity() const noexcept { return static_cast<std::size_t>(end_.core().available()); }
  // How many values the channel was made for.
  [[nodiscard]] std::size_t max_capacity() const noexcept { return static_cast<std::size_t>(end_.core().capacity()); }
  // A reference to the channel that does not keep it from ending.
  [[nodiscard]] weak_sender<T> downgrade() const noexcept { return weak_sender<T>(end_.shared()); }
  // Whether both send to the same receiver.
  [[nodiscard]] bool same_channel(const sender& other) const noexcept { return end_.shared() == other.end_.shared(); }

 private:
  static try_send_failure failure_of(detail::permit_status status) noexcept {
    return status == detail::permit_status::closed ? try_send_failure::closed : try_send_failure::full;
  }

  detail::sender_end end_;
};

template <class T>
class receiver : public basic_receiver<T> {
 public:
  // For channel().
  explicit receiver(detail::shared_core core) noexcept : basic_receiver<T>(std::move(core)) {}

  // How many sends would succeed at once.
  [[nodiscard]] std::size_t capacity() const noexcept { return static_cast<std::size_t>(this->core().available()); }
  // How many values the channel was made for.
  [[nodiscard]] std::size_t max_capacity() const noexcept { return static_cast<std::size_t>(this->core().capacity()); }
};

// A new channel with room for `capacity` values: its first sender and its receiver.
template <class T>
std::pair<sender<T>, receiver<T>> channel(std::size_t capacity) {
  static_assert(std::is_object_v<T>, "a channel carries objects; for signals, an empty struct");
  heddle::detail::demand<heddle::detail::send_at<why::sent_through_a_channel, T>>();
  HEDDLE_ASSERT(capacity > 0 && capacity <= capacity_max, "the capacity of a channel is at least 1");
  auto core = std::make_shared<detail::mpsc_core>(capacity);
  return {sender<T>(core), receiver<T>(core)};
}

}  // namespace heddle::mpsc
