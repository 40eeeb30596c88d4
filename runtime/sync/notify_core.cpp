// Notifying, waiting and abandoning; see detail/notify_core.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/notify_core.hpp"

#include "heddle/hooks.hpp"

#include <utility>

namespace heddle::detail {

notify_waiter::notify_waiter(notify_core& core) noexcept : created_at_(core.calls()) {}

void notify_core::notify_one() noexcept {
  const hooks::operation_scope operation(hooks::operation::unlock, this);
  waker next;
  {
    const std::lock_guard lock(mutex_);
    next = notify_first();
  }
  if (next) std::move(next).wake();
}

void notify_core::notify_waiters() noexcept {
  const hooks::operation_scope operation(hooks::operation::unlock, this);
  std::unique_lock lock(mutex_);
  ++calls_;
  if (waiters_.first() == nullptr) hooks::notified_nobody(this);
  for (wait_node* node = waiters_.first(); node != nullptr; node = waiters_.after(*node)) {
    static_cast<notify_waiter*>(node)->status_ = notify_waiter::status::notified_by_all;
  }
  wake_everybody(lock, waiters_);
}

bool notify_core::poll(notify_waiter& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const bool is_done = poll_waiting(mutex_, waiters_, waiter, current, [&] { return is_notified(waiter); });
  if (!is_done) hooks::blocked_on("sync::notify", this);
  return is_done;
}

bool notify_core::enable(notify_waiter& waiter) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const std::lock_guard lock(mutex_);
  if (is_notified(waiter)) {
    // The next poll is to say so.
    waiter.unlink();
    waiter.status_ = notify_waiter::status::notified_by_all;
    return true;
  }
  waiter.set_has_waited();
  if (!waiter.is_linked()) waiters_.append(waiter);
  return false;
}

void notify_core::cancel(notify_waiter& waiter) noexcept {
  if (!waiter.has_waited()) return;
  const hooks::operation_scope operation(hooks::operation::other, this);
  waker next;
  {
    const std::lock_guard lock(mutex_);
    waiter.unlink();
    if (waiter.status_ == notify_waiter::status::notified_by_one) next = notify_first();
    waiter.status_ = notify_waiter::status::done;
  }
  if (next) std::move(next).wake();
}

std::uint64_t notify_core::calls() const noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const std::lock_guard lock(mutex_);
  return calls_;
}

// Takes what the waiter was notified with. REQUIRES: mutex_ is held.
bool notify_core::is_notified(notify_waiter& waiter) noexcept {
  using status = notify_waiter::status;
  if (waiter.status_ == status::waiting) {
    // The count comes first: who was notified with all others leaves the permit to somebody else.
    if (waiter.created_at_ == calls_ && !std::exchange(has_permit_, false)) return false;
  }
  waiter.status_ = status::done;
  return true;
}

// Notifies who waits longest, whose waker it returns, or stores a permit. REQUIRES: mutex_ is held.
waker notify_core::notify_first() noexcept {
  auto* const waiter = static_cast<notify_waiter*>(waiters_.first());
  if (waiter == nullptr) {
    has_permit_ = true;
    return waker();
  }
  waiter->unlink();
  waiter->status_ = notify_waiter::status::notified_by_one;
  return waiter->take_waker();
}

}  // namespace heddle::detail
