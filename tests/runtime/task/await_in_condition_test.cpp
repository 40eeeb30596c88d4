// A co_await in a condition, of a coroutine without a variable: g++ 12 lays out its frame wrongly (docs/compilers.md).
#include "heddle/runtime.hpp"

#include <gtest/gtest.h>

namespace heddle {
namespace {

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ == 12
constexpr bool is_refused = true;
#else
constexpr bool is_refused = false;
#endif

task<bool> yes() {
  co_return true;
}

task<int> without_a_variable() {
  if (co_await yes()) co_return 1;
  co_return 0;
}

task<int> with_a_variable() {
  const bool answer = co_await yes();
  if (answer) co_return 1;
  co_return 0;
}

TEST(AwaitInACondition, OfACoroutineWithoutAVariableRunsOrIsRefused) {
  if (is_refused) {
    EXPECT_DEATH(static_cast<void>(without_a_variable()), "put the result of the co_await into a variable first");
    return;
  }
  runtime on = runtime::builder().current_thread().build();
  EXPECT_EQ(on.block_on(without_a_variable()), 1);
}

TEST(AwaitInACondition, OfACoroutineWithAVariableRuns) {
  runtime on = runtime::builder().current_thread().build();
  EXPECT_EQ(on.block_on(with_a_variable()), 1);
}

}  // namespace
}  // namespace heddle
