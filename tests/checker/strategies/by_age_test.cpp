// Fixed schedules by age, on made-up scheduling points.
#include "strategies/by_age.hpp"

#include "point.hpp"
#include "step.hpp"

#include <cstdint>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::Each;
using testing::ElementsAre;
using order = by_age_strategy::order;
using stops = by_age_strategy::stops;
using sim::operation_kind;

std::unique_ptr<by_age_strategy> begun(order goes_on, stops each, std::uint64_t seed = 1) {
  auto strategy = std::make_unique<by_age_strategy>(seed, goes_on, each);
  EXPECT_TRUE(strategy->begin(1));
  return strategy;
}

// Threads that are about to use one object each, over and over.
point_of users(sim::thread_id count) {
  point_of point(count, 0);
  for (sim::thread_id i = 0; i < count; ++i)
    point.next[i] = {.kind = operation_kind::atomic_load, .writes = false, .object = i + 1};
  return point;
}

TEST(ByAge, TheOldestGoesOnUntilItWaits) {
  const auto strategy = begun(order::oldest_first, stops::never);
  point_of point = users(4);
  EXPECT_THAT(choices(*strategy, point, 100), Each(0U));
  point.current_waits({1, 3});
  EXPECT_THAT(choices(*strategy, point, 100), Each(1U));
}

TEST(ByAge, TheYoungestDoesInTheReverseOrder) {
  const auto strategy = begun(order::youngest_first, stops::never);
  point_of point = users(4);
  EXPECT_THAT(choices(*strategy, point, 100), Each(3U));
}

TEST(ByAge, WhatIsCreatedBeginsWhenNothingElseCanGoOn) {
  for (const order goes_on : {order::oldest_first, order::youngest_first}) {
    const auto strategy = begun(goes_on, stops::never);
    point_of point = users(3);
    point.next[1].kind = operation_kind::thread_start;
    point.next[2] = {.kind = operation_kind::task_poll, .writes = true, .object = 7};
    EXPECT_THAT(choices(*strategy, point, 10), Each(0U));
    point.current_waits({1, 2});
    EXPECT_THAT(choices(*strategy, point, 1), ElementsAre(goes_on == order::oldest_first ? 1U : 2U));
  }
}

// All of them, when they may: the first to begin does not make the others wait until it is over.
TEST(ByAge, ThoseThatWereStartedTogetherBeginTogether) {
  const auto strategy = begun(order::oldest_first, stops::once);
  point_of point = users(3);
  for (sim::operation& next : point.next) next = {.kind = operation_kind::thread_start};
  EXPECT_THAT(choices(*strategy, point, 1), ElementsAre(0U));
  point.next[0] = {.kind = operation_kind::atomic_load, .writes = false, .object = 1};
  EXPECT_THAT(choices(*strategy, point, 2), ElementsAre(0U, 1U));
}

TEST(ByAge, EachIsStoppedOnceAndTheLastOneGoesOnFirst) {
  const auto strategy = begun(order::oldest_first, stops::once);
  point_of point = users(3);
  EXPECT_THAT(choices(*strategy, point, 5), ElementsAre(0U, 1U, 2U, 2U, 2U));
  point.current_waits({0, 1});
  EXPECT_THAT(choices(*strategy, point, 3), Each(1U));
}

TEST(ByAge, AThreadIsStoppedInEachPoll) {
  const auto strategy = begun(order::oldest_first, stops::once);
  point_of point = users(2);
  EXPECT_THAT(choices(*strategy, point, 3), ElementsAre(0U, 1U, 1U));
  point.next[1] = {.kind = operation_kind::task_poll, .writes = true, .object = 3};
  EXPECT_THAT(choices(*strategy, point, 2), Each(0U));
  point.current_waits({1});
  EXPECT_THAT(choices(*strategy, point, 1), Each(1U));
  point.next[1] = {.kind = operation_kind::atomic_load, .writes = false, .object = 1};
  point.only({0, 1});
  EXPECT_THAT(choices(*strategy, point, 3), ElementsAre(1U, 1U, 1U));
}

