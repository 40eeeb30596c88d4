// A channel for one value, from one sender to one receiver.
//
// How it works. Both ends share one heap object (detail/oneshot_core.hpp). Sending never waits. Awaiting the receiver
// gives the value, or recv_error when the sender was dropped without sending.
//
//     auto [tx, rx] = heddle::oneshot::channel<int>();
//     heddle::spawn(produce(std::move(tx))).detach();
//     tl::expected<int, heddle::oneshot::recv_error> value = co_await rx;
//
// The coroutine resumes on its own runtime, never inside send().
//
// Cancellation. Dropping an await of a receiver, or of closed(), loses nothing: it can be awaited again. Dropping the
// receiver makes later sends fail, which give the value back; a value that was sent and not received is destroyed.
//
// Thread safety. Each end is used by one thread at a time; the two need not know of each other.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/oneshot_core.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/future.hpp"

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::oneshot {

// There will be no value: the sender was dropped, or the receiver closed, before one was sent.
struct recv_error {
  friend constexpr bool operator==(recv_error, recv_error) noexcept = default;
};

// Why try_recv gave nothing: no value now, or none ever.
enum class try_recv_error : std::uint8_t { empty, closed };

namespace detail {

// See oneshot_core.hpp for whose `place` is.
template <class T>
class shared_state : public heddle::detail::oneshot_core {
  using content_kind = heddle::detail::oneshot_content;

 public:
  shared_state() noexcept {}
  ~shared_state() {
    if (has_value()) drop_value();
    if (has_sender_waker()) drop_sender_waker();
  }

  bool has_value() const noexcept { return content_ == content_kind::value; }
  bool has_sender_waker() const noexcept { return content_ == content_kind::sender_waker; }
  // REQUIRES: has_value().
  T& value() noexcept { return place_.value; }
  // REQUIRES: `place` is empty.
  void store(T&& value) {
    std::construct_at(std::addressof(place_.value), std::move(value));
    content_ = content_kind::value;
  }
  // REQUIRES: has_value().
  void drop_value() noexcept {
    std::destroy_at(std::addressof(place_.value));
    content_ = content_kind::nothing;
  }
  // REQUIRES: has_sender_waker().
  void drop_sender_waker() noexcept {
    std::destroy_at(&place_.sender_waker);
    content_ = content_kind::nothing;
  }
  waker* sender_waker() noexcept { return &place_.sender_waker; }

 private:
  union place {
    place() noexcept {}
    ~place() {}

    waker sender_waker;
    T value;
  } place_;
};

// Gives up one end. The value's destructor is user code.
template <class T>
void release(shared_state<T>* state) noexcept {
  if (!state->release()) return;
  const hooks::user_code_scope user;
  delete state;
}

}  // namespace detail

// Ready once a send would fail. Cancel-safe.
class [[nodiscard("nothing is waited for until it is awaited")]] closed_future {
 public:
  // For the sender, whose waker goes to `cell`.
  closed_future(heddle::detail::oneshot_core& core, waker* cell) noexcept : core_(&core), cell_(cell) {}

  poll_result<> poll(context& cx) noexcept {
    const hooks::operation_scope operation(hooks::operation::other, core_);
    if (core_->poll_closed(cell_, cx.get_waker())) return ready;
    hooks::blocked_on("oneshot::sender::closed", core_);
    return pending;
  }

 private:
  heddle::detail::oneshot_core* core_;
  waker* cell_;
};

template <class T>
class sender {
 public:
  // For channel().
  explicit sender(detail::shared_state<T>& state) noexcept : state_(&state) {}
  sender(sender&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  sender& operator=(sender&& other) noexcept {
    sender old(std::move(*this));
    state_ = std::exchange(other.state_, nullptr);
    return *this;
  }
  sender(const sender&) = delete;
  sender& operator=(const sender&) = delete;
  ~sender() {
    if (state_ == nullptr) return;
    const hooks::operation_scope operation(hooks::operation::channel_close, state_);
    static_cast<void>(state_->complete());
    detail::release(std::exchange(state_, nullptr));
  }

  // Sends `value`, or gives it back as the error when the receiver has gone or closed. REQUIRES: called once.
  tl::expected<void, T> send(T value) {
    HEDDLE_ASSERT(state_ != nullptr, "a oneshot sender sends twice, or was moved from");
    if (state_->has_sender_waker() && !take_waker_back()) return refuse(value);
    state_->store(std::move(value));
    {
      const hooks::operation_scope operation(hooks::operation::channel_send, state_);
      if (state_->complete()) {
        // Part of the operation: who frees the state has an order with the other end by the runtime's means alone.
        detail::release(std::exchange(state_, nullptr));
        return {};
      }
    }
    return refuse(state_->value());
  }

  // Whether a send would fail.
  bool is_closed() const noexcept { return state_ == nullptr || state_->is_closed(); }

  // Ready once the receiver was dropped or closed. REQUIRES: one at a time; the sender outlives it and has not sent.
  closed_future closed() noexcept {
    HEDDLE_ASSERT(state_ != nullptr, "a oneshot sender waits that sent before, or was moved from");
    return closed_future(*state_, state_->sender_waker());
  }

 private:
  // Makes room for the value. False: the receiver has closed.
  [[nodiscard]] bool take_waker_back() noexcept {
    const hooks::operation_scope operation(hooks::operation::other, state_);
    if (!state_->take_waker_back()) return false;
    state_->drop_sender_waker();
    return true;
  }
  // Gives `value` back, and up the channel.
  tl::expected<void, T> refuse(T& value) {
    const sender ended(std::move(*this));
    return tl::expected<void, T>(tl::unexpect, std::move(value));
  }

  detail::shared_state<T>* state_;
};

template <class T>
class [[nodiscard]] receiver {
 public:
  using result = tl::expected<T, recv_error>;

  // For channel().
  explicit receiver(detail::shared_state<T>& state) noexcept : state_(&state) {}
  receiver(receiver&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  receiver& operator=(receiver&& other) noexcept {
    receiver old(std::move(*this));
    state_ = std::exchange(other.state_, nullptr);
    return *this;
  }
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;
  ~receiver() {
    if (state_ == nullptr) return;
    const hooks::operation_scope operation(hooks::operation::channel_close, state_);
    const heddle::detail::oneshot_status status = state_->close(state_->sender_waker());
    if (status == heddle::detail::oneshot_status::sent && state_->has_value()) {
      const hooks::user_code_scope user;
      state_->drop_value();
    }
    detail::release(std::exchange(state_, nullptr));
  }

  // Ready with the value, or an error. REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    HEDDLE_ASSERT(state_ != nullptr, "a oneshot receiver is awaited that was moved from");
    using heddle::detail::oneshot_status;
    oneshot_status status = oneshot_status::waiting;
    {
      const hooks::operation_scope operation(hooks::operation::channel_receive, state_);
      status = state_->poll(cx.get_waker());
      if (status == oneshot_status::waiting) hooks::blocked_on("oneshot::receiver", state_);
    }
    if (status == oneshot_status::waiting) return pending;
    if (status == oneshot_status::closed || !state_->has_value()) {
      return poll_result<result>(std::in_place, tl::unexpect, recv_error());
    }
    poll_result<result> received(std::in_place, std::move(state_->value()));
    state_->drop_value();
    return received;
  }

  // The value, if it was sent. REQUIRES: not received before.
  tl::expected<T, try_recv_error> try_recv() {
    HEDDLE_ASSERT(state_ != nullptr, "a oneshot receiver is used that was moved from");
    using heddle::detail::oneshot_status;
    oneshot_status status = oneshot_status::waiting;
    {
      const hooks::operation_scope operation(hooks::operation::channel_receive, state_);
      status = state_->status();
    }
    if (status == oneshot_status::waiting) return tl::unexpected(try_recv_error::empty);
    if (status == oneshot_status::closed || !state_->has_value()) return tl::unexpected(try_recv_error::closed);
    tl::expected<T, try_recv_error> received(std::move(state_->value()));
    state_->drop_value();
    return received;
  }

  // Makes later sends fail. A value that was sent before can still be received.
  void close() noexcept {
    HEDDLE_ASSERT(state_ != nullptr, "a oneshot receiver is closed that was moved from");
    const hooks::operation_scope operation(hooks::operation::channel_close, state_);
    state_->close(state_->sender_waker());
  }

 private:
  detail::shared_state<T>* state_;
};

// A new channel: its sender and its receiver.
template <class T>
std::pair<sender<T>, receiver<T>> channel() {
  static_assert(std::is_object_v<T>, "a oneshot channel carries an object; for a signal, an empty struct");
  heddle::detail::demand<heddle::detail::send_at<why::sent_through_a_channel, T>>();
  auto* state = new detail::shared_state<T>();
  return {sender<T>(*state), receiver<T>(*state)};
}

}  // namespace heddle::oneshot
