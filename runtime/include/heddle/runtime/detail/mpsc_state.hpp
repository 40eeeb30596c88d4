// What the ends of a channel of many senders share, with the type of its values; and the receiving half, which is the
// same for bounded channels and others.
//
// How it works. See mpsc_core.hpp. A value travels in a heap node, made by the sender and deleted by the receiver, so
// its moves and its destructor run with nothing locked, and may throw (moves) or send on the same channel. A small
// value that is copied like bytes may share a block of nodes.
//
// Thread safety. As mpsc_core.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/mpsc_core.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/mpsc_errors.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace heddle::mpsc::detail {

using heddle::detail::block_format;
using heddle::detail::fits_into_block;
using heddle::detail::message_block;
using heddle::detail::mpsc_core;
using heddle::detail::mpsc_message;
using heddle::detail::permit_count;
using heddle::detail::permit_status;
using heddle::detail::permit_waiter;
using heddle::detail::receive_status;
using heddle::detail::received_message;
using heddle::detail::wait_node;

using shared_core = std::shared_ptr<mpsc_core>;

template <class T>
struct message : mpsc_message {
  explicit message(T&& sent) : value(std::move(sent)) {}
  T value;
};

template <class T>
  requires fits_into_block<T>
struct message<T> : mpsc_message {
  explicit message(T&& sent) noexcept : value(sent) {}
  HEDDLE_INHERITS_CODE message(message_block& block, const T& sent) noexcept : home(&block), value(sent) {}
  message_block* home = nullptr;  // null: it is on its own
  T value;
};

template <class T>
HEDDLE_RUNTIME_CODE mpsc_message& copy_into_block(void* place, message_block& home, const void* value) noexcept {
  return *::new (place) message<T>(home, *static_cast<const T*>(value));
}

template <class T>
inline constexpr block_format format_of{sizeof(message<T>), &copy_into_block<T>};

// Deletes a node; the value's destructor is user code.
template <class T>
void destroy(mpsc_message* node) noexcept {
  auto* const whole = static_cast<message<T>*>(node);
  if constexpr (fits_into_block<T>) {
    if (whole->home != nullptr) return whole->home->give_back();
  }
  const hooks::user_code_scope user;
  delete whole;
}

// Owns a node until it is sent.
template <class T>
class owned_message {
 public:
  explicit owned_message(mpsc_message* node) noexcept : node_(node) {}
  explicit owned_message(T&& value) : node_(new message<T>(std::move(value))) {}
  owned_message(owned_message&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  owned_message& operator=(owned_message&&) = delete;
  ~owned_message() {
    if (node_ != nullptr) destroy<T>(node_);
  }

  mpsc_message& get() noexcept { return *node_; }
  T& value() noexcept { return static_cast<message<T>*>(node_)->value; }
  void release() noexcept { node_ = nullptr; }

 private:
  mpsc_message* node_;
};

// Owns nodes that were received.
template <class T>
class message_chain {
 public:
  explicit message_chain(mpsc_message* first) noexcept : first_(first) {}
  message_chain(const message_chain&) = delete;
  message_chain& operator=(const message_chain&) = delete;
  ~message_chain() {
    mpsc_message* left = first_;
    while (left != nullptr) destroy<T>(std::exchange(left, left->next));
  }

 private:
  mpsc_message* first_;
};

// Counts as a sender of its channel while it exists.
class sender_end {
 public:
  // Takes over a sender that is counted; for channel().
  explicit sender_end(shared_core core) noexcept : core_(std::move(core)) {}
  sender_end(sender_end&& other) noexcept = default;
  sender_end& operator=(sender_end&& other) noexcept {
    sender_end old(std::move(*this));
    core_ = std::move(other.core_);
    return *this;
  }
  sender_end(const sender_end& other) noexcept : core_(other.core_) {
    if (core_ != nullptr) core_->add_sender();
  }
  sender_end& operator=(const sender_end& other) noexcept {
    if (this != &other) *this = sender_end(other);
    return *this;
  }
  ~sender_end() {
    if (core_ != nullptr) core_->drop_sender();
  }

  mpsc_core& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a sender is used that was moved from");
    return *core_;
  }
  const shared_core& shared() const noexcept { return core_; }

 private:
  shared_core core_;
};

// A sender that does not count: the channel ends without it. It can become one that does.
template <class Sender>
class weak_end {
 public:
  // For sender::downgrade().
  explicit weak_end(shared_core core) noexcept : core_(std::move(core)) {}

  // A sender of the channel, as long as there is another one.
  [[nodiscard]] std::optional<Sender> upgrade() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a weak sender is used that was moved from");
    if (!core_->try_add_sender()) return std::nullopt;
    return std::optional<Sender>(std::in_place, core_);
  }

 private:
  shared_core core_;
};

}  // namespace heddle::mpsc::detail

namespace heddle::mpsc {

// Ready once no value can be received any more. Cancel-safe: dropping it has no effect.
class [[nodiscard("nothing is waited for until it is awaited")]] closed_future {
 public:
  explicit closed_future(detail::mpsc_core& core) noexcept : core_(&core) {}
  closed_future(closed_future&&) noexcept = default;
  closed_future& operator=(closed_future&&) = delete;
  ~closed_future() { core_->cancel_closed(waiter_); }

