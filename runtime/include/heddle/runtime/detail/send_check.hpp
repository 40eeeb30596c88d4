// The rules of send, demanded where values cross to another task.
//
// How it works. A demand is the completion of `demanded_t<verdict>`, which is an error with a sentence if the verdict
// is broken (send_reasons.hpp). Here are the verdicts of each place, with the first step of the way. Whether all types
// hold is asked first, once for each type in a file; the verdict on a place is made when one does not.
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

// 0 leaves the rules unenforced, in the whole program alike: to see what they cost, or to bring in a program step by
// step. The concepts answer as ever.
#ifndef HEDDLE_SEND_CHECKS
#define HEDDLE_SEND_CHECKS 1
#endif
inline constexpr bool send_is_checked = HEDDLE_SEND_CHECKS != 0;

template <class Verdict>
constexpr void demand() {
  if constexpr (send_is_checked)
    static_assert(sizeof(demanded_t<Verdict>) > 0);  // NOLINT(bugprone-sizeof-expression): makes the type
}

template <template <class> class Step, class T>
using send_at = behind_t<verdict<question::send, T>, Step<T>>;
template <template <class> class Step, class T>
using shared_at = behind_t<shared_verdict<T>, Step<T>>;

// What is asked of a parameter: of a view, what it refers to counts, as with a reference.
template <class Parameter>
struct asked_of {
  using type = Parameter;
};
template <class Char, class Traits>
struct asked_of<std::basic_string_view<Char, Traits>> {
  using type = const Char&;
};
template <class T, std::size_t Extent>
struct asked_of<std::span<T, Extent>> {
  using type = T&;
};
template <class T>
struct asked_of<std::reference_wrapper<T>> {
  using type = T&;
};
template <class View>
struct asked_of<const View> : asked_of<View> {};
// A reference to a view says no more than the view.
template <class Parameter>
concept is_view = !std::is_same_v<typename asked_of<Parameter>::type, std::remove_cv_t<Parameter>>;
template <is_view View>
struct asked_of<View&> : asked_of<View> {};
template <is_view View>
struct asked_of<View&&> : asked_of<View> {};

template <class Parameter>
using parameter_verdict = verdict<question::send, typename asked_of<Parameter>::type>;

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

// What is known of parameters at the coroutine's traits, as bits. A class that is incomplete there is a closure, or
// declared only.
inline constexpr unsigned all_hold = 0;
inline constexpr unsigned one_is_broken = 1;
inline constexpr unsigned one_is_incomplete = 2;
template <class Parameter>
constexpr unsigned answer_early() {
  if constexpr (!complete<std::remove_reference_t<Parameter>>) {
    return one_is_incomplete;
  } else {
    return is_held<parameter_verdict<Parameter>> ? all_hold : one_is_broken;
  }
}
// Asked once of each type.
template <class Parameter>
inline constexpr unsigned early_answer = answer_early<Parameter>();

// A promise that asks when the coroutine is made.
template <class Promise, class Result, class... Parameters>
class late_checking_promise final : public Promise {
 public:
  // The type is named: to deduce it the compiler would look inside while the closure is incomplete.
  decltype(std::declval<Promise&>().get_return_object()) get_return_object() noexcept {
    demand<coroutine_verdict<Result, Parameters...>>();
    return Promise::get_return_object();
  }
};

// By the answer: one that is incomplete comes before one that is broken.
template <unsigned Answer>
struct promise_for {
  template <class Promise, class Result, class... Parameters>
  using type = late_checking_promise<Promise, Result, Parameters...>;
};
// Its completion is the error.
template <class Promise, class Result, class... Parameters>
struct refused {
  // NOLINTNEXTLINE(bugprone-sizeof-expression): makes the type
  static_assert(sizeof(demanded_t<coroutine_verdict<Result, Parameters...>>) > 0);
  using type = Promise;
};
template <>
struct promise_for<one_is_broken> {
  template <class Promise, class Result, class... Parameters>
  using type = typename refused<Promise, Result, Parameters...>::type;
};
template <>
struct promise_for<all_hold> {
  template <class Promise, class, class...>
  using type = Promise;
};

template <class Result, class... Parameters>
inline constexpr unsigned answer_for_coroutine =
    ((is_held<verdict<question::send, Result>> ? all_hold : one_is_broken) | ... | early_answer<Parameters>);

// Base of the coroutine_traits of a task.
template <class Promise, class Result, class... Parameters>
struct send_checked_traits {
#if HEDDLE_SEND_CHECKS
  using promise_type =
      typename promise_for<answer_for_coroutine<Result, Parameters...>>::template type<Promise, Result, Parameters...>;
#else
  using promise_type = Promise;
#endif
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
