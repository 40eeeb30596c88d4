// A barrier without types: who has arrived, and in which generation.
//
// How it works. Arriving counts; the last one to arrive begins a new generation and wakes those of the old one. Under a
// short-lived std::mutex.
//
// Thread safety. Any thread; one thread at a time for each waiter.
//
// Invariants.
//   1. `arrived_` counts the waiters of this generation that exist and were polled; it is less than `parties_`.
//   2. Wakers are cloned, woken and dropped with the mutex not held.
#pragma once

#include "heddle/runtime/detail/wait_list.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>

namespace heddle::detail {

enum class barrier_status : std::uint8_t { pending, leads, follows };

class barrier_core;

class barrier_waiter : public wait_node {
 private:
  friend barrier_core;

  bool has_arrived_ = false;  // of the future's thread
  std::uint64_t generation_ = 0;
};

class barrier_core {
 public:
  explicit barrier_core(std::size_t parties) noexcept : parties_(parties) {}
  barrier_core(const barrier_core&) = delete;
  barrier_core& operator=(const barrier_core&) = delete;
  ~barrier_core() = default;

  // Arrives, at the first call. Pending: `current` is woken when all have arrived.
  [[nodiscard]] barrier_status poll(barrier_waiter& waiter, const waker& current) noexcept;
  // The waiter's future is destroyed. If its generation is not over, it has not arrived.
  void cancel(barrier_waiter& waiter) noexcept;

 private:
  [[nodiscard]] barrier_status arrive(barrier_waiter& waiter) noexcept;

  const std::size_t parties_;
  std::mutex mutex_;
  // Under mutex_.
  std::size_t arrived_ = 0;
  std::uint64_t generation_ = 0;
  wait_list waiters_;
};

}  // namespace heddle::detail
