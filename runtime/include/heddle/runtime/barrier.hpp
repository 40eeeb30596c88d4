// Lets so many tasks wait for each other; again and again.
//
// How it works. See detail/barrier_core.hpp. The last one to arrive goes on at once, as the leader, and wakes the
// others.
//
//     heddle::sync::barrier phase(3);
//     const auto result = co_await phase.wait();     // in each of three tasks
//     if (result.is_leader()) begin_next_phase();
//
// The coroutine resumes on its own runtime, never inside another's wait.
//
// Cancellation. Cancel-safe, other than Tokio's: a wait that is dropped before all have arrived has not arrived.
//
// Thread safety. Any thread, any task. REQUIRES: outlives its futures.
#pragma once

#include "heddle/runtime/detail/barrier_core.hpp"
#include "heddle/runtime/future.hpp"

#include <cstddef>

namespace heddle::sync {

class barrier_wait_result {
 public:
  explicit barrier_wait_result(bool is_leader) noexcept : is_leader_(is_leader) {}

  // Whether this was the last one to arrive; true for exactly one of each generation.
  bool is_leader() const noexcept { return is_leader_; }

 private:
  bool is_leader_;
};

// Ready once all have arrived. Arrives when it is polled first.
class [[nodiscard("it does not arrive until it is awaited")]] barrier_wait_future {
 public:
  explicit barrier_wait_future(heddle::detail::barrier_core& core) noexcept : core_(&core) {}
  barrier_wait_future(barrier_wait_future&&) noexcept = default;
  barrier_wait_future& operator=(barrier_wait_future&&) = delete;
  ~barrier_wait_future() { core_->cancel(waiter_); }

  poll_result<barrier_wait_result> poll(context& cx) noexcept {
    const heddle::detail::barrier_status status = core_->poll(waiter_, cx.get_waker());
    if (status == heddle::detail::barrier_status::pending) return pending;
    return barrier_wait_result(status == heddle::detail::barrier_status::leads);
  }

 private:
  heddle::detail::barrier_core* core_;
  heddle::detail::barrier_waiter waiter_;
};

class barrier {
 public:
  // For so many tasks; with 0 or 1, nobody waits.
  explicit barrier(std::size_t parties) noexcept : core_(parties) {}
  barrier(const barrier&) = delete;
  barrier& operator=(const barrier&) = delete;
  ~barrier() = default;

  // Waits until all have arrived.
  barrier_wait_future wait() noexcept { return barrier_wait_future(core_); }

 private:
  heddle::detail::barrier_core core_;
};

}  // namespace heddle::sync
