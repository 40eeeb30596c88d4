// Parking and unparking a worker; see worker_parker.hpp. Thread safety: as declared there.
#include "worker_parker.hpp"

#include "heddle/runtime/assert.hpp"
#include "time/timer_driver.hpp"

namespace heddle::detail {

void worker_parker::park() {
  if (consume_notification()) return;
  if (driver_.try_acquire_role()) {
    park_on_driver();
    driver_.release_role();
  } else {
    park_here();
  }
}

bool worker_parker::consume_notification() noexcept {
  state expected = state::notified;
  // Acquire: pairs with the unpark, so that what was published before it is seen.
  return state_.compare_exchange_strong(expected, state::empty, std::memory_order_acq_rel, std::memory_order_relaxed);
}

// False: notified meanwhile; the notification is consumed.
bool worker_parker::announce(state parked) noexcept {
  state expected = state::empty;
  if (state_.compare_exchange_strong(expected, parked, std::memory_order_acq_rel, std::memory_order_acquire)) {
    return true;
  }
  HEDDLE_ASSERT(expected == state::notified, "a worker parks twice");
  // An exchange, not a store: it acquires from the latest of several unparks.
  state_.exchange(state::empty, std::memory_order_acq_rel);
  return false;
}

void worker_parker::park_here() {
  std::unique_lock lock(mutex_);
  if (!announce(state::parked_here)) return;
  for (;;) {
    condition_.wait(lock);
    if (consume_notification()) return;
  }
}

void worker_parker::park_on_driver() {
  if (!announce(state::parked_on_driver)) return;
  driver_.park();
  const state before = state_.exchange(state::empty, std::memory_order_acq_rel);
  HEDDLE_ASSERT(before == state::notified || before == state::parked_on_driver, "a parked worker changed its place");
}

void worker_parker::unpark() noexcept {
  // Release: what the caller published is seen by the worker. Acquire: a parked state seen was announced.
  switch (state_.exchange(state::notified, std::memory_order_acq_rel)) {
    case state::empty:
    case state::notified:
      return;
    case state::parked_here: {
      // The worker announces under the lock and is inside wait() once we have it, so the notification is not early.
      {
        const std::lock_guard lock(mutex_);
      }
      condition_.notify_one();
      return;
    }
    case state::parked_on_driver:
      driver_.unpark();
      return;
  }
}

}  // namespace heddle::detail
