// Sending, receiving and closing; see detail/mpsc_core.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/mpsc_core.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"

#include <utility>

namespace heddle::detail {

namespace {

void wake(waker next) noexcept {
  if (next) std::move(next).wake();
}

}  // namespace

mpsc_core::~mpsc_core() {
  if (block_ != nullptr) block_->destroy();
}

permit_status mpsc_core::poll_reserve(permit_waiter& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  permit_status status = permit_status::pending;
  const bool is_done = poll_waiting(mutex_, permits_.waiters(), waiter, current, [&] {
    status = permits_.poll(waiter);
    return status != permit_status::pending;
  });
  if (!is_done) hooks::blocked_on("mpsc::sender", this);
  return status;
}

permit_status mpsc_core::try_reserve() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  const std::lock_guard lock(mutex_);
  return permits_.try_take(1);
}

void mpsc_core::cancel(permit_waiter& waiter) noexcept {
  if (!waiter.has_waited()) return;
  const hooks::operation_scope operation(hooks::operation::other, this);
  waker sender;
  waker receiver;
  {
    const std::lock_guard lock(mutex_);
    permits_.cancel(waiter);
    // At most the one permit that had been granted to it.
    if (permit_waiter* const next = permits_.grant_first()) sender = next->take_waker();
    receiver = receiver_at_end();
  }
  wake(std::move(sender));
  wake(std::move(receiver));
}

void mpsc_core::return_permit() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  waker sender;
  waker receiver;
  {
    const std::lock_guard lock(mutex_);
    sender = give_permit();
    receiver = receiver_at_end();
  }
  wake(std::move(sender));
  wake(std::move(receiver));
}

bool mpsc_core::send(mpsc_message& message) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  waker receiver;
  permit_status status = permit_status::closed;
  {
    const std::lock_guard lock(mutex_);
    status = append_granted(message, receiver);
  }
  wake(std::move(receiver));
  return status == permit_status::granted;
}

permit_status mpsc_core::poll_send(permit_waiter& waiter, mpsc_message& message, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  permit_status status = permit_status::pending;
  waker receiver;
  const bool is_done = poll_waiting(mutex_, permits_.waiters(), waiter, current, [&] {
    status = permits_.poll(waiter);
    if (status == permit_status::granted) status = append_granted(message, receiver);
    return status != permit_status::pending;
  });
  if (!is_done) hooks::blocked_on("mpsc::sender", this);
  wake(std::move(receiver));
  return status;
}

permit_status mpsc_core::try_send(mpsc_message& message) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  waker receiver;
  {
    const std::lock_guard lock(mutex_);
    const permit_status status = permits_.try_take(1);
    if (status != permit_status::granted) return status;
    append(message);
    receiver = receiver_to_wake();
  }
  wake(std::move(receiver));
  return permit_status::granted;
}

permit_status mpsc_core::try_send_copy(const block_format& format, const void* value) {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  waker receiver;
  permit_status status = permit_status::pending;
  {
    const std::lock_guard lock(mutex_);
    if (block_ != nullptr) status = append_copy(format, value, receiver);
  }
  if (status == permit_status::pending) [[unlikely]] {
    message_block* fresh = &message_block::make(format.message_bytes);
    {
      const std::lock_guard lock(mutex_);
      // Another sender may have come first.
      if (block_ == nullptr) block_ = std::exchange(fresh, nullptr);
      status = append_copy(format, value, receiver);
    }
    if (fresh != nullptr) fresh->destroy();
  }
  wake(std::move(receiver));
  return status;
}

bool mpsc_core::poll_closed(wait_node& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const bool is_done = poll_waiting(mutex_, closed_, waiter, current, [&] { return permits_.is_closed(); });
  if (!is_done) hooks::blocked_on("mpsc::sender::closed", this);
  return is_done;
}

void mpsc_core::cancel_closed(wait_node& waiter) noexcept {
  stop_waiting(mutex_, waiter);
}

void mpsc_core::add_sender() noexcept {
  const std::lock_guard lock(mutex_);
  ++senders_;
}

bool mpsc_core::try_add_sender() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  if (senders_ == 0) return false;
  ++senders_;
  return true;
}

void mpsc_core::drop_sender() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  waker receiver;
  {
    const std::lock_guard lock(mutex_);
    HEDDLE_ASSERT(senders_ > 0, "more senders of a channel are dropped than there are");
    --senders_;
    receiver = receiver_at_end();
  }
  wake(std::move(receiver));
}

received_message mpsc_core::poll_receive(wait_node& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  received_message result(receive_status::pending, nullptr);
  if (give_taken(result)) return result;
  waker sender;
  const bool is_done = poll_waiting(mutex_, receivers_, waiter, current, [&] { return take(result, sender); });
  if (!is_done) hooks::blocked_on("mpsc::receiver", this);
  wake(std::move(sender));
  return result;
}

received_message mpsc_core::poll_receive_many(wait_node& waiter, std::size_t count_max, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  received_message result(receive_status::pending, nullptr);
  if (give_taken(result)) return result;
  wake_batch senders;
  bool is_more = false;
  const bool is_done = poll_waiting(mutex_, receivers_, waiter, current, [&] {
    if (!take_many(result, count_max)) return false;
    is_more = permits_.serve(senders);
    return true;
  });
  if (!is_done) hooks::blocked_on("mpsc::receiver", this);
  senders.wake_all();
  while (is_more) {
    {
      const std::lock_guard lock(mutex_);
      is_more = permits_.serve(senders);
    }
    senders.wake_all();
  }
  return result;
}

