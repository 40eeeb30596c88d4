// Taking a runtime down; see runtime.hpp. Thread safety: as declared there.
#include "heddle/runtime/runtime.hpp"

#include "blocking/blocking_pool.hpp"
#include "heddle/hooks.hpp"
#include "scheduler/shutdown_limit.hpp"
#include "scheduler/thread_context.hpp"
#include "scheduler/thread_group.hpp"
#include "time/timer_driver.hpp"

#include <chrono>
#include <utility>

namespace heddle {

runtime& runtime::operator=(runtime&& other) noexcept {
  if (this != &other) {
    demand_plain_thread();
    shut_down(detail::shutdown_limit());
    core_ = std::move(other.core_);
  }
  return *this;
}

runtime::~runtime() {
  demand_plain_thread();
  shut_down(detail::shutdown_limit());
}

void runtime::shutdown_until(std::chrono::steady_clock::time_point deadline) && noexcept {
  demand_plain_thread();
  shut_down(detail::shutdown_limit(deadline));
}

void runtime::shutdown_background() && noexcept {
  shut_down(detail::shutdown_limit(std::chrono::steady_clock::time_point::min()));
}

void runtime::demand_plain_thread() const noexcept {
  if (core_ == nullptr) return;
  const detail::thread_context* const here = detail::thread_context::innermost();
  const bool may_wait =
      here == nullptr || (here->role() == detail::thread_role::runs_blocking && &here->current() != core_.get());
  HEDDLE_ASSERT(
      may_wait,
      "a runtime is destroyed inside async code, or by one of its own threads, where it would wait for itself; "
      "move it out and destroy it on a plain thread, or call shutdown_background()");
}

void runtime::shut_down(const detail::shutdown_limit& limit) noexcept {
  if (core_ == nullptr) return;
  const hooks::operation_scope operation(hooks::operation::shutdown, core_.get());
  core_->shutdown(limit);
  core_->timers()->close(core_->timers());
  core_->blocking().close();
  core_->threads()->join_all(limit);
  core_ = {};
}

}  // namespace heddle
