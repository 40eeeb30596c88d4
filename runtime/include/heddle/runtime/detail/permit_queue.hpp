// Permits, and those who wait for them, first come first served: what semaphores, reader-writer locks and bounded
// channels have in common.
//
// How it works. Permits that are returned go to the pool, and from the pool to the first waiter as soon as there are as
// many as it needs. Nobody overtakes it: while it waits, others get nothing, even if what they need is there.
//
// Thread safety. None: used under the mutex of the primitive that owns it.
//
// Invariants.
//   1. Unless they are being served: nobody waits whose turn it is and whose permits are there.
//   2. Nobody waits once it is closed.
#pragma once

#include "heddle/runtime/detail/wait_list.hpp"

#include <cstdint>

namespace heddle::detail {

using permit_count = std::uint64_t;

// More than any count that is asked for: what a channel without bound has.
inline constexpr permit_count permits_max = std::uint64_t{1} << 61U;

enum class permit_status : std::uint8_t { pending, granted, closed };

class permit_queue;

class permit_waiter : public wait_node {
 public:
  explicit permit_waiter(permit_count needed) noexcept : needed_(needed) {}

  permit_count needed() const noexcept { return needed_; }

 private:
  friend permit_queue;

  permit_count needed_;
  bool is_granted_ = false;  // and not taken by a poll yet
};

class permit_queue {
 public:
  explicit permit_queue(permit_count permits) noexcept : available_(permits) {}

  // Pending means here that it would have to wait.
  [[nodiscard]] permit_status try_take(permit_count needed) noexcept;
  // What was granted to the waiter, or a first try. Pending: it is to be appended to waiters(), if it is not linked.
  [[nodiscard]] permit_status poll(permit_waiter& waiter) noexcept;
  // Returns permits. `serve` or `grant_first` come next.
  void give(permit_count permits) noexcept { available_ += permits; }
  // The waiter's future is destroyed, whatever its state. `serve` or `grant_first` come next.
  void cancel(permit_waiter& waiter) noexcept;
  // Takes permits out of the pool for ever, at most `permits`; how many.
  [[nodiscard]] permit_count forget(permit_count permits) noexcept;
  // No permit will be granted any more. Those who wait are to be woken.
  void close() noexcept { is_closed_ = true; }

  // Grants the first waiter what it needs, if that is there. Null: nobody, or not yet.
  [[nodiscard]] permit_waiter* grant_first() noexcept;
  // Grants what can be granted. True: the batch is full, and there is more to grant.
  [[nodiscard]] bool serve(wake_batch& batch) noexcept;

  // What could be had without waiting.
  [[nodiscard]] permit_count available() const noexcept { return waiters_.is_empty() ? available_ : 0; }
  // What nobody owns, which may be kept for the first waiter.
  [[nodiscard]] permit_count unowned() const noexcept { return available_; }
  [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
  [[nodiscard]] wait_list& waiters() noexcept { return waiters_; }

 private:
  [[nodiscard]] bool can_grant(const permit_waiter* waiter) const noexcept;

  permit_count available_;
  bool is_closed_ = false;
  wait_list waiters_;  // permit_waiters
};

}  // namespace heddle::detail
