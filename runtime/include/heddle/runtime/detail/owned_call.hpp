// A callable and its arguments, kept alive for as long as what they make needs them.
//
// How it works. `owned_call` calls a coroutine function at its first poll, with its own copies as rvalues
// (as std::thread does), and polls the task it returns. The copies outlive the task's frame, so parameters by
// reference and a lambda's captures stay valid. `blocking_call` calls a plain function and is ready at once.
//
// A coroutine keeps parameters that are values in its own frame. So a function without state all of whose parameters
// are values (`keeps_its_arguments`) needs nobody to keep anything, and no second block of memory. Values are send: a
// std::string_view of an argument is none.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/runtime/future.hpp"
#include "heddle/runtime/send.hpp"

#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace heddle::detail {

class frame;

template <class Signature>
inline constexpr bool takes_values = false;
template <class Result, class... Parameters>
inline constexpr bool takes_values<Result(Parameters...)> =
    ((!std::is_reference_v<Parameters> && send<Parameters>) && ...);

// The signature of a function pointer, or of a closure's call operator if there is one only.
template <class Member>
struct signature_of {};
template <class Result, class... Parameters>
struct signature_of<Result (*)(Parameters...)> : std::type_identity<Result(Parameters...)> {};
template <class Result, class... Parameters>
struct signature_of<Result (*)(Parameters...) noexcept> : std::type_identity<Result(Parameters...)> {};
template <class Closure, class Result, class... Parameters>
struct signature_of<Result (Closure::*)(Parameters...) const> : std::type_identity<Result(Parameters...)> {};
template <class Closure, class Result, class... Parameters>
struct signature_of<Result (Closure::*)(Parameters...) const noexcept> : std::type_identity<Result(Parameters...)> {};

template <class Function>
inline constexpr bool keeps_its_arguments = false;
template <class Function>
  requires requires { typename signature_of<Function>::type; }
inline constexpr bool keeps_its_arguments<Function> = takes_values<typename signature_of<Function>::type>;
template <class Function>
  requires(std::is_empty_v<Function> && requires { typename signature_of<decltype(&Function::operator())>::type; })
inline constexpr bool keeps_its_arguments<Function> =
    takes_values<typename signature_of<decltype(&Function::operator())>::type>;

template <class Function, class... Args>
class owned_call {
  using called = std::invoke_result_t<Function&&, Args&&...>;

 public:
  template <class F, class... As>
  explicit owned_call(std::in_place_t, F&& function, As&&... args)
      : function_(std::forward<F>(function)), args_(std::forward<As>(args)...) {}

  poll_result<future_output_t<called>> poll(context& cx) {
    if (!future_.has_value()) start();
    return future_->poll(cx);
  }

  // The frame of the coroutine that was called, null before that.
  const frame* chain() const noexcept
    requires requires(const called& future) { future.chain(); }
  {
    return future_.has_value() ? future_->chain() : nullptr;
  }

 private:
  // A helper type lets std::optional construct the result of the call in place, without a move.
  struct caller {
    owned_call* self;
    operator called() const {
      return std::apply(
          [this](Args&... args) -> called { return std::invoke(std::move(self->function_), std::move(args)...); },
          self->args_);
    }
  };
  void start() { future_.emplace(caller{this}); }

  Function function_;
  std::tuple<Args...> args_;
  std::optional<called> future_;  // last, so that the frame goes before what it refers to
};

template <class Function, class... Args>
class blocking_call {
  using called = std::invoke_result_t<Function&&, Args&&...>;
  static_assert(std::is_void_v<called> || std::is_object_v<called>, "a blocking closure returns a value or void");

 public:
  template <class F, class... As>
  explicit blocking_call(std::in_place_t, F&& function, As&&... args)
      : function_(std::forward<F>(function)), args_(std::forward<As>(args)...) {}

  poll_result<called> poll(context&) {
    const auto call = [this](Args&... args) -> called { return std::invoke(std::move(function_), std::move(args)...); };
    if constexpr (std::is_void_v<called>) {
      std::apply(call, args_);
      return ready;
    } else {
      return std::apply(call, args_);
    }
  }

 private:
  Function function_;
  std::tuple<Args...> args_;
};

}  // namespace heddle::detail
