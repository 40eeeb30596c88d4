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
  for (std::uint64_t i = 1; i <= 9; ++i) seen.add(mix(i));
  EXPECT_EQ(seen.count(), 9U);
  EXPECT_FALSE(seen.at_least());
  for (std::uint64_t i = 10; i <= 20; ++i) seen.add(mix(i));
  EXPECT_EQ(seen.count(), 10U);
  EXPECT_TRUE(seen.at_least());
}

TEST(Distinct, EstimatesWhatIsUnseenByWhatWasSeenOnce) {
  distinct_schedules seen;
  for (std::uint64_t i = 0; i < 8; ++i) seen.add(mix(i));
  EXPECT_DOUBLE_EQ(seen.unseen(), 1.0);
  for (std::uint64_t i = 0; i < 4; ++i) seen.add(mix(i));
  EXPECT_DOUBLE_EQ(seen.unseen(), 4.0 / 12.0);
  for (std::uint64_t i = 0; i < 4; ++i) seen.add(mix(i));
  EXPECT_DOUBLE_EQ(seen.unseen(), 4.0 / 16.0);
  EXPECT_EQ(seen.count(), 8U);
  EXPECT_EQ(seen.last_new(), 7U);
  seen.add(mix(100));
  EXPECT_EQ(seen.last_new(), 16U);
}

// The estimate is what it is for: of 1,000 kinds that are equally likely, as many as were not drawn.
TEST(Distinct, EstimatesTheShareThatIsMissing) {
  distinct_schedules seen;
  generator numbers(7);
  constexpr std::uint32_t kinds = 1000;
  for (int i = 0; i < 1500; ++i) seen.add(mix(below(numbers.next(), kinds)));
  const double missing = 1.0 - static_cast<double>(seen.count()) / kinds;
  EXPECT_NEAR(seen.unseen(), missing, 0.05);
}

TEST(Distinct, OfNothingIsZero) {
  EXPECT_EQ(distinct_schedules().count(), 0U);
  EXPECT_DOUBLE_EQ(distinct_schedules().unseen(), 1.0);
}

}  // namespace
}  // namespace heddle::check
