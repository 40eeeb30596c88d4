// The state that the two ends of a oneshot channel share, but for the value.
//
// How it works. One atomic word of flags:
//
//   sent       the sender is done: it stored a value, or was dropped without one. Set once, by the sender, and
//              only while `closed` is 0, so that sender and receiver never both own the value (Tokio #4226).
//   closed     the receiver wants no value any more. Set once, by the receiver.
//   waker_set  the receiver's waker cell is filled, and may be read by the sender when it sets `sent`.
//   sender_waker_set  the same of the sender's, which the receiver may read when it sets `closed`.
//
// The value belongs to the sender until `sent`, then to the receiver. A waker cell belongs to its end while its flag is
// 0; while it is 1, both only read it.
//
// Thread safety. Sender's functions: its thread. Receiver's: its thread.
//
// Algorithm: Tokio, sync/oneshot.rs.
#pragma once

#include "heddle/runtime/waker.hpp"

#include <atomic>
#include <cstdint>

namespace heddle::detail {

enum class oneshot_status : std::uint8_t { waiting, sent, closed };

class oneshot_core {
 public:
  oneshot_core() noexcept = default;
  oneshot_core(const oneshot_core&) = delete;
  oneshot_core& operator=(const oneshot_core&) = delete;

  // Sender. False: the receiver has closed; a stored value is the sender's again.
  [[nodiscard]] bool complete() noexcept;
  [[nodiscard]] bool is_closed() const noexcept;
  // Sender. False: `current` is woken when the receiver closes.
  [[nodiscard]] bool poll_closed(const waker& current) noexcept;

  // Receiver. While it waits, `current` is woken when the sender is done.
  [[nodiscard]] oneshot_status poll(const waker& current) noexcept;
  // Receiver.
  [[nodiscard]] oneshot_status status() const noexcept;
  // Receiver. `sent`: the sender was done before.
  oneshot_status close() noexcept;

  // Either end, once. True: the other has gone too, and the caller destroys.
  [[nodiscard]] bool release() noexcept;

 private:
  static constexpr std::uint8_t sent = 1;
  static constexpr std::uint8_t closed = 2;
  static constexpr std::uint8_t waker_set = 4;
  static constexpr std::uint8_t sender_waker_set = 8;

  std::atomic<std::uint8_t> flags_{0};
  std::atomic<std::uint8_t> ends_{2};  // how many of sender and receiver exist
  waker receiver_;                     // see above
  waker sender_;                       // see above
};

}  // namespace heddle::detail
