#include "strategies/lockstep.hpp"

#include "point.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::ElementsAre;

// The threads that `length` decisions choose, each the one that runs from then on.
std::vector<sim::thread_id> choices(lockstep_strategy& strategy, point_of& point, std::size_t length) {
  std::vector<sim::thread_id> chosen;
  for (std::size_t i = 0; i < length; ++i, ++point.point.step) {
    chosen.push_back(strategy.choose_thread(point.point));
    point.point.current = chosen.back();
    point.point.current_runnable = true;
  }
  return chosen;
}

TEST(Lockstep, TheYoungestComesFirstAndEachHasOneDecision) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    lockstep_strategy strategy(seed);
    ASSERT_TRUE(strategy.begin(0));
    point_of point(3);
    EXPECT_THAT(choices(strategy, point, 7), ElementsAre(2U, 1U, 0U, 2U, 1U, 0U, 2U));
  }
}

TEST(Lockstep, ToStartIsNoTurn) {
  lockstep_strategy strategy(1);
  ASSERT_TRUE(strategy.begin(0));
  point_of point(2, 0);
  point.next[1].kind = sim::operation_kind::thread_start;
  EXPECT_THAT(choices(strategy, point, 1), ElementsAre(1U));
  point.next[1].kind = sim::operation_kind::mutex_lock;
  EXPECT_THAT(choices(strategy, point, 3), ElementsAre(1U, 0U, 1U));
}

TEST(Lockstep, PassesOverThreadsThatCannotRun) {
  lockstep_strategy strategy(1);
  ASSERT_TRUE(strategy.begin(0));
  point_of point(5, 3);
  point.point.current_runnable = false;
  point.only({0, 1, 4});
  EXPECT_THAT(choices(strategy, point, 4), ElementsAre(1U, 0U, 4U, 1U));
}

TEST(Lockstep, GoesOnAtRandomAfterSoManyDecisions) {
  lockstep_strategy strategy(1);
  random_strategy random(1);
  ASSERT_TRUE(strategy.begin(0));
  ASSERT_TRUE(random.begin(0));
  point_of point(4, 0);
  choices(strategy, point, lockstep_strategy::steps_max);
  for (int i = 0; i < 100; ++i, ++point.point.step) {
    const sim::thread_id expected = random.choose_thread(point.point);
    EXPECT_EQ(strategy.choose_thread(point.point), expected);
    point.point.current = expected;
  }
}

}  // namespace
}  // namespace heddle::check
