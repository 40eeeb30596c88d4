#include "explore/distinct.hpp"

#include "strategies/generator.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

TEST(Distinct, CountsEachHashOnce) {
  distinct_schedules seen;
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 100'000; ++i) seen.add(mix(i));
  }
  EXPECT_EQ(seen.count(), 100'000U);
  EXPECT_FALSE(seen.at_least());
}

TEST(Distinct, CountsTheSameWhenItKnowsHowManyToExpect) {
  for (const std::uint64_t expected : {1ULL, 1000ULL, 5000ULL, ~0ULL}) {
    distinct_schedules seen(expected);
    for (std::uint64_t i = 0; i < 5000; ++i) seen.add(mix(i % 4000));
    EXPECT_EQ(seen.count(), 4000U) << expected;
  }
}

TEST(Distinct, CountsHashesThatCollideInEverySlot) {
  distinct_schedules seen;
  for (std::uint64_t i = 0; i < 1000; ++i) seen.add(i << 40);
  EXPECT_EQ(seen.count(), 1000U);
}

TEST(Distinct, StopsCountingAtItsLimitAndSaysSo) {
  distinct_schedules seen(0, 10);
  for (std::uint64_t i = 1; i <= 9; ++i) seen.add(i);
  EXPECT_EQ(seen.count(), 9U);
  EXPECT_FALSE(seen.at_least());
  for (std::uint64_t i = 10; i <= 20; ++i) seen.add(i);
  EXPECT_EQ(seen.count(), 10U);
  EXPECT_TRUE(seen.at_least());
}

TEST(Distinct, OfNothingIsZero) {
  EXPECT_EQ(distinct_schedules().count(), 0U);
}

}  // namespace
}  // namespace heddle::check
