// A channel that keeps the latest value only, without its type.
//
// How it works. The value is an immutable object that readers share, with a version that grows by one at each send.
// Each receiver remembers the version it has seen last. Sending exchanges the object under a short-lived std::mutex;
// readers take a reference under it and look without it.
//
// Thread safety. Any thread; the sender's functions by one thread at a time, as each receiver's.
//
// Invariants.
//   1. Whoever waits for a change has seen the latest version, and the sender is there.
//   2. Whoever waits for the receivers to go is there together with a receiver.
//   3. No value is made, copied or destroyed, and no waker cloned, woken or dropped, with the mutex held.
#pragma once

#include "heddle/runtime/detail/wait_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace heddle::detail {

enum class watch_status : std::uint8_t { unchanged, changed, closed };

class watch_core {
 public:
  using version = std::uint64_t;
  using any_value = std::shared_ptr<const void>;

  // Made with the sender and one receiver, which has seen `initial`.
  explicit watch_core(any_value initial) noexcept : value_(std::move(initial)) {}
  watch_core(const watch_core&) = delete;
  watch_core& operator=(const watch_core&) = delete;
  ~watch_core() = default;

  // The sender. Exchanges `value` with the one that is there, and wakes the receivers. False: there is no receiver, and
  // nothing was exchanged. `replace` does it all the same.
  [[nodiscard]] bool send(any_value& value) noexcept;
  void replace(any_value& value) noexcept;
  void drop_sender() noexcept;
  // True: no receiver is there. False: `current` is woken when that is so.
  [[nodiscard]] bool poll_closed(wait_node& waiter, const waker& current) noexcept;

  // Receivers. `seen` is updated.
  [[nodiscard]] watch_status poll_changed(wait_node& waiter, version& seen, const waker& current) noexcept;
  [[nodiscard]] watch_status status(version seen) const noexcept;
  // The version of a new receiver, which has seen the latest value.
  [[nodiscard]] version add_receiver() noexcept;
  void copy_receiver() noexcept;
  void drop_receiver() noexcept;

  // Anybody.
  [[nodiscard]] any_value value() const noexcept;
  [[nodiscard]] any_value value_and_version(version& seen) const noexcept;
  [[nodiscard]] std::size_t receivers() const noexcept;
  void cancel(wait_node& waiter) noexcept;

 private:
  void exchange_and_unlock(any_value& value, std::unique_lock<std::mutex>& lock) noexcept;

  mutable std::mutex mutex_;
  // Under mutex_.
  any_value value_;
  version version_ = 0;
  bool has_sender_ = true;
  std::size_t receivers_ = 1;
  wait_list changed_;
  wait_list closed_;
};

}  // namespace heddle::detail
