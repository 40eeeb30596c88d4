// Granting permits in order; see detail/permit_queue.hpp. Thread safety: none, as declared there.
#include "heddle/runtime/detail/permit_queue.hpp"

#include <algorithm>
#include <utility>

namespace heddle::detail {

permit_status permit_queue::try_take(permit_count needed) noexcept {
  if (is_closed_) return permit_status::closed;
  if (!waiters_.is_empty() || available_ < needed) return permit_status::pending;
  available_ -= needed;
  return permit_status::granted;
}

permit_status permit_queue::poll(permit_waiter& waiter) noexcept {
  if (std::exchange(waiter.is_granted_, false)) return permit_status::granted;
  if (!waiter.is_linked()) return try_take(waiter.needed_);
  return is_closed_ ? permit_status::closed : permit_status::pending;
}

void permit_queue::cancel(permit_waiter& waiter) noexcept {
  waiter.unlink();
  if (std::exchange(waiter.is_granted_, false)) available_ += waiter.needed_;
}

permit_count permit_queue::forget(permit_count permits) noexcept {
  const permit_count taken = std::min(permits, available_);
  available_ -= taken;
  return taken;
}

permit_waiter* permit_queue::grant_first() noexcept {
  auto* const waiter = static_cast<permit_waiter*>(waiters_.first());
  if (!can_grant(waiter)) return nullptr;
  available_ -= waiter->needed_;
  waiter->unlink();
  waiter->is_granted_ = true;
  return waiter;
}

bool permit_queue::serve(wake_batch& batch) noexcept {
  while (!batch.is_full()) {
    permit_waiter* const waiter = grant_first();
    if (waiter == nullptr) return false;
    batch.add(waiter->take_waker());
  }
  return can_grant(static_cast<const permit_waiter*>(waiters_.first()));
}

bool permit_queue::can_grant(const permit_waiter* waiter) const noexcept {
  return waiter != nullptr && waiter->needed_ <= available_ && !is_closed_;
}

}  // namespace heddle::detail
