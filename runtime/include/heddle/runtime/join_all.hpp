// Join and try_join over a range of futures of one type, whose number is known at run time.
//
// How it works. `join_all(range)` moves the futures out of an rvalue range, or refers to those of an lvalue range, and
// is ready with a vector of their values in the range's order; `try_join_all` stops at the first error. The awaiting
// task polls every future that is not ready each time it is woken. That is the cheapest for some tens of futures;
// for thousands use a join_set, whose tasks are woken one by one.
//
//     std::vector<heddle::task<int>> parts = ...;
//     std::vector<int> values = co_await heddle::join_all(std::move(parts));
//
// Errors, cancellation, thread safety: as join. The result of futures of void is void, or tl::expected<void, E>.
// An empty range is ready at once.
#pragma once

#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/send.hpp"
#include "heddle/runtime/try_join.hpp"

#include <cstddef>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace heddle {

namespace detail {

// The type of a branch made of an element: the future, or a reference to it where the range is not given away.
template <class Range>
using range_branch_t = std::conditional_t<std::is_lvalue_reference_v<Range>, std::ranges::range_reference_t<Range>,
                                          std::ranges::range_value_t<Range>>;

template <class Range>
concept range_of_futures =
    std::ranges::input_range<Range> && future<range_branch_t<Range>> &&
    (!std::is_lvalue_reference_v<Range> || std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>>);

// F is a future, or an lvalue reference to one.
template <class F>
class joined_range {
 public:
  template <class Range>
  explicit joined_range(std::in_place_t, Range&& range) {
    if constexpr (std::ranges::sized_range<Range>) {
      branches_.reserve(static_cast<std::size_t>(std::ranges::size(range)));
    }
    for (auto&& each : range) {
      if constexpr (std::is_reference_v<F>) {
        branches_.emplace_back(each);
      } else {
        branches_.emplace_back(F(std::move(each)));
      }
    }
  }

  // As joined_branches::advance; also whether all are done.
  template <class Stops>
  bool advance(context& cx, bool& all_done, Stops stops) {
    try {
      const std::size_t count = branches_.size();
      std::size_t turn = first_;
      first_ = first_ + 1 >= count ? 0 : first_ + 1;
      all_done = true;
      for (std::size_t polled = 0; polled < count; ++polled) {
        joined_branch<F>& each = branches_[turn];
        turn = turn + 1 == count ? 0 : turn + 1;
        if (each.is_done()) continue;
        if (!each.advance(cx)) {
          all_done = false;
        } else if (stops(each.value())) {
          return true;
        }
      }
      return false;
    } catch (...) {
      drop();
      throw;
    }
  }

  std::vector<joined_branch<F>>& branches() noexcept { return branches_; }
  void drop() noexcept { branches_.clear(); }

 private:
  std::vector<joined_branch<F>> branches_;  // not moved once polled
  std::size_t first_ = 0;
};

}  // namespace detail

// F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("a join does nothing until it is awaited")]] join_all_future {
  using output = future_output_t<F>;

 public:
  using result = std::conditional_t<std::is_void_v<output>, void, std::vector<detail::stored_output_t<output>>>;

  template <class Range>
  explicit join_all_future(std::in_place_t, Range&& range) : range_(std::in_place, std::forward<Range>(range)) {}

  // REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    bool all_done = false;
    static_cast<void>(range_.advance(cx, all_done, [](const auto&) { return false; }));
    if (!all_done) return pending;
    if constexpr (std::is_void_v<output>) {
      return ready;
    } else {
      result values;
      values.reserve(range_.branches().size());
      for (auto& each : range_.branches()) values.push_back(std::move(each.value()));
      return values;
    }
  }

 private:
  detail::joined_range<F> range_;
};

// F is a fallible future, or an lvalue reference to one.
template <fallible_future F>
class [[nodiscard("a try_join does nothing until it is awaited")]] try_join_all_future {
  using output = future_output_t<F>;
  using value = typename output::value_type;

 public:
  using declare_send = declared_if<try_join_all_future, send<F>>;
  using error = typename output::error_type;
  using values = std::conditional_t<std::is_void_v<value>, void, std::vector<detail::stored_output_t<value>>>;
  using result = tl::expected<values, error>;

  template <class Range>
  explicit try_join_all_future(std::in_place_t, Range&& range) : range_(std::in_place, std::forward<Range>(range)) {}

  // REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    bool all_done = false;
    std::optional<error> first;
    const bool failed = range_.advance(cx, all_done, [&first](auto& each) {
      if (!each.has_value()) first.emplace(std::move(each.error()));
      return first.has_value();
    });
    if (failed) {
      range_.drop();
      return poll_result<result>(std::in_place, tl::unexpect, std::move(*first));
    }
    if (!all_done) return pending;
    if constexpr (std::is_void_v<value>) {
      return poll_result<result>(std::in_place);
    } else {
      values all;
      all.reserve(range_.branches().size());
      for (auto& each : range_.branches()) all.push_back(std::move(*each.value()));
      return poll_result<result>(std::in_place, std::move(all));
    }
  }

 private:
  detail::joined_range<F> range_;
};

// Ready with the values of all futures of `range`.
template <detail::range_of_futures Range>
join_all_future<detail::range_branch_t<Range>> join_all(Range&& range) {
  return join_all_future<detail::range_branch_t<Range>>(std::in_place, std::forward<Range>(range));
}

// Ready with the values of all futures of `range`, or with the first error.
template <detail::range_of_futures Range>
  requires fallible_future<detail::range_branch_t<Range>>
try_join_all_future<detail::range_branch_t<Range>> try_join_all(Range&& range) {
  return try_join_all_future<detail::range_branch_t<Range>>(std::in_place, std::forward<Range>(range));
}

}  // namespace heddle
