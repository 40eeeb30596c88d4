// Memory for several messages of one channel, so that a small value that is sent costs no allocation of its own.
//
// How it works. Room for 16 messages of one type, used one after the other by whoever sends next, under the channel's
// mutex, and given back by the receiver, in any order. Who gives back the last frees the block; one that is not used up
// when the channel ends is freed with that.
//
// Thread safety. `place_next`: under the mutex of the channel. `give_back`: the receiver.
//
// Limits. For values that are copied like bytes: as they are copied under the mutex, no code of a user's may run then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace heddle::detail {

// Aligned so that messages behind it are, too.
class alignas(__STDCPP_DEFAULT_NEW_ALIGNMENT__) message_block {
 public:
  static constexpr std::uint32_t count = 16;
  static constexpr std::size_t value_bytes_max = 64;

  // Room for messages of so many bytes, none of them used. Throws std::bad_alloc.
  static message_block& make(std::size_t message_bytes);
  message_block(const message_block&) = delete;
  message_block& operator=(const message_block&) = delete;
  // Frees a block whose used messages were all given back.
  void destroy() noexcept;

  // Where the next message is to be made. REQUIRES: not used up.
  [[nodiscard]] void* place_next() noexcept;
  [[nodiscard]] bool is_used_up() const noexcept { return used_ == count; }
  // One of its messages is no more. The last one frees the block.
  void give_back() noexcept;

 private:
  explicit message_block(std::uint32_t message_bytes) noexcept : message_bytes_(message_bytes) {}
  ~message_block() = default;

  std::size_t bytes() const noexcept { return sizeof(message_block) + std::size_t{count} * message_bytes_; }

  const std::uint32_t message_bytes_;
  std::uint32_t used_ = 0;      // under the mutex of the channel
  std::uint32_t left_ = count;  // not given back, or not used; of the receiver
};

// Whether values of T may travel in blocks.
template <class T>
inline constexpr bool fits_into_block =
    std::is_trivially_copyable_v<T> && std::is_trivially_copy_constructible_v<T> &&
    sizeof(T) <= message_block::value_bytes_max && alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace heddle::detail
