// Whose turn it is in step, what is no turn, and when it ends, on made-up scheduling points.
#include "strategies/lockstep.hpp"

#include "point.hpp"
#include "step.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::ElementsAre;

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

TEST(Lockstep, ToBeginAPollIsNoTurnNorWhatLeadsToOne) {
  lockstep_strategy strategy(1);
  ASSERT_TRUE(strategy.begin(0));
  point_of point(3, 2);
  point.next[0] = {.kind = sim::operation_kind::mutex_lock, .writes = true, .is_trusted = true, .object = 5};
  EXPECT_THAT(choices(strategy, point, 1), ElementsAre(0U));
  point.next[0] = {.kind = sim::operation_kind::task_poll, .writes = true, .object = 1};
  EXPECT_THAT(choices(strategy, point, 1), ElementsAre(0U));
  point.next[2] = {.kind = sim::operation_kind::task_poll, .writes = true, .object = 2};
  EXPECT_THAT(choices(strategy, point, 1), ElementsAre(2U));
  point.next[2] = {.kind = sim::operation_kind::atomic_load, .writes = false, .object = 3};
  EXPECT_THAT(choices(strategy, point, 2), ElementsAre(2U, 1U));
}

TEST(Lockstep, CountsItsDecisionsAnewFromTheFirstPollOn) {
  lockstep_strategy strategy(1);
  ASSERT_TRUE(strategy.begin(0));
  point_of point(4, 0);
  const sim::thread_id last = choices(strategy, point, lockstep_strategy::steps_max - 4).back();
  const sim::thread_id polls = (last + 3) % 4;
  point.next[polls] = {.kind = sim::operation_kind::task_poll, .writes = true, .object = 1};
  EXPECT_THAT(choices(strategy, point, 1), ElementsAre(polls));
  point.next[polls] = {.kind = sim::operation_kind::atomic_load, .writes = false, .object = 1};
  const auto later = choices(strategy, point, lockstep_strategy::steps_max - 1);
  EXPECT_EQ(later.front(), polls);
  for (std::size_t i = 1; i < later.size(); ++i) EXPECT_EQ(later[i], (later[i - 1] + 3) % 4) << i;
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
