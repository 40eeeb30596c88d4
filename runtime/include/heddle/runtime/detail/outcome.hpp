// How a computation ended: with a value of T, or with an exception; or not yet.
//
// How it works. A union with a tag, by hand: std::variant's functions would be the user's code in a checked build (see
// runtime_code.hpp), and so would cost a call each.
//
// Thread safety: a plain value.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace heddle::detail {

struct unit {};

template <class T>
class outcome {
 public:
  using stored_type = std::conditional_t<std::is_void_v<T>, unit, T>;

  // No exception: g++ 12 warns of one that is not initialised, where it does not follow the tag.
  HEDDLE_INHERITS_CODE outcome() noexcept : error_() {}
  outcome(const outcome&) = delete;
  outcome& operator=(const outcome&) = delete;
  HEDDLE_INHERITS_CODE ~outcome() { reset(); }

  template <class... Args>
  HEDDLE_INHERITS_CODE void set_value(Args&&... args) {
    reset();
    if constexpr (!std::is_void_v<T>) ::new (static_cast<void*>(&value_)) stored_type(std::forward<Args>(args)...);
    held_ = held::value;
  }
  HEDDLE_INHERITS_CODE void set_exception(std::exception_ptr error) noexcept {
    reset();
    ::new (static_cast<void*>(&error_)) std::exception_ptr(std::move(error));
    held_ = held::exception;
  }
  // Moves what `other` holds here. Where the move of a value throws, its exception takes the place of the value.
  HEDDLE_INHERITS_CODE void take_over(outcome& other) noexcept {
    if (other.has_exception()) [[unlikely]] {
      set_exception(other.take_exception());
    } else if (other.is_set()) {
      take_value(other);
    }
  }
  // Destroys what is stored.
  HEDDLE_INHERITS_CODE void reset() noexcept {
    const held before = held_;
    held_ = held::nothing;
    if constexpr (!std::is_trivially_destructible_v<stored_type>) {
      if (before == held::value) value_.~stored_type();
    }
    if (before == held::exception) [[unlikely]]
      error_.~exception_ptr();
  }

  HEDDLE_INHERITS_CODE bool is_set() const noexcept { return held_ != held::nothing; }
  HEDDLE_INHERITS_CODE bool has_exception() const noexcept { return held_ == held::exception; }
  // REQUIRES: has_exception().
  std::exception_ptr take_exception() noexcept { return std::move(error_); }
  // The value, moved out, or the exception, rethrown. REQUIRES: is_set().
  HEDDLE_INHERITS_CODE T take() {
    HEDDLE_ASSERT(is_set(), "the result is taken before it exists");
    if (has_exception()) [[unlikely]]
      std::rethrow_exception(take_exception());
    if constexpr (!std::is_void_v<T>) return std::move(value_);
  }

 private:
  enum class held : std::uint8_t { nothing, value, exception };

  HEDDLE_INHERITS_CODE void take_value(outcome& other) noexcept {
    if constexpr (std::is_void_v<T>) {
      set_value();
    } else if constexpr (std::is_nothrow_move_constructible_v<T>) {
      set_value(std::move(other.value_));
    } else {
      try {
        set_value(std::move(other.value_));
      } catch (...) {
        set_exception(std::current_exception());
      }
    }
  }

  union {
    stored_type value_;
    std::exception_ptr error_;
  };
  held held_ = held::nothing;  // which member of the union is alive
};

}  // namespace heddle::detail
