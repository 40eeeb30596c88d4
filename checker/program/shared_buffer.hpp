// Memory that a process shares with one forked from it: the child writes, and when it has ended the parent reads.
//
// How it works. A large reserved mapping; only pages written to exist. Values stand one after another without
// alignment, as the two processes are of one build. The size is kept in the memory itself, after each value, so
// that what a dying child wrote is there.
//
// Limit: capacity bytes; what does not fit is dropped, and the reader finds overflowed().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace heddle::check {

class shared_buffer {
 public:
  static constexpr std::size_t capacity = std::size_t{1} << 30;

  // Throws std::system_error.
  shared_buffer();
  shared_buffer(const shared_buffer&) = delete;
  shared_buffer& operator=(const shared_buffer&) = delete;
  ~shared_buffer();

  // Empties it. Gives back memory that a long text took.
  void clear() noexcept;
  bool overflowed() const noexcept { return head_->overflowed; }

  // --- the writer ---
  template <typename Value>
    requires std::is_trivially_copyable_v<Value>
  void put(const Value& value) noexcept {
    put_bytes(&value, sizeof value);
  }
  void put(std::string_view text) noexcept {
    put(static_cast<std::uint32_t>(text.size()));
    put_bytes(text.data(), text.size());
  }
  void put(const std::string& text) noexcept { put(std::string_view(text)); }

  // --- the reader ---
  bool at_end() const noexcept { return read_ == head_->size; }
  // REQUIRES: that was put there next; beyond the end, a value of zeros.
  template <typename Value>
    requires std::is_trivially_copyable_v<Value>
  Value get() noexcept {
    Value value{};
    get_bytes(&value, sizeof value);
    return value;
  }
  std::string get_text();

 private:
  struct head {
    std::size_t size;  // of what follows, in bytes
    bool overflowed;
  };
  static constexpr std::size_t kept = std::size_t{4} << 20;

  std::byte* content() noexcept { return reinterpret_cast<std::byte*>(head_ + 1); }
  void put_bytes(const void* bytes, std::size_t size) noexcept {
    if (size > capacity - sizeof(head) - head_->size) {
      head_->overflowed = true;
      return;
    }
    std::memcpy(content() + head_->size, bytes, size);
    head_->size += size;
  }
  void get_bytes(void* bytes, std::size_t size) noexcept {
    if (size > head_->size - read_) {
      read_ = head_->size;
      return;
    }
    std::memcpy(bytes, content() + read_, size);
    read_ += size;
  }

  head* head_;
  std::size_t read_ = 0;
};

}  // namespace heddle::check
