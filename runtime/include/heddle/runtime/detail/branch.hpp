// A future inside a combinator: its own, which it can drop early, or one that belongs to somebody else.
//
// How it works. `branch<F>` owns an F until it is dropped; `branch<F&>` refers to one, and dropping it only lets go: an
// unfinished future given as an lvalue can be polled on afterwards. What yields void is stored as std::monostate.
//
// Thread safety. One thread at a time. A branch may be moved until it is first polled, as any future.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/future.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace heddle::detail {

template <class T>
using stored_output_t = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class F>
class branch {
 public:
  explicit branch(F&& future) noexcept(std::is_nothrow_move_constructible_v<F>)
      : future_(std::in_place, std::move(future)) {}

  poll_result<future_output_t<F>> poll(context& cx) {
    HEDDLE_ASSERT(future_.has_value(), "a combinator is polled after it was ready, or after it threw");
    return future_->poll(cx);
  }
  void drop() noexcept { future_.reset(); }

 private:
  std::optional<F> future_;
};

template <class F>
class branch<F&> {
 public:
  explicit branch(F& future) noexcept : future_(std::addressof(future)) {}

  poll_result<future_output_t<F>> poll(context& cx) {
    HEDDLE_ASSERT(future_ != nullptr, "a combinator is polled after it was ready, or after it threw");
    return future_->poll(cx);
  }
  void drop() noexcept { future_ = nullptr; }

 private:
  F* future_;
};

// A branch whose value is kept until the other branches have theirs.
template <class F>
class joined_branch {
  using output = future_output_t<F>;

 public:
  using stored = stored_output_t<output>;

  explicit joined_branch(F&& future) : branch_(std::forward<F>(future)) {}

  bool is_done() const noexcept { return value_.has_value(); }

  // Whether the value has come, now or before. The future is dropped when it has.
  bool advance(context& cx) {
    if (is_done()) return true;
    if constexpr (std::is_void_v<output>) {
      if (branch_.poll(cx).is_pending()) return false;
      value_.emplace();
    } else {
      poll_result<output> polled = branch_.poll(cx);
      if (polled.is_pending()) return false;
      value_.emplace(std::move(polled).value());
    }
    branch_.drop();
    return true;
  }

  // REQUIRES: is_done().
  stored& value() noexcept { return *value_; }

  void drop() noexcept { branch_.drop(); }

 private:
  branch<F> branch_;
  std::optional<stored> value_;
};

// A number in [0, bound), for who does not care which. Cheap, per thread, and the same in every run. REQUIRES: bound >
// 0.
[[nodiscard]] std::uint32_t arbitrary_below(std::uint32_t bound) noexcept;

}  // namespace heddle::detail
