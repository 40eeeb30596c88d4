// Waiting for, handing over and abandoning a lock; see detail/lock_core.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/lock_core.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"

#include <utility>

namespace heddle::detail {

lock_waiter::lock_waiter(lock_waiter&& other) noexcept {
  HEDDLE_ASSERT(!other.has_waited_, "a lock future is moved after it was polled");
}

lock_core::~lock_core() {
  HEDDLE_ASSERT(!is_locked_, "a sync::mutex is destroyed while it is locked");
}

bool lock_core::try_lock() noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const std::lock_guard lock(mutex_);
  return !std::exchange(is_locked_, true);
}

bool lock_core::poll_lock(lock_waiter& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  if (!waiter.has_waited_) {
    {
      const std::lock_guard lock(mutex_);
      if (!std::exchange(is_locked_, true)) return true;
    }
    waker waiting = current.clone();
    const std::lock_guard lock(mutex_);
    if (!std::exchange(is_locked_, true)) return true;
    waiter.waiting_ = std::move(waiting);
    waiter.has_waited_ = true;
    append(waiter);
  } else if (poll_queued(waiter, current)) {
    return true;
  }
  hooks::blocked_on("sync::mutex", this);
  return false;
}

bool lock_core::poll_queued(lock_waiter& waiter, const waker& current) noexcept {
  using status = lock_waiter::status;
  {
    const std::lock_guard lock(mutex_);
    if (waiter.status_ == status::granted) {
      waiter.status_ = status::idle;
      return true;
    }
    if (waiter.waiting_.will_wake(current)) return false;
  }
  waker replaced = current.clone();
  const std::lock_guard lock(mutex_);
  if (waiter.status_ == status::granted) {
    waiter.status_ = status::idle;
    return true;
  }
  // Swapped, not assigned: the mutex is released before the old waker is dropped.
  std::swap(waiter.waiting_, replaced);
  return false;
}

void lock_core::cancel(lock_waiter& waiter) noexcept {
  using status = lock_waiter::status;
  if (!waiter.has_waited_) return;
  const hooks::operation_scope operation(hooks::operation::lock, this);
  waker next;
  waker dropped;
  {
    const std::lock_guard lock(mutex_);
    if (waiter.status_ == status::queued) {
      unlink(waiter);
      dropped = std::move(waiter.waiting_);
    } else if (waiter.status_ == status::granted) {
      next = hand_over();
    }
    waiter.status_ = status::idle;
  }
  if (next) std::move(next).wake();
}

void lock_core::unlock() noexcept {
  const hooks::operation_scope operation(hooks::operation::unlock, this);
  waker next;
  {
    const std::lock_guard lock(mutex_);
    HEDDLE_ASSERT(is_locked_, "a sync::mutex is unlocked that is not locked");
    next = hand_over();
  }
  if (next) std::move(next).wake();
}

// The waker of the new owner, which may be empty. REQUIRES: mutex_ is held.
waker lock_core::hand_over() noexcept {
  lock_waiter* const waiter = first_;
  if (waiter == nullptr) {
    is_locked_ = false;
    return waker();
  }
  unlink(*waiter);
  waiter->status_ = lock_waiter::status::granted;
  return std::move(waiter->waiting_);
}

void lock_core::append(lock_waiter& waiter) noexcept {
  waiter.status_ = lock_waiter::status::queued;
  waiter.previous_ = last_;
  waiter.next_ = nullptr;
  (last_ == nullptr ? first_ : last_->next_) = &waiter;
  last_ = &waiter;
}

void lock_core::unlink(lock_waiter& waiter) noexcept {
  (waiter.previous_ == nullptr ? first_ : waiter.previous_->next_) = waiter.next_;
  (waiter.next_ == nullptr ? last_ : waiter.next_->previous_) = waiter.previous_;
  waiter.status_ = lock_waiter::status::idle;
}

}  // namespace heddle::detail
