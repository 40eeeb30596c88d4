// Awaits several futures and goes on with the first that is ready; the others are dropped.
//
// How it works. All branches are polled by the awaiting task, which is where the coroutine resumes. As soon as
// one is ready, every branch that was given as an rvalue is destroyed, in the order of the arguments, and the result
// says which one it was. `select` begins at a branch of its choice each time it is polled, and so favours none;
// `select_biased` polls in the order of the arguments: the first ready one wins, and a branch that is always ready
// keeps those behind it from being looked at.
//
//     auto sleeping = heddle::sleep(std::chrono::seconds(1));
//     for (;;) {
//       auto first = co_await heddle::select(inbox.recv(), sleeping);  // `sleeping` goes on in the next round
//       if (first.is<1>()) break;
//       handle(std::move(first).get<0>());
//     }
//
// A branch given as an lvalue belongs to the caller and is not consumed: left unfinished it keeps its state, and can be
// awaited again, by the next select or by itself. One that was ready must not be polled again; `when(false, branch)`
// leaves it out. From 1 to 64 branches, of any types.
//
// Errors. The exception of a branch ends the select: the others are dropped, and it is rethrown.
//
// Cancellation. Dropping a select drops the branches it owns. It is as cancel-safe as its branches are: a branch
// that loses is dropped wherever it was suspended, and what it had achieved so far is lost unless it is kept
// as an lvalue.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/future.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace heddle {

namespace detail {

// What a handler returns that is called with a branch's value, or with nothing for void.
template <class Output, class Handler>
struct handler_result : std::invoke_result<Handler, Output> {};
template <class Handler>
struct handler_result<void, Handler> : std::invoke_result<Handler> {};
template <class Output, class Handler>
using handler_result_t = typename handler_result<Output, Handler>::type;

}  // namespace detail

// Which branch was ready, and its value. `Outputs` are what the branches yield, void included.
template <class... Outputs>
class [[nodiscard]] select_result {
  template <std::size_t I>
  using output = std::tuple_element_t<I, std::tuple<Outputs...>>;

 public:
  static constexpr std::size_t size = sizeof...(Outputs);

  // For select.
  template <std::size_t I, class... Args>
  explicit select_result(std::in_place_index_t<I> which, Args&&... args) : value_(which, std::forward<Args>(args)...) {}

  // The number of the branch, from 0.
  std::size_t index() const noexcept { return value_.index(); }
  // Whether it was branch I.
  template <std::size_t I>
  bool is() const noexcept {
    static_assert(I < size, "this select has fewer branches");
    return value_.index() == I;
  }

  // The value of branch I, nothing if it yields void. REQUIRES: is<I>().
  template <std::size_t I>
    requires(!std::is_void_v<output<I>>)
  output<I>& get() & {
    return *checked<I>();
  }
  template <std::size_t I>
    requires(!std::is_void_v<output<I>>)
  output<I>&& get() && {
    return std::move(*checked<I>());
  }
  template <std::size_t I>
    requires std::is_void_v<output<I>>
  void get() const {
    HEDDLE_ASSERT(is<I>(), "another branch of the select was ready; ask index() or is<I>() first");
  }

  // Calls the handler of the branch, one for each in their order, with its value as an rvalue, or with nothing for
  // void. Returns what it returns, in the common type of all.
  template <class... Handlers>
  auto match(Handlers&&... handlers) && {
    static_assert(sizeof...(Handlers) == size, "match takes one handler for each branch of the select");
    using returned = std::common_type_t<detail::handler_result_t<Outputs, Handlers>...>;
    return match_from<0, returned>(std::forward<Handlers>(handlers)...);
  }

 private:
  template <std::size_t I>
  output<I>* checked() noexcept {
    HEDDLE_ASSERT(is<I>(), "another branch of the select was ready; ask index() or is<I>() first");
    return std::get_if<I>(&value_);
  }

  template <std::size_t I, class Returned, class Handler, class... Handlers>
  Returned match_from(Handler&& handler, Handlers&&... handlers) {
    if constexpr (sizeof...(Handlers) > 0) {
      if (!is<I>()) return match_from<I + 1, Returned>(std::forward<Handlers>(handlers)...);
    }
    if constexpr (std::is_void_v<output<I>>) {
      return std::invoke(std::forward<Handler>(handler));
    } else {
      return std::invoke(std::forward<Handler>(handler), std::move(*checked<I>()));
    }
  }

