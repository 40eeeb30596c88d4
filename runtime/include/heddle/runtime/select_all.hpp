// Select over a range of futures of one type: the first that is ready, and its number.
//
// How it works. `select_all(range)` moves the futures out of an rvalue range, or refers to those of an lvalue range,
// polls them beginning at any of them, and is ready with the first that is; those it owns are dropped then.
//
//     auto first = co_await heddle::select_all(connections);  // an lvalue: the others go on in the next round
//     use(first.index(), first.value());
//
// Errors, cancellation, thread safety: as select. REQUIRES: the range is not empty.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_all.hpp"
#include "heddle/runtime/select.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle {

// Which future was ready, and its value.
template <class T>
class [[nodiscard]] select_all_result {
 public:
  // For select_all.
  template <class... Args>
  explicit select_all_result(std::size_t index, Args&&... args) : index_(index), value_(std::forward<Args>(args)...) {}

  // The position in the range, from 0.
  std::size_t index() const noexcept { return index_; }
  // What the future yielded; std::monostate for void.
  detail::stored_output_t<T>& value() & noexcept { return value_; }
  detail::stored_output_t<T>&& value() && noexcept { return std::move(value_); }

 private:
  std::size_t index_;
  detail::stored_output_t<T> value_;
};

// F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("a select does nothing until it is awaited")]] select_all_future {
  using output = future_output_t<F>;

 public:
  using result = select_all_result<output>;

  template <class Range>
  explicit select_all_future(std::in_place_t, Range&& range) {
    for (auto&& each : range) {
      if constexpr (std::is_reference_v<F>) {
        branches_.emplace_back(each);
      } else {
        branches_.emplace_back(F(std::move(each)));
      }
    }
    HEDDLE_ASSERT(!branches_.empty() && branches_.size() <= std::numeric_limits<std::uint32_t>::max(),
                  "select_all takes a range of 1 to 2^32 - 1 futures");
  }

  // REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    HEDDLE_ASSERT(!branches_.empty(), "a combinator is polled after it was ready, or after it threw");
    std::optional<result> won;
    try {
      poll_branches(cx, won);
    } catch (...) {
      branches_.clear();
      throw;
    }
    if (!won.has_value()) {
      hooks::blocked_on("select_all", this);
      return pending;
    }
    branches_.clear();
    return poll_result<result>(std::in_place, std::move(*won));
  }

 private:
  void poll_branches(context& cx, std::optional<result>& won) {
    const auto count = static_cast<std::uint32_t>(branches_.size());
    std::uint32_t turn = detail::fair_order::first(count);
    for (std::uint32_t polled = 0; polled < count && !won.has_value(); ++polled) {
      if constexpr (std::is_void_v<output>) {
        if (branches_[turn].poll(cx).is_ready()) won.emplace(turn);
      } else {
        poll_result<output> one = branches_[turn].poll(cx);
        if (one.is_ready()) won.emplace(turn, std::move(one).value());
      }
      turn = turn + 1 == count ? 0 : turn + 1;
    }
  }

  std::vector<detail::branch<F>> branches_;  // not moved once polled
};

// Ready with the first future of `range` that is ready; of several, any.
template <detail::range_of_futures Range>
select_all_future<detail::range_branch_t<Range>> select_all(Range&& range) {
  return select_all_future<detail::range_branch_t<Range>>(std::in_place, std::forward<Range>(range));
}

}  // namespace heddle