TEST(ByAge, TasksAreAsOldAsTheirNumbersSay) {
  for (const order goes_on : {order::oldest_first, order::youngest_first}) {
    const auto strategy = begun(goes_on, stops::never);
    point_of point = users(3);
    point.only({1, 2});
    point.point.current = 1;
    point.next[1] = {.kind = operation_kind::task_poll, .writes = true, .object = 9};
    point.next[2] = {.kind = operation_kind::task_poll, .writes = true, .object = 8};
    const sim::thread_id first = goes_on == order::oldest_first ? 2 : 1;
    EXPECT_THAT(choices(*strategy, point, 1), Each(first));
    point.next[first] = {.kind = operation_kind::atomic_load, .writes = false, .object = 1};
    EXPECT_THAT(choices(*strategy, point, 3), Each(first));
  }
}

TEST(ByAge, WhatIsOnItsWayInTheRuntimeGoesOnAtOnce) {
  for (const order goes_on : {order::oldest_first, order::youngest_first}) {
    const auto strategy = begun(goes_on, stops::once);
    point_of point = users(3);
    point.next[1].is_trusted = true;
    EXPECT_THAT(choices(*strategy, point, 2), Each(1U));
    point.next[1] = {.kind = operation_kind::task_poll, .writes = true, .object = 9};
    EXPECT_THAT(choices(*strategy, point, 2), testing::Not(testing::Contains(1U)));
  }
}

TEST(ByAge, WhatTheRuntimeDoesIsNotWhereOneIsStopped) {
  const auto strategy = begun(order::oldest_first, stops::once);
  point_of point = users(2);
  point.next[0].is_trusted = true;
  EXPECT_THAT(choices(*strategy, point, 1), Each(0U));
  point.next[0].is_trusted = false;
  EXPECT_THAT(choices(*strategy, point, 3), ElementsAre(0U, 1U, 1U));
}

TEST(ByAge, WhoYieldsOrSpinsGivesWayToAllOthers) {
  const auto strategy = begun(order::oldest_first, stops::once);
  point_of point = users(3);
  EXPECT_THAT(choices(*strategy, point, 3), ElementsAre(0U, 1U, 2U));
  point.next[2] = {.kind = operation_kind::yield};
  EXPECT_THAT(choices(*strategy, point, 2), ElementsAre(2U, 1U));
  const auto spinning = choices(*strategy, point, patience::turns_max);
  EXPECT_EQ(spinning.front(), 1U);
  EXPECT_EQ(spinning.back(), 0U);
}

TEST(ByAge, WhoSpinsDoesNotKeepOthersFromBeginning) {
  const auto strategy = begun(order::oldest_first, stops::never);
  point_of point = users(2);
  point.next[1].kind = operation_kind::thread_start;
  EXPECT_THAT(choices(*strategy, point, patience::turns_max), Each(0U));
  EXPECT_THAT(choices(*strategy, point, 1), ElementsAre(1U));
}

TEST(ByAge, UninterruptedEveryOtherLoadReturnsTheOldestStore) {
  const auto strategy = begun(order::oldest_first, stops::never);
  std::vector<std::uint32_t> read;
  for (int i = 0; i < 4; ++i) read.push_back(strategy->choose(sim::choice_kind::read_from, 5));
  EXPECT_THAT(read, ElementsAre(0U, 4U, 0U, 4U));
  ASSERT_TRUE(strategy->begin(1));
  EXPECT_EQ(strategy->choose(sim::choice_kind::read_from, 5), 0U);
}

TEST(ByAge, OtherChoicesAreSampled) {
  struct sampled final : sampling_strategy {
    using sampling_strategy::sampling_strategy;
    sim::thread_id choose_thread(const sim::scheduling_point&) noexcept override { return 0; }
  };
  for (const stops each : {stops::never, stops::once}) {
    const auto strategy = begun(order::oldest_first, each, 5);
    sampled expected(5);
    ASSERT_TRUE(expected.begin(1));
    for (int i = 0; i < 100; ++i) {
      const auto kind = each == stops::once ? sim::choice_kind::read_from : sim::choice_kind::steal_victim;
      EXPECT_EQ(strategy->choose(kind, 50), expected.choose(kind, 50));
    }
  }
}

TEST(ByAge, IsTheSameForEverySeed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto strategy = begun(order::oldest_first, stops::once, seed);
    point_of point = users(4);
    EXPECT_THAT(choices(*strategy, point, 6), ElementsAre(0U, 1U, 2U, 3U, 3U, 3U));
  }
}

}  // namespace
}  // namespace heddle::check