  std::variant<detail::stored_output_t<Outputs>...> value_;
};

namespace detail {

inline constexpr std::size_t select_branches_max = 64;

// Where to begin: anywhere.
struct fair_order {
  static std::uint32_t first(std::uint32_t branches) noexcept {
    if (branches == 1) return 0;
    return hooks::choose(hooks::choice::select_order, branches, arbitrary_below(branches));
  }
};
// Where to begin: with the first.
struct argument_order {
  static std::uint32_t first(std::uint32_t) noexcept { return 0; }
};

}  // namespace detail

// Each of `Fs` is a future, or an lvalue reference to one.
template <class Order, future... Fs>
class [[nodiscard("a select does nothing until it is awaited")]] select_future {
  static_assert(sizeof...(Fs) >= 1, "a select needs a branch");
  static_assert(sizeof...(Fs) <= detail::select_branches_max,
                "a select has at most 64 branches; select_all takes a range");

 public:
  using result = select_result<future_output_t<Fs>...>;

  explicit select_future(std::in_place_t, Fs&&... branches) : branches_(std::forward<Fs>(branches)...) {}

  // REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    std::optional<result> won;
    try {
      poll_branches(cx, won, std::index_sequence_for<Fs...>());
    } catch (...) {
      drop_branches();
      throw;
    }
    if (!won.has_value()) {
      hooks::blocked_on("select", this);
      return pending;
    }
    drop_branches();
    return poll_result<result>(std::in_place, std::move(*won));
  }

 private:
  template <std::size_t... I>
  void poll_branches(context& cx, std::optional<result>& won, std::index_sequence<I...>) {
    constexpr auto count = static_cast<std::uint32_t>(sizeof...(Fs));
    std::uint32_t turn = Order::first(count);
    for (std::uint32_t polled = 0; polled < count && !won.has_value(); ++polled) {
      static_cast<void>(((I == turn && (poll_branch<I>(cx, won), true)) || ...));
      turn = turn + 1 == count ? 0 : turn + 1;
    }
  }

  template <std::size_t I>
  void poll_branch(context& cx, std::optional<result>& won) {
    using output = future_output_t<std::tuple_element_t<I, std::tuple<Fs...>>>;
    if constexpr (std::is_void_v<output>) {
      if (std::get<I>(branches_).poll(cx).is_ready()) won.emplace(std::in_place_index<I>);
    } else {
      poll_result<output> polled = std::get<I>(branches_).poll(cx);
      if (polled.is_ready()) won.emplace(std::in_place_index<I>, std::move(polled).value());
    }
  }

  void drop_branches() noexcept {
    std::apply([](auto&... each) { (each.drop(), ...); }, branches_);
  }

  std::tuple<detail::branch<Fs>...> branches_;
};

// Ready with the first branch that is ready; of several, any.
template <class... Fs>
  requires(future<Fs> && ...)
select_future<detail::fair_order, Fs...> select(Fs&&... branches) {
  return select_future<detail::fair_order, Fs...>(std::in_place, std::forward<Fs>(branches)...);
}

// Ready with the first branch that is ready; of several, the leftmost.
template <class... Fs>
  requires(future<Fs> && ...)
select_future<detail::argument_order, Fs...> select_biased(Fs&&... branches) {
  return select_future<detail::argument_order, Fs...>(std::in_place, std::forward<Fs>(branches)...);
}

// A branch that may be left out: never ready unless it is enabled. F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("a branch does nothing until it is awaited")]] when_future {
 public:
  when_future(bool is_enabled, F&& inner) : inner_(std::forward<F>(inner)), is_enabled_(is_enabled) {}

  poll_result<future_output_t<F>> poll(context& cx) {
    if (!is_enabled_) return pending;
    return inner_.poll(cx);
  }

 private:
  detail::branch<F> inner_;
  bool is_enabled_;
};

// `inner` if `is_enabled`; else a branch that is never ready, and `inner` is not polled. A select all of whose branches
// are left out waits forever.
template <class F>
  requires future<F>
when_future<F> when(bool is_enabled, F&& inner) {
  return when_future<F>(is_enabled, std::forward<F>(inner));
}

}  // namespace heddle
