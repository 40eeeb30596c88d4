// A channel whose every receiver sees every value, without the type of the values.
//
// How it works. A ring of the last `capacity` values, which receivers share. Positions count the values that were ever
// sent; each receiver has its own, and one that has fallen behind by more than the ring holds goes on at the oldest
// value that is there, and is told how many it missed. A slot counts the receivers that still want its value, and lets
// go of it with the last one. All under a short-lived std::mutex.
//
// Thread safety. Any thread; each receiver's functions by one thread at a time.
//
// Invariants.
//   1. Whoever waits has received everything that was sent, and a sender is there.
//   2. A slot holds a value if and only if somebody still wants it.
//   3. No value is made, copied or destroyed, and no waker cloned, woken or dropped, with the mutex held (Tokio #5578).
//
// Algorithm: Tokio, sync/broadcast.rs, without its lock per slot.
#pragma once

#include "heddle/runtime/detail/wait_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace heddle::detail {

enum class broadcast_status : std::uint8_t { pending, received, lagged, closed };

class broadcast_core {
 public:
  using position = std::uint64_t;
  using any_value = std::shared_ptr<const void>;

  struct result {
    explicit result(broadcast_status with) noexcept : status(with) {}

    broadcast_status status;
    any_value value;           // if received
    std::uint64_t missed = 0;  // if lagged
  };

  // Made with one sender and one receiver at position 0.
  explicit broadcast_core(std::size_t capacity) : slots_(capacity) {}
  broadcast_core(const broadcast_core&) = delete;
  broadcast_core& operator=(const broadcast_core&) = delete;
  ~broadcast_core() = default;

  // Senders. How many receivers get it; 0: nobody is there, and nothing was sent. Otherwise `value` becomes the one
  // that had to make room, which may be empty.
  [[nodiscard]] std::size_t send(any_value& value) noexcept;
  void add_sender() noexcept;
  void drop_sender() noexcept;

  // Receivers. `next` is the position of the receiver, and is moved on.
  [[nodiscard]] result poll_receive(wait_node& waiter, position& next, const waker& current) noexcept;
  [[nodiscard]] result try_receive(position& next) noexcept;
  void cancel(wait_node& waiter) noexcept;
  // The position of a new receiver, which gets what is sent from now on.
  [[nodiscard]] position add_receiver() noexcept;
  // A receiver leaves: the end of what it had coming.
  [[nodiscard]] position begin_drop_receiver() noexcept;
  // A value that the receiver was the last to want; to be called until it is empty.
  [[nodiscard]] any_value continue_drop_receiver(position& next, position end) noexcept;

  // Anybody.
  [[nodiscard]] std::size_t receivers() const noexcept;
  // How many values were sent since `next`, lost ones included.
  [[nodiscard]] std::uint64_t length(position next) const noexcept;

 private:
  struct slot {
    any_value value;
    std::size_t wanted_by = 0;  // receivers
  };

  [[nodiscard]] result receive(position& next) noexcept;
  [[nodiscard]] any_value take(position at) noexcept;
  [[nodiscard]] slot& slot_at(position at) noexcept { return slots_[static_cast<std::size_t>(at % slots_.size())]; }

  mutable std::mutex mutex_;
  // Under mutex_.
  std::vector<slot> slots_;
  position tail_ = 0;  // of the next value
  std::size_t senders_ = 1;
  std::size_t receivers_ = 1;
  wait_list waiters_;
};

}  // namespace heddle::detail
