// A channel of many senders and one receiver, without the type of its values: mpsc::channel and mpsc::unbounded.
//
// How it works. Values are heap nodes that senders make before they lock anything, linked in the order in which they
// were sent. In a channel without bound, small values that are copied like bytes share a block of memory instead
// (message_block.hpp). A bounded channel has permits, one for each value it has room for; sending takes one and
// receiving returns it, so senders wait in a permit_queue. All of it is under one short-lived std::mutex. The receiver
// of a channel without bound, where no permit is to be returned, takes all nodes that are there at once, and locks
// again when it has given them away.
//
// Thread safety. Any thread; the receiver's functions are called by one thread at a time.
//
// Invariants.
//   1. Permits in the pool, permits owned by senders or granted to them, and linked values add up to the capacity.
//   2. The receiver is told of the end when no value is there and none can come: no sender is left or it closed,
//      and no permit is owned. Whatever makes that true wakes it (Tokio #2854).
//   3. A value is in one place: with its sender, in the list, or with whom it was given to.
//   4. No node is made, destroyed or moved from, and no waker cloned, woken or dropped, with the mutex held; but for
//      values in a block, whose copying runs nobody's code.
#pragma once

#include "heddle/runtime/detail/message_block.hpp"
#include "heddle/runtime/detail/permit_queue.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace heddle::detail {

// What a value's node begins with.
struct mpsc_message {
  mpsc_message* next = nullptr;
};

// How values of a type become messages in a block.
struct block_format {
  std::size_t message_bytes;
  mpsc_message& (*copy)(void* place, message_block& home, const void* value) noexcept;
};

// What a receive says. Pending: nothing is there, and more may come.
enum class receive_status : std::uint8_t { pending, received, ended };

struct received_message {
  constexpr received_message(receive_status with, mpsc_message* node) noexcept : status(with), message(node) {}

  receive_status status;
  mpsc_message* message;  // the caller's, if received
};

class mpsc_core {
 public:
  // Made with one sender and the receiver. `capacity` of permits_max: without bound.
  explicit mpsc_core(permit_count capacity) noexcept : capacity_(capacity), permits_(capacity) {}
  mpsc_core(const mpsc_core&) = delete;
  mpsc_core& operator=(const mpsc_core&) = delete;
  ~mpsc_core();

  // Senders. Granted: the caller owns a permit, which it gives up with `send` or `return_permit`.
  [[nodiscard]] permit_status poll_reserve(permit_waiter& waiter, const waker& current) noexcept;
  [[nodiscard]] permit_status try_reserve() noexcept;
  void cancel(permit_waiter& waiter) noexcept;
  void return_permit() noexcept;
  // Takes a permit and uses it up, or waits for it. Only `granted` took the message.
  [[nodiscard]] permit_status poll_send(permit_waiter& waiter, mpsc_message& message, const waker& current) noexcept;
  // Uses up a permit. False: the receiver has gone, and the message is the caller's.
  [[nodiscard]] bool send(mpsc_message& message) noexcept;
  // Takes a permit and uses it up. Only `granted` took the message.
  [[nodiscard]] permit_status try_send(mpsc_message& message) noexcept;
  // Sends a copy of the value, in a block. Throws std::bad_alloc, with nothing sent. REQUIRES: without bound; all
  // values that are sent so have the same format.
  [[nodiscard]] permit_status try_send_copy(const block_format& format, const void* value);
  // True: the receiver closed or has gone. False: `current` is woken when that is so.
  [[nodiscard]] bool poll_closed(wait_node& waiter, const waker& current) noexcept;
  void cancel_closed(wait_node& waiter) noexcept;
  void add_sender() noexcept;
  // False: there is no sender, and there will be none.
  [[nodiscard]] bool try_add_sender() noexcept;
  void drop_sender() noexcept;

  // The receiver.
  [[nodiscard]] received_message poll_receive(wait_node& waiter, const waker& current) noexcept;
  // The same, but up to `count_max` at once, which is at least 1: a chain whose last `next` is null.
  [[nodiscard]] received_message poll_receive_many(wait_node& waiter, std::size_t count_max,
                                                   const waker& current) noexcept;
  [[nodiscard]] received_message try_receive() noexcept;
  void cancel_receive(wait_node& waiter) noexcept;
  // Makes later sends fail. Values that are there, and those of permits that are owned, can still be received.
  void close() noexcept;
  // Closes; the first of the values that were never received, which are the caller's.
  [[nodiscard]] mpsc_message* drop_receiver() noexcept;

  // Anybody.
  [[nodiscard]] bool is_closed() const noexcept;
  [[nodiscard]] std::size_t length() const noexcept;
  // How many sends would succeed now.
  [[nodiscard]] permit_count available() const noexcept;
  [[nodiscard]] permit_count capacity() const noexcept { return capacity_; }

 private:
  using unique_lock = std::unique_lock<std::mutex>;

  bool is_bounded() const noexcept { return capacity_ != permits_max; }
  [[nodiscard]] permit_status append_granted(mpsc_message& message, waker& receiver) noexcept;
  void append(mpsc_message& message) noexcept;
  [[nodiscard]] permit_status append_copy(const block_format& format, const void* value, waker& receiver) noexcept;
  [[nodiscard]] bool give_taken(received_message& result) noexcept;
  [[nodiscard]] bool take(received_message& result, waker& sender) noexcept;
  void take_all() noexcept;
  [[nodiscard]] bool take_many(received_message& result, std::size_t count_max) noexcept;
  [[nodiscard]] bool has_ended() const noexcept;
  [[nodiscard]] waker give_permit() noexcept;
  [[nodiscard]] waker receiver_to_wake() noexcept;
  [[nodiscard]] waker receiver_at_end() noexcept;
  void close_and_unlock(unique_lock& lock) noexcept;

  const permit_count capacity_;
  mutable std::mutex mutex_;
  // Under mutex_.
  permit_queue permits_;
  std::size_t senders_ = 1;
  std::size_t length_ = 0;  // of the list
  bool has_receiver_ = true;
  mpsc_message* first_ = nullptr;
  mpsc_message* last_ = nullptr;
  message_block* block_ = nullptr;  // for the next values, or none
  wait_list receivers_;             // at most one
  wait_list closed_;                // those who wait for the receiver to close

  // Of the receiver, if not bounded: what it took and has not given away. The number is read by others.
  mpsc_message* taken_ = nullptr;
  std::atomic<std::size_t> taken_length_{0};
};

}  // namespace heddle::detail
