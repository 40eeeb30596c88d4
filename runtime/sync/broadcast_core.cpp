// Sending to all, receiving and falling behind; see detail/broadcast_core.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/broadcast_core.hpp"

#include "heddle/hooks.hpp"

#include <utility>

namespace heddle::detail {

std::size_t broadcast_core::send(any_value& value) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  std::unique_lock lock(mutex_);
  const std::size_t reached = receivers_;
  if (reached == 0) return 0;
  slot& place = slot_at(tail_);
  std::swap(place.value, value);
  place.wanted_by = reached;
  ++tail_;
  wake_everybody(lock, waiters_);
  return reached;
}

void broadcast_core::add_sender() noexcept {
  const std::lock_guard lock(mutex_);
  ++senders_;
}

void broadcast_core::drop_sender() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  std::unique_lock lock(mutex_);
  if (--senders_ == 0) wake_everybody(lock, waiters_);
}

broadcast_core::result broadcast_core::poll_receive(wait_node& waiter, position& next, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  result received(broadcast_status::pending);
  const bool is_done = poll_waiting(mutex_, waiters_, waiter, current, [&] {
    received = receive(next);
    return received.status != broadcast_status::pending;
  });
  if (!is_done) hooks::blocked_on("broadcast::receiver", this);
  return received;
}

broadcast_core::result broadcast_core::try_receive(position& next) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  const std::lock_guard lock(mutex_);
  return receive(next);
}

void broadcast_core::cancel(wait_node& waiter) noexcept {
  stop_waiting(mutex_, waiter);
}

broadcast_core::position broadcast_core::add_receiver() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  ++receivers_;
  return tail_;
}

broadcast_core::position broadcast_core::begin_drop_receiver() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  const std::lock_guard lock(mutex_);
  --receivers_;
  return tail_;
}

broadcast_core::any_value broadcast_core::continue_drop_receiver(position& next, position end) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  const std::lock_guard lock(mutex_);
  // What was overwritten is not wanted by anybody.
  if (tail_ - next > slots_.size()) next = tail_ - slots_.size();
  while (next < end) {
    slot& place = slot_at(next++);
    if (--place.wanted_by == 0) return std::move(place.value);
  }
  return nullptr;
}

std::size_t broadcast_core::receivers() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  return receivers_;
}

std::uint64_t broadcast_core::length(position next) const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  return tail_ - next;
}

// What a receiver at `next` gets. REQUIRES: mutex_ is held.
broadcast_core::result broadcast_core::receive(position& next) noexcept {
  if (next == tail_) return result(senders_ == 0 ? broadcast_status::closed : broadcast_status::pending);
  if (tail_ - next > slots_.size()) {
    result lagged(broadcast_status::lagged);
    lagged.missed = tail_ - slots_.size() - next;
    next = tail_ - slots_.size();
    return lagged;
  }
  result received(broadcast_status::received);
  received.value = take(next++);
  return received;
}

// The value at a position, which one receiver less wants. REQUIRES: mutex_ is held, and it is there.
broadcast_core::any_value broadcast_core::take(position at) noexcept {
  slot& place = slot_at(at);
  if (--place.wanted_by == 0) return std::move(place.value);
  return place.value;
}

}  // namespace heddle::detail
