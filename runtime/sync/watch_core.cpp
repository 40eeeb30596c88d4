// Sending, watching and closing; see detail/watch_core.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/watch_core.hpp"

#include "heddle/hooks.hpp"

#include <utility>

namespace heddle::detail {

bool watch_core::send(any_value& value) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  std::unique_lock lock(mutex_);
  if (receivers_ == 0) return false;
  exchange_and_unlock(value, lock);
  return true;
}

void watch_core::replace(any_value& value) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, this);
  std::unique_lock lock(mutex_);
  exchange_and_unlock(value, lock);
}

void watch_core::drop_sender() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  std::unique_lock lock(mutex_);
  has_sender_ = false;
  wake_everybody(lock, changed_);
}

bool watch_core::poll_closed(wait_node& waiter, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const bool is_done = poll_waiting(mutex_, closed_, waiter, current, [&] { return receivers_ == 0; });
  if (!is_done) hooks::blocked_on("watch::sender::closed", this);
  return is_done;
}

watch_status watch_core::poll_changed(wait_node& waiter, version& seen, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  watch_status status = watch_status::unchanged;
  const bool is_done = poll_waiting(mutex_, changed_, waiter, current, [&] {
    // A change comes before the end: the last value is not missed.
    if (seen != version_) {
      seen = version_;
      status = watch_status::changed;
    } else if (!has_sender_) {
      status = watch_status::closed;
    }
    return status != watch_status::unchanged;
  });
  if (!is_done) hooks::blocked_on("watch::receiver", this);
  return status;
}

watch_status watch_core::status(version seen) const noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  const std::lock_guard lock(mutex_);
  if (!has_sender_) return watch_status::closed;
  return seen == version_ ? watch_status::unchanged : watch_status::changed;
}

watch_core::version watch_core::add_receiver() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  ++receivers_;
  return version_;
}

void watch_core::copy_receiver() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  ++receivers_;
}

void watch_core::drop_receiver() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, this);
  std::unique_lock lock(mutex_);
  if (--receivers_ == 0) wake_everybody(lock, closed_);
}

watch_core::any_value watch_core::value() const noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  const std::lock_guard lock(mutex_);
  return value_;
}

watch_core::any_value watch_core::value_and_version(version& seen) const noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, this);
  const std::lock_guard lock(mutex_);
  seen = version_;
  return value_;
}

std::size_t watch_core::receivers() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  const std::lock_guard lock(mutex_);
  return receivers_;
}

void watch_core::cancel(wait_node& waiter) noexcept {
  stop_waiting(mutex_, waiter);
}

// The old value goes to the caller, who drops it. REQUIRES: `lock` is held; it is released at the end.
void watch_core::exchange_and_unlock(any_value& value, std::unique_lock<std::mutex>& lock) noexcept {
  std::swap(value_, value);
  ++version_;
  wake_everybody(lock, changed_);
}

}  // namespace heddle::detail
