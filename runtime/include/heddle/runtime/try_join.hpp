// Awaits several futures of tl::expected at once, and goes on when all have values or one has an error.
//
// How it works. As join, whose header says more; but the first error ends it: the branches it owns are dropped at once,
// and the error is the result. Of several errors in one poll, the one that is polled first. The errors have one type.
//
//     tl::expected<std::tuple<page, page>, http_error> both = co_await heddle::try_join(fetch(a), fetch(b));
//
// A join_handle is such a future: try_join of handles gives the values or the first join_error. Losing handles are
// dropped, which detaches their tasks; to end them, use a join_set.
//
// Errors. An exception of a branch drops the others and is rethrown.
//
// Cancellation and thread safety: as join.
#pragma once

#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join.hpp"
#include "heddle/runtime/send.hpp"

#include <concepts>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle {

namespace detail {

template <class Output>
inline constexpr bool is_expected = false;
template <class T, class E>
inline constexpr bool is_expected<tl::expected<T, E>> = true;

template <class Output>
struct expected_parts;
template <class T, class E>
struct expected_parts<tl::expected<T, E>> {
  using value = stored_output_t<T>;
  using error = E;

  static value take(tl::expected<T, E>& from) {
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return std::move(*from);
    }
  }
};

}  // namespace detail

// A future that yields a value or an error.
template <class F>
concept fallible_future = future<F> && detail::is_expected<future_output_t<F>>;

// Each of `Fs` is a fallible future, or an lvalue reference to one.
template <fallible_future First, fallible_future... Rest>
class [[nodiscard("a try_join does nothing until it is awaited")]] try_join_future {
  template <class F>
  using parts = detail::expected_parts<future_output_t<F>>;

 public:
  using declare_send = declared_if<try_join_future, (send<First> && ... && send<Rest>)>;
  using error = typename parts<First>::error;
  using values = std::tuple<typename parts<First>::value, typename parts<Rest>::value...>;
  using result = tl::expected<values, error>;
  static_assert((std::same_as<error, typename parts<Rest>::error> && ...),
                "the branches of a try_join have one type of error; convert them with map_error");

  explicit try_join_future(std::in_place_t, First&& first, Rest&&... rest)
      : branches_(std::in_place, std::forward<First>(first), std::forward<Rest>(rest)...) {}

  // REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    std::optional<error> first;
    const bool failed = branches_.advance(cx, [&first](auto& output) {
      if (!output.has_value()) first.emplace(std::move(output.error()));
      return first.has_value();
    });
    if (failed) {
      branches_.drop();
      return poll_result<result>(std::in_place, tl::unexpect, std::move(*first));
    }
    if (!branches_.is_done()) return pending;
    return branches_.take([](auto&... outputs) {
      return poll_result<result>(
          std::in_place, values(detail::expected_parts<std::remove_reference_t<decltype(outputs)>>::take(outputs)...));
    });
  }

 private:
  detail::joined_branches<First, Rest...> branches_;
};

// Ready with a tuple of all values, or with the first error.
template <class... Fs>
  requires(sizeof...(Fs) > 0 && (fallible_future<Fs> && ...))
try_join_future<Fs...> try_join(Fs&&... branches) {
  return try_join_future<Fs...>(std::in_place, std::forward<Fs>(branches)...);
}

}  // namespace heddle