  poll_result<> poll(context& cx) noexcept {
    if (!core_->poll_closed(waiter_, cx.get_waker())) return pending;
    return ready;
  }

 private:
  detail::mpsc_core* core_;
  detail::wait_node waiter_;
};

// Ready with a value, or with nothing when none will come. Cancel-safe: a value is taken when it is ready, not before.
template <class T>
class [[nodiscard("nothing is received until it is awaited")]] recv_future {
 public:
  explicit recv_future(detail::mpsc_core& core) noexcept : core_(&core) {}
  recv_future(recv_future&&) noexcept = default;
  recv_future& operator=(recv_future&&) = delete;
  ~recv_future() { core_->cancel_receive(waiter_); }

  poll_result<std::optional<T>> poll(context& cx) {
    using result = poll_result<std::optional<T>>;
    const detail::received_message received = core_->poll_receive(waiter_, cx.get_waker());
    if (received.status == detail::receive_status::pending) return pending;
    if (received.status == detail::receive_status::ended) return result(std::in_place);
    detail::owned_message<T> node(received.message);
    return result(std::in_place, std::move(node.value()));
  }

 private:
  detail::mpsc_core* core_;
  detail::wait_node waiter_;
};

// Ready with the number of values that were added to the buffer, up to a limit; zero when none will come. Cancel-safe:
// values are taken when it is ready, not before.
template <class T>
class [[nodiscard("nothing is received until it is awaited")]] recv_many_future {
 public:
  recv_many_future(detail::mpsc_core& core, std::vector<T>& buffer, std::size_t limit) noexcept
      : core_(&core), buffer_(&buffer), limit_(limit) {}
  recv_many_future(recv_many_future&&) noexcept = default;
  recv_many_future& operator=(recv_many_future&&) = delete;
  ~recv_many_future() { core_->cancel_receive(waiter_); }

  poll_result<std::size_t> poll(context& cx) {
    if (limit_ == 0) return std::size_t{0};
    const detail::received_message received = core_->poll_receive_many(waiter_, limit_, cx.get_waker());
    if (received.status == detail::receive_status::pending) return pending;
    const std::size_t before = buffer_->size();
    append(received.message);
    return buffer_->size() - before;
  }

 private:
  // When a move throws, the values behind it are lost with it.
  void append(detail::mpsc_message* first) {
    const detail::message_chain<T> taken(first);
    for (detail::mpsc_message* each = first; each != nullptr; each = each->next) {
      buffer_->push_back(std::move(static_cast<detail::message<T>*>(each)->value));
    }
  }

  detail::mpsc_core* core_;
  std::vector<T>* buffer_;
  std::size_t limit_;
  detail::wait_node waiter_;
};

// What receivers of bounded channels and of others have in common.
template <class T>
class basic_receiver {
 public:
  // Waits for a value; nothing when all senders have gone or this end was closed, and all values were received. Values
  // come in the order in which they were sent. REQUIRES: one at a time; this receiver outlives it.
  recv_future<T> recv() { return recv_future<T>(core()); }

  // Waits for values, and appends those that are there to `buffer`, at most `limit`; how many, which is zero when none
  // will come, or `limit` is zero. REQUIRES: as recv(); `buffer` outlives it.
  recv_many_future<T> recv_many(std::vector<T>& buffer, std::size_t limit) {
    return recv_many_future<T>(core(), buffer, limit);
  }

  // A value that is there now.
  tl::expected<T, try_recv_error> try_recv() {
    using result = tl::expected<T, try_recv_error>;
    const detail::received_message received = core().try_receive();
    if (received.status != detail::receive_status::received) {
      return result(tl::unexpect, received.status == detail::receive_status::ended ? try_recv_error::disconnected
                                                                                   : try_recv_error::empty);
    }
    detail::owned_message<T> node(received.message);
    return result(std::move(node.value()));
  }

  // Makes later sends fail. What was sent before, and what those who hold a permit send, can still be received.
  void close() noexcept { core().close(); }

  // Whether it was closed, by close().
  [[nodiscard]] bool is_closed() const noexcept { return core().is_closed(); }
  // How many values are there.
  [[nodiscard]] std::size_t len() const noexcept { return core().length(); }
  [[nodiscard]] bool is_empty() const noexcept { return len() == 0; }

 protected:
  explicit basic_receiver(detail::shared_core core) noexcept : core_(std::move(core)) {}
  basic_receiver(basic_receiver&& other) noexcept = default;
  basic_receiver& operator=(basic_receiver&& other) noexcept {
    basic_receiver old(std::move(*this));
    core_ = std::move(other.core_);
    return *this;
  }
  ~basic_receiver() {
    if (core_ != nullptr) const detail::message_chain<T> left(core_->drop_receiver());
  }

  detail::mpsc_core& core() const noexcept {
    HEDDLE_ASSERT(core_ != nullptr, "a receiver is used that was moved from");
    return *core_;
  }

 private:
  detail::shared_core core_;
};

}  // namespace heddle::mpsc
