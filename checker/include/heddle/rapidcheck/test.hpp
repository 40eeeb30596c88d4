// HEDDLE_PROPERTY: a GoogleTest test whose arguments RapidCheck generates, and whose schedules are explored.
//
//     HEDDLE_PROPERTY(Account, KeepsTheSum, (std::vector<int> deposits, std::vector<int> withdrawals)) {
//       account tested;
//       std::thread other([&] { for (const int each : deposits) tested.deposit(each); });
//       for (const int each : withdrawals) tested.withdraw(each);
//       other.join();
//       RC_ASSERT(tested.balance() == sum_of(deposits) - sum_of(withdrawals));
//     }
//
// RC_ASSERT and its like, EXPECT_*, ASSERT_* and HEDDLE_CHECK fail the schedule; RC_PRE discards the input. For inputs
// from other generators than those of their types, see explore_property.
#pragma once

#include "heddle/gtest/test.hpp"
#include "heddle/rapidcheck/property.hpp"

#include <tuple>
#include <utility>

namespace heddle::check::detail {

// Explores a function with generated arguments, and adds a GoogleTest failure at the place if something was found.
template <typename Function>
void run_property(const options& chosen, Function function, const char* parameters, const char* file, int line) {
  const auto call = [function](auto&& arguments) {
    std::apply(function, std::forward<decltype(arguments)>(arguments));
  };
  report_to_gtest(explore_property(chosen, with_generated_arguments(function, parameters, call)), file, line);
}

}  // namespace heddle::check::detail

#define HEDDLE_PROPERTY_BODY_(suite, name) heddle_property_body_##suite##_##name

// The options come last: HEDDLE_PROPERTY_WITH(Suite, Name, (int a, int b), heddle::check::options{.schedules = 20})
// {...}
#define HEDDLE_PROPERTY_WITH(suite, name, parameters, ...)                                                         \
  static void HEDDLE_PROPERTY_BODY_(suite, name) parameters;                                                       \
  TEST(suite, name) {                                                                                              \
    ::heddle::check::detail::run_property(__VA_ARGS__, &HEDDLE_PROPERTY_BODY_(suite, name), #parameters, __FILE__, \
                                          __LINE__);                                                               \
  }                                                                                                                \
  static void HEDDLE_PROPERTY_BODY_(suite, name) parameters

// With property_options().
#define HEDDLE_PROPERTY(suite, name, parameters) \
  HEDDLE_PROPERTY_WITH(suite, name, parameters, ::heddle::check::property_options())
