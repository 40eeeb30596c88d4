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
  // Relaxed: nobody else knows it any more.
  HEDDLE_ASSERT(state_.load(std::memory_order_relaxed) == 0, "a sync::mutex is destroyed while it is locked");
}

bool lock_core::try_take() noexcept {
  std::uint8_t expected = 0;
  // Acquire: pairs with unlock. Relaxed when it fails: nothing is done then.
  return state_.compare_exchange_strong(expected, locked, std::memory_order_acquire, std::memory_order_relaxed);
}

// True: the lock was free, and is the caller's. False: the owner will look for waiters when it unlocks. REQUIRES:
// mutex_ is held.
bool lock_core::take_or_announce() noexcept {
  // Relaxed: it is only the first guess.
  std::uint8_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    if (seen == (locked | awaited)) return false;
    const auto next = static_cast<std::uint8_t>(seen == 0 ? locked : locked | awaited);
    // Acquire: as in try_take. What is announced is published by mutex_, which the owner locks when it finds the byte
    // changed.
    if (state_.compare_exchange_weak(seen, next, std::memory_order_acquire, std::memory_order_relaxed)) {
      return next == locked;
    }
  }
}

bool lock_core::try_lock() noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  if (!try_take()) return false;
  hooks::lock_taken(this);
  return true;
}

bool lock_core::poll_lock(lock_waiter& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const bool is_ours = poll_waiter(waiter, current);
  if (is_ours) {
    hooks::lock_taken(this);
  } else {
    hooks::blocked_on("sync::mutex", this);
  }
  return is_ours;
}

bool lock_core::poll_waiter(lock_waiter& waiter, const waker& current) noexcept {
  if (waiter.has_waited_) return poll_queued(waiter, current);
  if (try_take()) return true;
  waker waiting = current.clone();
  const std::lock_guard lock(mutex_);
  if (take_or_announce()) return true;
  waiter.waiting_ = std::move(waiting);
  waiter.has_waited_ = true;
  append(waiter);
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
  // Before the next owner can take it, and be noted.
  hooks::lock_given_up(this);
  std::uint8_t expected = locked;
  // Release: pairs with try_take. Relaxed when it fails: mutex_ shows the waiters.
  if (state_.compare_exchange_strong(expected, 0, std::memory_order_release, std::memory_order_relaxed)) return;
  HEDDLE_ASSERT(expected == (locked | awaited), "a sync::mutex is unlocked that is not locked");
  waker next;
  {
    const std::lock_guard lock(mutex_);
    next = hand_over();
  }
  if (next) std::move(next).wake();
}

// The waker of the new owner, which may be empty. REQUIRES: mutex_ is held, and the caller owns the lock.
waker lock_core::hand_over() noexcept {
  lock_waiter* const waiter = first_;
  if (waiter == nullptr) {
    // Those who waited have left. Release: as in unlock.
    state_.store(0, std::memory_order_release);
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
  // Invariant 2. Relaxed: what the next owner must see comes by mutex_ or the next unlock.
  if (first_ == nullptr) state_.store(locked, std::memory_order_relaxed);
  waiter.status_ = lock_waiter::status::idle;
}

}  // namespace heddle::detail
