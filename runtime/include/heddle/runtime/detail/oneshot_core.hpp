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
// A waker cell belongs to its end while its flag is 0; while it is 1, both only read it.
//
// The value and the sender's waker share their place, as a sender that has sent waits no more: who sends takes the
// waker back first. The place, and `content_` which says what is in it, belong to the sender until `sent`, then to the
// receiver. It comes with the type of the value (oneshot.hpp).
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

enum class oneshot_content : std::uint8_t { nothing, sender_waker, value };

class oneshot_core {
 public:
  oneshot_core() noexcept = default;
  oneshot_core(const oneshot_core&) = delete;
  oneshot_core& operator=(const oneshot_core&) = delete;

  // Sender. False: the receiver has closed; a stored value is the sender's again.
  [[nodiscard]] bool complete() noexcept;
  [[nodiscard]] bool is_closed() const noexcept;
  // Sender. False: `current` is woken when the receiver closes. A clone of it is at `cell` then.
  [[nodiscard]] bool poll_closed(waker* cell, const waker& current) noexcept;
  // Sender. True: the receiver does not read the sender's waker any more. False: it has closed, and may.
  [[nodiscard]] bool take_waker_back() noexcept;

  // Receiver. While it waits, `current` is woken when the sender is done.
  [[nodiscard]] oneshot_status poll(const waker& current) noexcept;
  // Receiver.
  [[nodiscard]] oneshot_status status() const noexcept;
  // Receiver. `sent`: the sender was done before. If not, its waker is at `cell` if it waits.
  oneshot_status close(const waker* cell) noexcept;

  // Either end, once. True: the other has gone too, and the caller destroys.
  [[nodiscard]] bool release() noexcept;

 protected:
  ~oneshot_core() = default;

  oneshot_content content_ = oneshot_content::nothing;  // see above

 private:
  static constexpr std::uint8_t sent = 1;
  static constexpr std::uint8_t closed = 2;
  static constexpr std::uint8_t waker_set = 4;
  static constexpr std::uint8_t sender_waker_set = 8;

  std::atomic<std::uint8_t> flags_{0};
  std::atomic<std::uint8_t> ends_{2};  // how many of sender and receiver exist
  waker receiver_;                     // see above
};

}  // namespace heddle::detail