received_message mpsc_core::try_receive() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  received_message result(receive_status::pending, nullptr);
  if (give_taken(result)) return result;
  waker sender;
  {
    const std::lock_guard lock(mutex_);
    static_cast<void>(take(result, sender));
  }
  wake(std::move(sender));
  return result;
}

void mpsc_core::cancel_receive(wait_node& waiter) noexcept {
  stop_waiting(mutex_, waiter);
}

void mpsc_core::close() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  unique_lock lock(mutex_);
  close_and_unlock(lock);
}

mpsc_message* mpsc_core::drop_receiver() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  unique_lock lock(mutex_);
  has_receiver_ = false;
  mpsc_message* const left = std::exchange(first_, nullptr);
  last_ = nullptr;
  permits_.give(std::exchange(length_, 0));
  close_and_unlock(lock);
  // What was taken came before.
  mpsc_message** end = &taken_;
  while (*end != nullptr) end = &(*end)->next;
  *end = left;
  return std::exchange(taken_, nullptr);
}

bool mpsc_core::is_closed() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  return permits_.is_closed();
}

std::size_t mpsc_core::length() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  // Relaxed: it only becomes less while the mutex is held.
  return length_ + taken_length_.load(std::memory_order_relaxed);
}

permit_count mpsc_core::available() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  return permits_.available();
}

// Of what was taken before, without the mutex. False: nothing is left of it.
bool mpsc_core::give_taken(received_message& result) noexcept {
  if (taken_ == nullptr) return false;
  result = received_message(receive_status::received, taken_);
  taken_ = std::exchange(result.message->next, nullptr);
  // Relaxed: a number that others look at; only this thread writes it.
  taken_length_.store(taken_length_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  return true;
}

// The helpers below REQUIRE that mutex_ is held.

// Uses up a permit that the caller owns. Closed: the receiver has gone, and the message is the caller's.
permit_status mpsc_core::append_granted(mpsc_message& message, waker& receiver) noexcept {
  if (!has_receiver_) {
    // Nobody waits for it, as the channel is closed.
    static_cast<void>(give_permit());
    return permit_status::closed;
  }
  append(message);
  receiver = receiver_to_wake();
  return permit_status::granted;
}

void mpsc_core::append(mpsc_message& message) noexcept {
  message.next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = &message;
  last_ = &message;
  ++length_;
}

// REQUIRES: there is a block.
permit_status mpsc_core::append_copy(const block_format& format, const void* value, waker& receiver) noexcept {
  const permit_status status = permits_.try_take(1);
  if (status != permit_status::granted) return status;
  append(format.copy(block_->place_next(), *block_, value));
  if (block_->is_used_up()) block_ = nullptr;
  receiver = receiver_to_wake();
  return status;
}

// True: `result` is final, and `sender` is who has the permit now, if anybody waited for it.
bool mpsc_core::take(received_message& result, waker& sender) noexcept {
  if (first_ == nullptr) {
    if (!has_ended()) return false;
    result.status = receive_status::ended;
    return true;
  }
  if (!is_bounded()) {
    take_all();
    return give_taken(result);
  }
  result = received_message(receive_status::received, first_);
  first_ = first_->next;
  if (first_ == nullptr) last_ = nullptr;
  --length_;
  sender = give_permit();
  return true;
}

void mpsc_core::take_all() noexcept {
  taken_ = std::exchange(first_, nullptr);
  last_ = nullptr;
  permits_.give(length_);
  // Relaxed: as in length().
  taken_length_.store(std::exchange(length_, 0), std::memory_order_relaxed);
}

// True: `result` is final; the permits are returned, and not passed on yet.
bool mpsc_core::take_many(received_message& result, std::size_t count_max) noexcept {
  if (first_ == nullptr) {
    if (!has_ended()) return false;
    result.status = receive_status::ended;
    return true;
  }
  result = received_message(receive_status::received, first_);
  mpsc_message* last = first_;
  std::size_t count = 1;
  for (; count < count_max && last->next != nullptr; ++count) last = last->next;
  first_ = std::exchange(last->next, nullptr);
  if (first_ == nullptr) last_ = nullptr;
  length_ -= count;
  permits_.give(count);
  return true;
}

// Nothing is there and nothing can come (invariant 2).
bool mpsc_core::has_ended() const noexcept {
  const bool can_reserve = senders_ > 0 && !permits_.is_closed();
  return !can_reserve && first_ == nullptr && permits_.unowned() == capacity_;
}

// Returns a permit; the waker of the sender who got it.
waker mpsc_core::give_permit() noexcept {
  permits_.give(1);
  permit_waiter* const next = permits_.grant_first();
  return next == nullptr ? waker() : next->take_waker();
}

// The receiver's waker, if it waits.
waker mpsc_core::receiver_to_wake() noexcept {
  wait_node* const receiver = receivers_.first();
  if (receiver == nullptr) return waker();
  receiver->unlink();
  return receiver->take_waker();
}

// The receiver's waker, if it waits for what has become the end.
waker mpsc_core::receiver_at_end() noexcept {
  return has_ended() ? receiver_to_wake() : waker();
}

// Wakes all whom closing concerns, and releases the mutex.
void mpsc_core::close_and_unlock(unique_lock& lock) noexcept {
  permits_.close();
  waker receiver = receiver_at_end();
  wake_everybody(lock, permits_.waiters());
  lock.lock();
  wake_everybody(lock, closed_);
  wake(std::move(receiver));
}

}  // namespace heddle::detail
