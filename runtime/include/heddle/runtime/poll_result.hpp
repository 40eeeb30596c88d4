// What one poll of a future says: pending, or ready with a value.
//
// How it works. `poll_result<T>` is an optional with the vocabulary of the poll protocol. A future
// returns `heddle::pending` after it has arranged for its context's waker to be woken, or a value once.
//
// Thread safety. A plain value.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace heddle {

// The answer "not yet": the waker of the polled context will be woken when polling again makes sense.
struct pending_t {
  explicit constexpr pending_t() = default;
};
inline constexpr pending_t pending{};

// The answer "done" of a future without a value.
struct ready_t {
  explicit constexpr ready_t() = default;
};
inline constexpr ready_t ready{};

// The result of polling a future of T.
template <class T = void>
class [[nodiscard]] poll_result {
  static_assert(std::is_object_v<T>, "a future yields a value or void; for a reference, yield a pointer");

 public:
  using value_type = T;

  poll_result(pending_t) noexcept {}
  template <class U = T>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, poll_result>)
  poll_result(U&& value) : value_(std::forward<U>(value)) {}

  // A value made in place from `args`.
  template <class... Args>
    requires std::constructible_from<T, Args...>
  explicit poll_result(std::in_place_t, Args&&... args) : value_(std::in_place, std::forward<Args>(args)...) {}

  bool is_ready() const noexcept { return value_.has_value(); }
  bool is_pending() const noexcept { return !value_.has_value(); }

  // The value. REQUIRES: is_ready().
  T& value() & {
    HEDDLE_ASSERT(is_ready(), "a pending poll_result has no value");
    return *value_;
  }
  T&& value() && {
    HEDDLE_ASSERT(is_ready(), "a pending poll_result has no value");
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class [[nodiscard]] poll_result<void> {
 public:
  using value_type = void;

  HEDDLE_INHERITS_CODE constexpr poll_result(pending_t) noexcept : ready_(false) {}
  HEDDLE_INHERITS_CODE constexpr poll_result(ready_t) noexcept : ready_(true) {}

  HEDDLE_INHERITS_CODE constexpr bool is_ready() const noexcept { return ready_; }
  HEDDLE_INHERITS_CODE constexpr bool is_pending() const noexcept { return !ready_; }

 private:
  bool ready_;
};

}  // namespace heddle
