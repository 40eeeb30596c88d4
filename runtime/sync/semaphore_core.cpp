// Acquiring, releasing and abandoning permits; see detail/semaphore_core.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/semaphore_core.hpp"

#include "heddle/hooks.hpp"

namespace heddle::detail {

permit_status semaphore_core::try_acquire(permit_count needed) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const std::lock_guard lock(mutex_);
  return permits_.try_take(needed);
}

permit_status semaphore_core::poll_acquire(permit_waiter& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  permit_status status = permit_status::pending;
  const bool is_done = poll_waiting(mutex_, permits_.waiters(), waiter, current, [&] {
    status = permits_.poll(waiter);
    return status != permit_status::pending;
  });
  if (!is_done) hooks::blocked_on(name_, this);
  return status;
}

void semaphore_core::cancel(permit_waiter& waiter) noexcept {
  if (!waiter.has_waited()) return;
  // A waiter that leaves may have been given permits by others, and may give them to others.
  const hooks::operation_scope operation(hooks::operation::other, this);
  std::unique_lock lock(mutex_);
  permits_.cancel(waiter);
  serve(lock);
}

void semaphore_core::release(permit_count permits) noexcept {
  const hooks::operation_scope operation(hooks::operation::unlock, this);
  std::unique_lock lock(mutex_);
  permits_.give(permits);
  serve(lock);
}

void semaphore_core::close() noexcept {
  const hooks::operation_scope operation(hooks::operation::unlock, this);
  std::unique_lock lock(mutex_);
  permits_.close();
  wake_everybody(lock, permits_.waiters());
}

permit_count semaphore_core::forget(permit_count permits) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const std::lock_guard lock(mutex_);
  return permits_.forget(permits);
}

bool semaphore_core::is_closed() const noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const std::lock_guard lock(mutex_);
  return permits_.is_closed();
}

permit_count semaphore_core::available() const noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const std::lock_guard lock(mutex_);
  return permits_.available();
}

// Grants what can be granted. REQUIRES: `lock` is held; it is released at the end.
void semaphore_core::serve(std::unique_lock<std::mutex>& lock) noexcept {
  wake_batch batch;
  for (;;) {
    const bool is_more = permits_.serve(batch);
    lock.unlock();
    batch.wake_all();
    // Nobody who is still to be served: then the semaphore may be gone.
    if (!is_more) return;
    lock.lock();
  }
}

}  // namespace heddle::detail
