// The rules of send, demanded where values cross to another task.
//
// How it works. A demand is the completion of `demanded_t<verdict>`, which is an error with a sentence if the verdict
// is broken (send_reasons.hpp). Here are the verdicts of each place, with the first step of the way.
//
// Coroutines. `coroutine_traits` of task and dyn_task names the parameters. A parameter may be borrowed, as a reference
// or a view, since the task may be awaited where it is made; what it refers to has to be send or sync. The closure of a
// lambda is incomplete when the traits are asked; then a promise of its own asks when the coroutine is made.
#pragma once

#include "heddle/runtime/detail/send_reasons.hpp"
#include "heddle/runtime/detail/send_rules.hpp"
#include "heddle/runtime/detail/send_runtime.hpp"
#include "heddle/runtime/send.hpp"

#include <coroutine>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace heddle::detail {

template <class Verdict>
constexpr void demand() {
  static_assert(sizeof(demanded_t<Verdict>) > 0);
}

template <template <class> class Step, class T>
using send_at = behind_t<verdict<question::send, T>, Step<T>>;
template <template <class> class Step, class T>
using shared_at = behind_t<shared_verdict<T>, Step<T>>;

// Of a parameter: what a view refers to counts, as with a reference.
template <class Parameter>
struct viewed {
  using type = Parameter;
};
template <class Char, class Traits>
struct viewed<std::basic_string_view<Char, Traits>> {
  using type = const Char&;
};
template <class T, std::size_t Extent>
struct viewed<std::span<T, Extent>> {
  using type = T&;
};
template <class T>
struct viewed<std::reference_wrapper<T>> {
  using type = T&;
};
template <class Parameter>
using viewed_t = typename viewed<std::remove_cvref_t<Parameter>>::type;
template <class Parameter>
using parameter_verdict =
    verdict<question::send, std::conditional_t<std::is_same_v<viewed_t<Parameter>, std::remove_cvref_t<Parameter>>,
                                               Parameter, viewed_t<Parameter>>>;

template <class Numbers, class... Parameters>
struct parameters_verdict;
template <std::size_t... Number, class... Parameters>
struct parameters_verdict<std::index_sequence<Number...>, Parameters...>
    : first_broken<behind_t<parameter_verdict<Parameters>, why::coroutine_parameter<Number + 1, Parameters>>...> {};
template <class... Parameters>
using parameters_verdict_t = typename parameters_verdict<std::index_sequence_for<Parameters...>, Parameters...>::type;

template <class Result, class... Parameters>
using coroutine_verdict =
    typename first_broken<send_at<why::result, Result>, parameters_verdict_t<Parameters...>>::type;

// Whether the answer may be other than it will be when the coroutine is made. Asked once for each type, at its traits.
template <class Parameter>
inline constexpr bool is_incomplete_at_traits = !requires { sizeof(std::remove_reference_t<Parameter>); };

// A promise that asks when the coroutine is made.
template <class Promise, class Result, class... Parameters>
class late_checking_promise final : public Promise {
 public:
  late_checking_promise() noexcept : Promise(std::coroutine_handle<late_checking_promise>::from_promise(*this)) {}

  // The type is named: to deduce it the compiler would look inside while the closure is incomplete.
  decltype(std::declval<Promise&>().get_return_object()) get_return_object() noexcept {
    demand<coroutine_verdict<Result, Parameters...>>();
    return Promise::get_return_object();
  }
};

template <class Promise, class Result, class... Parameters>
constexpr auto checked_promise() {
  if constexpr ((is_incomplete_at_traits<Parameters> || ...)) {
    return std::type_identity<late_checking_promise<Promise, Result, Parameters...>>{};
  } else {
    demand<coroutine_verdict<Result, Parameters...>>();
    return std::type_identity<Promise>{};
  }
}

// Base of the coroutine_traits of a task.
template <class Promise, class Result, class... Parameters>
struct send_checked_traits {
  using promise_type = typename decltype(checked_promise<Promise, Result, Parameters...>())::type;
};

// A function that runs on its own, and the arguments that it is called with.
template <class Numbers, class Function, class... Args>
struct call_verdict;
template <std::size_t... Number, class Function, class... Args>
struct call_verdict<std::index_sequence<Number...>, Function, Args...>
    : first_broken<send_at<why::spawned_function, Function>,
                   behind_t<verdict<question::send, Args>, why::spawned_argument<Number + 1, Args>>...> {};
template <class Function, class... Args>
using call_verdict_t = typename call_verdict<std::index_sequence_for<Args...>, Function, Args...>::type;

}  // namespace heddle::detail
