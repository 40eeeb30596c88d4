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
#include <optional>
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

template <class T>
struct shared_state : heddle::detail::oneshot_core {
  std::optional<T> value;  // see oneshot_core.hpp
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
  // For the sender.
  explicit closed_future(heddle::detail::oneshot_core& core) noexcept : core_(&core) {}

  poll_result<> poll(context& cx) noexcept {
    const hooks::operation_scope operation(hooks::operation::other, core_);
    if (core_->poll_closed(cx.get_waker())) return ready;
    hooks::blocked_on("oneshot::sender::closed", core_);
    return pending;
  }

 private:
  heddle::detail::oneshot_core* core_;
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
    state_->value.emplace(std::move(value));
    bool accepted = false;
    {
      const hooks::operation_scope operation(hooks::operation::channel_send, state_);
      accepted = state_->complete();
      // Part of the operation: who frees the state has an order with the other end by the runtime's means alone.
      if (accepted) detail::release(std::exchange(state_, nullptr));
    }
    if (accepted) return {};
    detail::shared_state<T>* const state = std::exchange(state_, nullptr);
    tl::expected<void, T> refused(tl::unexpect, std::move(*state->value));
    state->value.reset();
    detail::release(state);
    return refused;
  }

  // Whether a send would fail.
  bool is_closed() const noexcept { return state_ == nullptr || state_->is_closed(); }

  // Ready once the receiver was dropped or closed. REQUIRES: one is awaited at a time; the sender outlives it.
  closed_future closed() noexcept {
    HEDDLE_ASSERT(state_ != nullptr, "a oneshot sender waits that sent before, or was moved from");
    return closed_future(*state_);
  }

 private:
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
    if (state_->close() == heddle::detail::oneshot_status::sent) {
      const hooks::user_code_scope user;
      state_->value.reset();
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
    if (status == oneshot_status::closed || !state_->value.has_value()) {
      return poll_result<result>(std::in_place, tl::unexpect, recv_error());
    }
    poll_result<result> received(std::in_place, std::move(*state_->value));
    state_->value.reset();
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
    if (status == oneshot_status::closed || !state_->value.has_value()) return tl::unexpected(try_recv_error::closed);
    tl::expected<T, try_recv_error> received(std::move(*state_->value));
    state_->value.reset();
    return received;
  }

  // Makes later sends fail. A value that was sent before can still be received.
  void close() noexcept {
    HEDDLE_ASSERT(state_ != nullptr, "a oneshot receiver is closed that was moved from");
    const hooks::operation_scope operation(hooks::operation::channel_close, state_);
    state_->close();
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
