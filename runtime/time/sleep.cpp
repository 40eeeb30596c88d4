// Registering, checking and removing one timer; see sleep.hpp. Thread safety: one thread at a time.
#include "heddle/runtime/sleep.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "time/timer_driver.hpp"

#include <stdexcept>

namespace heddle {

sleep_future::sleep_future(sleep_future&& other) noexcept : entry_(other.entry_.deadline) {
  HEDDLE_ASSERT(other.driver_ == nullptr, "a sleep is moved after it was polled");
}

sleep_future::~sleep_future() {
  if (driver_ == nullptr) return;
  const hooks::operation_scope operation(hooks::operation::timer, this);
  driver_->remove(entry_);
}

poll_result<> sleep_future::poll(context& cx) {
  const hooks::operation_scope operation(hooks::operation::timer, this);
  const detail::timer_status status =
      driver_ == nullptr ? start(cx.get_waker()) : driver_->check(entry_, cx.get_waker());
  if (status == detail::timer_status::fired) {
    driver_ = nullptr;
    return ready;
  }
  if (status == detail::timer_status::closed) {
    throw std::logic_error("heddle: a sleep is polled after the runtime that it waits on has shut down");
  }
  if (hooks::runs_out(entry_.deadline.time_since_epoch().count())) [[unlikely]] {
    driver_->remove(entry_);
    driver_ = nullptr;
    return ready;
  }
  hooks::blocked_on("sleep", this);
  return pending;
}

void sleep_future::reset(clock::time_point deadline) noexcept {
  const hooks::operation_scope operation(hooks::operation::timer, this);
  if (driver_ == nullptr) {
    entry_.deadline = deadline;
  } else if (!driver_->reset(entry_, deadline)) {
    // It had fired, and registers anew at its next poll.
    driver_ = nullptr;
  }
}

detail::timer_status sleep_future::start(const waker& current) {
  const clock::time_point now = clock::now();
  if (entry_.deadline <= now) return detail::timer_status::fired;
  detail::timer_driver& driver = *detail::current_scheduler("sleep").timers();
  const detail::timer_status status = driver.insert(entry_, now, current);
  if (status == detail::timer_status::waiting) driver_ = &driver;
  return status;
}

}  // namespace heddle
