#include "heddle/check.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::Contains;
using testing::HasSubstr;

[[gnu::noinline]] void known_failure() {
  HEDDLE_CHECK(false && "known");
}
[[gnu::noinline]] void other_failure() {
  HEDDLE_CHECK(false && "other");
}

suppression known() {
  return {.kind = finding_kind::assertion, .function = "*known_failure", .reason = "it is the test's"};
}

// Of four schedules one fails as is known, and one in another way.
void fail_in_two_ways() {
  const std::size_t way = choose(4);
  if (way == 1) known_failure();
  if (way == 2) other_failure();
}

TEST(SuppressionsExplore, TheExplorationGoesOnAfterASuppressedFindingToAnotherOne) {
  const report all = explore({.strategy = exhaustive{}, .suppressions = {known()}}, fail_in_two_ways);
  ASSERT_EQ(all.findings.size(), 1U) << all.text();
  EXPECT_THAT(all.findings[0].message, HasSubstr("other"));
  ASSERT_EQ(all.suppressed.size(), 1U);
  EXPECT_EQ(all.suppressed[0].schedules, 1U);
  EXPECT_EQ(all.suppressed[0].by.reason, "it is the test's");
  const report plain = explore({.strategy = exhaustive{}}, fail_in_two_ways);
  EXPECT_THAT(plain.findings.at(0).message, HasSubstr("known"));
}

TEST(SuppressionsExplore, ItIsNoProofWhenSchedulesEndedInSuppressedFindings) {
  const report all = explore({.strategy = exhaustive{}, .suppressions = {known()}}, [] {
    if (choose(4) == 1) known_failure();
  });
  EXPECT_FALSE(all.failed()) << all.text();
  EXPECT_EQ(all.schedules, 4U);
  EXPECT_FALSE(all.proved);
  EXPECT_THAT(all.notices, Contains(HasSubstr("1 of 4 schedules ended with a suppressed assertion")));
}

TEST(SuppressionsExplore, OfADeadlockTheOtherSchedulesAreExplored) {
  const report all = explore(
      {.schedules = 50,
       .suppressions = {{.kind = finding_kind::deadlock, .file = "suppressions_explore_test.cpp", .reason = "known"}}},
      [] {
        std::mutex left;
        std::mutex right;
        std::thread other([&] {
          const std::lock_guard first(right);
          const std::lock_guard second(left);
        });
        {
          const std::lock_guard first(left);
          const std::lock_guard second(right);
        }
        other.join();
      });
  EXPECT_FALSE(all.failed()) << all.text();
  EXPECT_EQ(all.schedules, 50U);
  ASSERT_EQ(all.suppressed.size(), 1U);
  EXPECT_GT(all.suppressed[0].schedules, 0U);
  EXPECT_LT(all.suppressed[0].schedules, 50U);
}

TEST(SuppressionsExplore, OneThatHidNothingIsReported) {
  const report all = explore({.schedules = 3, .suppressions = {known()}}, [] {});
  EXPECT_FALSE(all.failed());
  EXPECT_THAT(all.notices, Contains(HasSubstr("the suppression `assertion function=*known_failure` matched nothing")));
  EXPECT_EQ(all.unused_suppressions.size(), 1U);
}

TEST(SuppressionsExplore, OneWithoutAReasonIsAnError) {
  suppression silent = known();
  silent.reason = "";
  const report all = explore({.suppressions = {silent}}, [] {});
  EXPECT_EQ(all.error, "options.suppressions: the suppression of assertion has no reason");
}

}  // namespace
}  // namespace heddle::check
