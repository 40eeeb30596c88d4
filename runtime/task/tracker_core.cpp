// Counting tracked tasks, and waiting for the last; see detail/tracker_core.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/tracker_core.hpp"

#include "heddle/hooks.hpp"

namespace heddle::detail {

tracker_reference tracker_reference::make() {
  return tracker_reference(new tracker_core);
}

HEDDLE_RUNTIME_CODE tracker_core::~tracker_core() {}

void tracker_core::add_reference() noexcept {
  // Relaxed: the caller has a reference, and passes the new one on by other synchronisation.
  references_.fetch_add(1, std::memory_order_relaxed);
}

void tracker_core::release() noexcept {
  // acq_rel: the last owner destroys what the others used.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void tracker_core::add() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  // acq_rel: who sees the count sees what was done before.
  state_.fetch_add(one, std::memory_order_acq_rel);
}

void tracker_core::remove() noexcept {
  const hooks::operation_scope operation(hooks::operation::unlock, this);
  // acq_rel: publishes what the tracked did to who waits, here and in close().
  if (state_.fetch_sub(one, std::memory_order_acq_rel) == (one | closed)) wake_all();
}

void tracker_core::close() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  if (state_.fetch_or(closed, std::memory_order_acq_rel) == 0) wake_all();
}

void tracker_core::reopen() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  state_.fetch_and(~closed, std::memory_order_acq_rel);
}

void tracker_core::wake_all() noexcept {
  std::unique_lock lock(mutex_);
  wake_everybody(lock, waiters_);
}

bool tracker_core::poll(wait_node& node, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::lock, this);
  const bool is_done = poll_waiting(mutex_, waiters_, node, current,
                                    [this] { return state_.load(std::memory_order_acquire) == closed; });
  if (!is_done) hooks::blocked_on("task_tracker", this);
  return is_done;
}

void tracker_core::stop_waiting(wait_node& node) noexcept {
  if (!node.has_waited()) return;
  const hooks::operation_scope operation(hooks::operation::other, this);
  detail::stop_waiting(mutex_, node);
}

}  // namespace heddle::detail
