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
  // A guess, so that a lock nobody waits for costs one operation.
  std::uint8_t seen = 0;
  do {
    // Acquire: pairs with try_unlock and pass_on. Relaxed when it fails: nothing is done then.
    const auto taken = static_cast<std::uint8_t>(seen | locked);
    if (state_.compare_exchange_weak(seen, taken, std::memory_order_acquire, std::memory_order_relaxed)) return true;
  } while ((seen & locked) == 0);
  return false;
}

// True: the lock was free, and is the caller's. False: somebody will look for waiters. REQUIRES: mutex_ is held.
bool lock_core::take_or_announce() noexcept {
  // Relaxed: it is only the first guess. An older value may be locked where the lock is free by now: then the first
  // waiter is woken, and looks for the next when it unlocks.
  std::uint8_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    const bool is_free = (seen & locked) == 0;
    if (!is_free && (seen & awaited) != 0) return false;
    const auto next = static_cast<std::uint8_t>(seen | (is_free ? locked : awaited));
    // Acquire: as in try_take. What is announced is published by mutex_, which the owner locks when it finds the byte
    // changed.
    if (state_.compare_exchange_weak(seen, next, std::memory_order_acquire, std::memory_order_relaxed)) return is_free;
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
  {
    const std::lock_guard lock(mutex_);
    if (claim(waiter)) return true;
    if (waiter.waiting_.will_wake(current)) return false;
  }
  waker replaced = current.clone();
  const std::lock_guard lock(mutex_);
  if (claim(waiter)) return true;
  // Swapped, not assigned: the mutex is released before the old waker is dropped.
  std::swap(waiter.waiting_, replaced);
  return false;
}

// Whether the lock is the waiter's now. One that was woken and comes too late is queued again, as the first.
// REQUIRES: mutex_ is held.
bool lock_core::claim(lock_waiter& waiter) noexcept {
  using status = lock_waiter::status;
  if (waiter.status_ == status::granted) {
    waiter.status_ = status::idle;
    return true;
  }
  if (waiter.status_ == status::queued) return false;
  const bool is_only = waiter.next_ == nullptr;
  std::uint8_t seen = awaited | woken;
  bool is_free = true;
  std::uint8_t next = 0;
  do {
    is_free = (seen & locked) == 0;
    next = is_free && is_only ? locked : locked | awaited;
    // Acquire: as in try_take.
  } while (!state_.compare_exchange_weak(seen, next, std::memory_order_acquire, std::memory_order_relaxed));
  if (is_free) {
    unlink(waiter);
  } else {
    waiter.status_ = status::queued;
    waiter.was_overtaken_ = true;
  }
  return is_free;
}

void lock_core::cancel(lock_waiter& waiter) noexcept {
  if (!waiter.has_waited_) return;
  const hooks::operation_scope operation(hooks::operation::lock, this);
  waker next;
  waker dropped;
  {
    const std::lock_guard lock(mutex_);
    dropped = std::move(waiter.waiting_);
    next = leave(waiter);
  }
  if (next) std::move(next).wake();
}

// The waker of who is to look now, which may be empty. REQUIRES: mutex_ is held.
waker lock_core::leave(lock_waiter& waiter) noexcept {
  using status = lock_waiter::status;
  const status was = std::exchange(waiter.status_, status::idle);
  if (was == status::idle) return waker();
  if (was == status::granted) return pass_on();
  unlink(waiter);
  // Relaxed: nobody learns more from it than that there is nobody.
  if (first_ == nullptr) state_.fetch_and(locked, std::memory_order_relaxed);
  return first_ != nullptr && was == status::woken ? wake_first() : waker();
}

void lock_core::unlock() noexcept {
  const hooks::operation_scope operation(hooks::operation::unlock, this);
  // Before the next owner can take it, and be noted.
  hooks::lock_given_up(this);
  if (try_unlock()) return;
  waker next;
  {
    const std::lock_guard lock(mutex_);
    next = pass_on();
  }
  if (next) std::move(next).wake();
}

// False: somebody waits, and nobody is woken.
bool lock_core::try_unlock() noexcept {
  std::uint8_t seen = locked;
  do {
    // Release: pairs with try_take, take_or_announce and claim. Relaxed when it fails: mutex_ shows the waiters.
    const auto free = static_cast<std::uint8_t>(seen & ~locked);
    if (state_.compare_exchange_weak(seen, free, std::memory_order_release, std::memory_order_relaxed)) return true;
    HEDDLE_ASSERT((seen & locked) != 0, "a sync::mutex is unlocked that is not locked");
  } while (seen != (locked | awaited));
  return false;
}

// Frees the lock, or hands it to the first waiter. Returns its waker, which may be empty. REQUIRES: mutex_ is held, the
// caller owns the lock, and nobody is woken.
waker lock_core::pass_on() noexcept {
  lock_waiter* const waiter = first_;
  if (waiter == nullptr) {
    // Those who waited have left. Release: as in try_unlock.
    state_.store(0, std::memory_order_release);
    return waker();
  }
  if (!waiter->was_overtaken_) {
    // Release: as in try_unlock.
    state_.store(awaited | woken, std::memory_order_release);
    return wake_first();
  }
  unlink(*waiter);
  // Relaxed: what the new owner must see comes by mutex_.
  if (first_ == nullptr) state_.store(locked, std::memory_order_relaxed);
  waiter->status_ = lock_waiter::status::granted;
  return std::move(waiter->waiting_);
}

// REQUIRES: mutex_ is held; somebody waits; `woken` is set.
waker lock_core::wake_first() noexcept {
  first_->status_ = lock_waiter::status::woken;
  return std::move(first_->waiting_);
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
