// Arriving and leaving; see detail/barrier_core.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/barrier_core.hpp"

#include "heddle/hooks.hpp"

namespace heddle::detail {

barrier_status barrier_core::poll(barrier_waiter& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  barrier_status status = barrier_status::pending;
  wait_list woken;
  const bool is_done = poll_waiting(mutex_, waiters_, waiter, current, [&] {
    status = arrive(waiter);
    // Out of the list at once: who comes from now on belongs to the next generation.
    if (status == barrier_status::leads) waiters_.move_to(woken);
    return status != barrier_status::pending;
  });
  if (!is_done) hooks::blocked_on("sync::barrier", this);
  if (status == barrier_status::leads) {
    std::unique_lock lock(mutex_);
    wake_everybody(lock, woken);
  }
  return status;
}

void barrier_core::cancel(barrier_waiter& waiter) noexcept {
  if (!waiter.has_arrived_) return;
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  waiter.unlink();
  if (waiter.generation_ == generation_) --arrived_;
}

// REQUIRES: mutex_ is held.
barrier_status barrier_core::arrive(barrier_waiter& waiter) noexcept {
  if (waiter.has_arrived_) {
    return waiter.generation_ == generation_ ? barrier_status::pending : barrier_status::follows;
  }
  waiter.has_arrived_ = true;
  waiter.generation_ = generation_;
  if (++arrived_ < parties_) return barrier_status::pending;
  arrived_ = 0;
  ++generation_;
  return barrier_status::leads;
}

}  // namespace heddle::detail
