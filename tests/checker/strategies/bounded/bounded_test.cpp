// What a search says of itself when it could not keep all schedules that were to come.
#include "strategies/bounded/bounded.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// Schedules of a program that makes one choice, until nothing is left.
std::uint64_t schedules_of_one_choice(bounded_strategy& strategy, std::uint32_t candidates) {
  std::uint64_t count = 0;
  for (; strategy.begin(count); ++count) static_cast<void>(strategy.choose(sim::choice_kind::test, candidates));
  return count;
}

TEST(BoundedStrategy, IsNoProofWhenSchedulesHadToBeDropped) {
  bounded_strategy roomy(bounded_strategy::counts::preemptions, 0, sim::granularity::sync, 4);
  EXPECT_EQ(schedules_of_one_choice(roomy, 5), 5U);
  EXPECT_TRUE(roomy.is_proof());
  bounded_strategy tight(bounded_strategy::counts::preemptions, 0, sim::granularity::sync, 3);
  EXPECT_EQ(schedules_of_one_choice(tight, 5), 4U);
  EXPECT_FALSE(tight.is_proof());
}

}  // namespace
}  // namespace heddle::check
