// What the channels of many senders say when they do not send or receive.
//
// Thread safety. Plain values.
#pragma once

#include <cstdint>
#include <utility>

namespace heddle::mpsc {

// The receiver was dropped or closed; here is the value back.
template <class T>
class send_error {
 public:
  explicit send_error(T value) : value_(std::move(value)) {}

  T& value() & noexcept { return value_; }
  const T& value() const& noexcept { return value_; }
  T&& value() && noexcept { return std::move(value_); }

 private:
  T value_;
};

// The receiver was dropped or closed before there was room.
struct closed_error {
  friend constexpr bool operator==(closed_error, closed_error) noexcept = default;
};

enum class try_send_failure : std::uint8_t {
  full,    // no room now, or others wait for it
  closed,  // the receiver was dropped or closed
};

// Nothing was sent; here is the value back, and why.
template <class T>
class try_send_error : public send_error<T> {
 public:
  try_send_error(T value, try_send_failure why) : send_error<T>(std::move(value)), why_(why) {}

  try_send_failure why() const noexcept { return why_; }

 private:
  try_send_failure why_;
};

// Why there is no value: `empty` now, or for ever because all who could send have gone.
enum class try_recv_error : std::uint8_t { empty, disconnected };

}  // namespace heddle::mpsc
