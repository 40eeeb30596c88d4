// Starting threads and waiting for them; see thread_group.hpp. Thread safety: as declared there.
#include "thread_group.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "thread_context.hpp"
#include "thread_setup.hpp"

#include <utility>

namespace heddle::detail {

void thread_group::start(owner_ptr<scheduler> core, std::function<void()> body) {
  const std::lock_guard lock(mutex_);
  running_.emplace_back();
  const place own = std::prev(running_.end());
  try {
    *own = std::thread([this, kept = std::move(core), call = std::move(body), own] { run(*kept, call, own); });
  } catch (...) {
    running_.erase(own);
    throw;
  }
}

void thread_group::run(scheduler& core, const std::function<void()>& body, place own) noexcept {
  const hooks::operation_scope serving(hooks::operation::serve, this);
  {
    const thread_context here(core, thread_role::runs_blocking, nullptr);
    const thread_setup setup(core.settings());
    body();
  }
  std::thread before_us;
  {
    const std::lock_guard lock(mutex_);
    if (!is_abandoned_) {
      before_us = std::exchange(last_ended_, std::move(*own));
      running_.erase(own);
      ended_.notify_one();
    }
  }
  if (before_us.joinable()) before_us.join();
}

void thread_group::join_all(const shutdown_limit& limit) noexcept {
  std::thread last;
  {
    std::unique_lock lock(mutex_);
    if (!limit.wait(ended_, lock, [this] { return running_.empty(); })) {
      is_abandoned_ = true;
      for (std::thread& thread : running_) thread.detach();
      running_.clear();
      // It joins the one before, and may be the caller's own way out of a task; it has nothing left to do.
      if (last_ended_.joinable()) last_ended_.detach();
      return;
    }
    last = std::move(last_ended_);
  }
  if (last.joinable()) last.join();
}

}  // namespace heddle::detail
