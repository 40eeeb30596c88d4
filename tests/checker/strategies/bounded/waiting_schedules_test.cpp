// The order in which schedules are taken, and that each is still the one that was put there.
#include "strategies/bounded/waiting_schedules.hpp"

#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr deviation at(std::uint32_t question, std::uint32_t answer) {
  return {question, answer, question};
}

struct taken {
  bool any = false;
  deviations schedule;
  std::uint32_t preemptions = 0;
};
taken take(waiting_schedules& from) {
  taken result;
  result.any = from.take(result.schedule, result.preemptions);
  return result;
}

TEST(WaitingSchedules, BeginWithTheUsualOne) {
  waiting_schedules waiting(2);
  EXPECT_EQ(waiting.size(), 1U);
  const taken first = take(waiting);
  EXPECT_TRUE(first.any);
  EXPECT_THAT(first.schedule, IsEmpty());
  EXPECT_FALSE(take(waiting).any);
}

TEST(WaitingSchedules, AreTakenByTheirPreemptionsAndTheLastOfThoseFirst) {
  waiting_schedules waiting(2);
  take(waiting);
  waiting.add(at(1, 1), 2);
  waiting.add(at(2, 1), 1);
  waiting.add(at(3, 1), 1);
  const taken first = take(waiting);
  EXPECT_THAT(first.schedule, ElementsAre(at(3, 1)));
  EXPECT_EQ(first.preemptions, 1U);
  EXPECT_THAT(take(waiting).schedule, ElementsAre(at(2, 1)));
  EXPECT_EQ(take(waiting).preemptions, 2U);
}

TEST(WaitingSchedules, DeviateFromTheOneThatWasTakenBefore) {
  waiting_schedules waiting(1);
  take(waiting);
  waiting.add(at(1, 1), 0);
  waiting.add(at(2, 1), 0);
  EXPECT_THAT(take(waiting).schedule, ElementsAre(at(2, 1)));
  waiting.add(at(5, 3), 0);
  waiting.add(at(6, 2), 1);
  EXPECT_THAT(take(waiting).schedule, ElementsAre(at(2, 1), at(5, 3)));
  EXPECT_THAT(take(waiting).schedule, ElementsAre(at(1, 1)));
  waiting.add(at(7, 1), 0);
  EXPECT_THAT(take(waiting).schedule, ElementsAre(at(1, 1), at(7, 1)));
  EXPECT_THAT(take(waiting).schedule, ElementsAre(at(2, 1), at(6, 2)));
  EXPECT_EQ(waiting.size(), 0U);
}

// The places of those that are done with are used again while others keep theirs.
TEST(WaitingSchedules, KeepTheirDeviationsWhileOthersComeAndGo) {
  waiting_schedules waiting(0);
  take(waiting);
  waiting.add(at(1, 1), 0);
  for (std::uint32_t round = 0; round < 100; ++round) {
    waiting.add(at(2, round), 0);
    ASSERT_THAT(take(waiting).schedule, testing::SizeIs(round + 1));
  }
  const taken last = take(waiting);
  EXPECT_THAT(last.schedule, ElementsAre(at(1, 1)));
}

}  // namespace
}  // namespace heddle::check
