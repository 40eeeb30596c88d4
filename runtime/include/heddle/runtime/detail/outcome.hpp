// How a computation ended: with a value of T, or with an exception; or not yet.
// Thread safety: a plain value.
#pragma once

#include "heddle/runtime/assert.hpp"

#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace heddle::detail {

struct unit {};

template <class T>
class outcome {
 public:
  using stored_type = std::conditional_t<std::is_void_v<T>, unit, T>;

  template <class... Args>
  void set_value(Args&&... args) {
    state_.template emplace<1>(std::forward<Args>(args)...);
  }
  void set_exception(std::exception_ptr error) noexcept { state_.template emplace<2>(std::move(error)); }

  // Destroys what is stored.
  void reset() noexcept { state_.template emplace<0>(); }

  bool is_set() const noexcept { return state_.index() != 0; }
  bool has_exception() const noexcept { return state_.index() == 2; }
  std::exception_ptr take_exception() noexcept { return std::move(std::get<2>(state_)); }

  // The value, moved out, or the exception, rethrown. REQUIRES: is_set().
  T take() {
    HEDDLE_ASSERT(is_set(), "the result is taken before it exists");
    if (has_exception()) std::rethrow_exception(take_exception());
    if constexpr (!std::is_void_v<T>) return std::move(std::get<1>(state_));
  }

 private:
  std::variant<std::monostate, stored_type, std::exception_ptr> state_;
};

}  // namespace heddle::detail
