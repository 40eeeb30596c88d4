// The protocol of the two ends; see detail/oneshot_core.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/oneshot_core.hpp"

#include <memory>

namespace heddle::detail {

bool oneshot_core::complete() noexcept {
  // Relaxed: what matters is read by the exchange below.
  std::uint8_t flags = flags_.load(std::memory_order_relaxed);
  do {
    if ((flags & closed) != 0) return false;
    // Release: publishes the value to poll(). Acquire: the waker cell is seen if its flag is.
  } while (!flags_.compare_exchange_weak(flags, flags | sent, std::memory_order_acq_rel, std::memory_order_acquire));
  if ((flags & waker_set) != 0) receiver_.wake_by_ref();
  return true;
}

bool oneshot_core::is_closed() const noexcept {
  // Acquire: pairs with close().
  return (flags_.load(std::memory_order_acquire) & closed) != 0;
}

bool oneshot_core::poll_closed(waker* cell, const waker& current) noexcept {
  // Acquire: pairs with close().
  const std::uint8_t flags = flags_.load(std::memory_order_acquire);
  if ((flags & (closed | sent)) != 0) return true;
  if ((flags & sender_waker_set) != 0) {
    if (cell->will_wake(current)) return false;
    if (!take_waker_back()) return true;
  }
  if (content_ == oneshot_content::nothing) {
    std::construct_at(cell);
    content_ = oneshot_content::sender_waker;
  }
  *cell = current.clone();
  // Release: publishes the cell to close().
  return (flags_.fetch_or(sender_waker_set, std::memory_order_acq_rel) & closed) != 0;
}

bool oneshot_core::take_waker_back() noexcept {
  const auto mask = static_cast<std::uint8_t>(~sender_waker_set);
  // The receiver may have seen the flag and be reading the cell: then it is left alone.
  return (flags_.fetch_and(mask, std::memory_order_acq_rel) & closed) == 0;
}

oneshot_status oneshot_core::status() const noexcept {
  // Acquire: pairs with complete(), so that the value is seen.
  const std::uint8_t flags = flags_.load(std::memory_order_acquire);
  if ((flags & sent) != 0) return oneshot_status::sent;
  return (flags & closed) != 0 ? oneshot_status::closed : oneshot_status::waiting;
}

oneshot_status oneshot_core::poll(const waker& current) noexcept {
  // Acquire, here and below: pairs with complete(), so that the value is seen.
  const std::uint8_t flags = flags_.load(std::memory_order_acquire);
  if ((flags & sent) != 0) return oneshot_status::sent;
  if ((flags & closed) != 0) return oneshot_status::closed;
  if ((flags & waker_set) != 0) {
    if (receiver_.will_wake(current)) return oneshot_status::waiting;
    const auto mask = static_cast<std::uint8_t>(~waker_set);
    // The sender may have seen the flag and be reading the cell: then it is left alone.
    if ((flags_.fetch_and(mask, std::memory_order_acq_rel) & sent) != 0) return oneshot_status::sent;
  }
  receiver_ = current.clone();
  // Release: publishes the cell to complete().
  if ((flags_.fetch_or(waker_set, std::memory_order_acq_rel) & sent) != 0) return oneshot_status::sent;
  return oneshot_status::waiting;
}

oneshot_status oneshot_core::close(const waker* cell) noexcept {
  // acq_rel: the value is seen if it was sent before; if not, complete() sees `closed` and keeps it.
  const std::uint8_t before = flags_.fetch_or(closed, std::memory_order_acq_rel);
  // Only the first close reads the cell, and only while the sender has not sent: afterwards it may be gone.
  if ((before & (closed | sent | sender_waker_set)) == sender_waker_set) cell->wake_by_ref();
  return (before & sent) != 0 ? oneshot_status::sent : oneshot_status::closed;
}

bool oneshot_core::release() noexcept {
  // acq_rel: the last end destroys what the other used.
  return ends_.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace heddle::detail
