// Awaits several futures at once, on one task, and goes on when all are ready.
//
// How it works. The awaiting task polls all branches that are not ready yet, beginning with another one at each poll,
// so that none has the others' budget. The coroutine resumes there, with a tuple of the values; what yields void gives
// std::monostate. Each branch's frame is destroyed when it is ready. This is concurrency without parallelism:
// spawn what shall run on other workers, and join the handles.
//
//     auto [name, age] = co_await heddle::join(read_name(), read_age());
//
// Errors. The first exception of a branch ends the join: the branches it owns are dropped, and it is rethrown. For
// errors that are values see try_join.
//
// Cancellation. Dropping a join drops its branches, and the values that had come. Branches given as lvalues are
// left alone; one that is not ready yet can be polled on.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/future.hpp"

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

namespace heddle {

namespace detail {

// The branches of join and try_join.
template <class... Fs>
class joined_branches {
 public:
  explicit joined_branches(std::in_place_t, Fs&&... branches) : branches_(std::forward<Fs>(branches)...) {}

  // Polls what is not ready, until a value that `stops` says true to; whether one did. Drops all when a branch throws.
  template <class Stops>
  bool advance(context& cx, Stops stops) {
    try {
      return advance_each(cx, stops, std::index_sequence_for<Fs...>());
    } catch (...) {
      drop();
      throw;
    }
  }

  bool is_done() const noexcept {
    return std::apply([](const auto&... each) { return (each.is_done() && ...); }, branches_);
  }

  // What `make` makes of all values. REQUIRES: is_done().
  template <class Make>
  auto take(Make make) {
    return std::apply([&make](auto&... each) { return make(each.value()...); }, branches_);
  }

  void drop() noexcept {
    std::apply([](auto&... each) { (each.drop(), ...); }, branches_);
  }

 private:
  template <class Stops, std::size_t... I>
  bool advance_each(context& cx, Stops& stops, std::index_sequence<I...>) {
    constexpr auto count = static_cast<std::uint32_t>(sizeof...(Fs));
    std::uint32_t turn = first_;
    first_ = first_ + 1 >= count ? 0 : first_ + 1;
    bool stopped = false;
    for (std::uint32_t polled = 0; polled < count && !stopped; ++polled) {
      static_cast<void>(((I == turn && (stopped = advance_one(std::get<I>(branches_), cx, stops), true)) || ...));
      turn = turn + 1 == count ? 0 : turn + 1;
    }
    return stopped;
  }

  template <class Branch, class Stops>
  static bool advance_one(Branch& each, context& cx, Stops& stops) {
    return !each.is_done() && each.advance(cx) && stops(each.value());
  }

  std::tuple<joined_branch<Fs>...> branches_;
  std::uint32_t first_ = 0;
};

}  // namespace detail

// Each of `Fs` is a future, or an lvalue reference to one.
template <future... Fs>
class [[nodiscard("a join does nothing until it is awaited")]] join_future {
 public:
  using result = std::tuple<detail::stored_output_t<future_output_t<Fs>>...>;

  explicit join_future(std::in_place_t, Fs&&... branches) : branches_(std::in_place, std::forward<Fs>(branches)...) {}

  // REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    static_cast<void>(branches_.advance(cx, [](const auto&) { return false; }));
    if (!branches_.is_done()) return pending;
    return branches_.take([](auto&... values) { return poll_result<result>(std::in_place, std::move(values)...); });
  }

 private:
  detail::joined_branches<Fs...> branches_;
};

// Ready with a tuple of all values.
template <class... Fs>
  requires(sizeof...(Fs) > 0 && (future<Fs> && ...))
join_future<Fs...> join(Fs&&... branches) {
  return join_future<Fs...>(std::in_place, std::forward<Fs>(branches)...);
}

}  // namespace heddle
