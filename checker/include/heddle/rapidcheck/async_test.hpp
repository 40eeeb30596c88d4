// HEDDLE_ASYNC_PROPERTY: as HEDDLE_PROPERTY, and the body is a coroutine, a task<> on a multi-thread runtime with two
// workers.
//
//     HEDDLE_ASYNC_PROPERTY(Pipe, LosesNothing, (std::vector<int> sent, unsigned capacity)) {
//       RC_PRE(capacity > 0U);
//       ...
//       co_await received;
//       RC_ASSERT(*received == sent);
//     }
//
// Parameters are those of a coroutine of tasks: values, not references (docs/send.md). RC_ASSERT fails the schedule in
// the body and in what it awaits; in a task that was spawned, it is an exception of that task.
#pragma once

#include "heddle/gtest/async_test.hpp"
#include "heddle/rapidcheck/test.hpp"

#include <tuple>
#include <utility>

namespace heddle::check::detail {

template <typename Function>
void run_async_property(const options& chosen, Function function, const char* parameters, const char* file, int line) {
  const auto call = [function](auto&& arguments) {
    auto around = runtime::builder().multi_thread().worker_threads(2).build();
    around.block_on(std::apply(function, std::forward<decltype(arguments)>(arguments)));
  };
  report_to_gtest(explore_property(chosen, with_generated_arguments(function, parameters, call)), file, line);
}

}  // namespace heddle::check::detail

#define HEDDLE_ASYNC_PROPERTY_WITH(suite, name, parameters, ...)                                               \
  static ::heddle::task<> HEDDLE_PROPERTY_BODY_(suite, name) parameters;                                       \
  TEST(suite, name) {                                                                                          \
    ::heddle::check::detail::run_async_property(__VA_ARGS__, &HEDDLE_PROPERTY_BODY_(suite, name), #parameters, \
                                                __FILE__, __LINE__);                                           \
  }                                                                                                            \
  static ::heddle::task<> HEDDLE_PROPERTY_BODY_(suite, name) parameters

#define HEDDLE_ASYNC_PROPERTY(suite, name, parameters) \
  HEDDLE_ASYNC_PROPERTY_WITH(suite, name, parameters, ::heddle::check::property_options())
