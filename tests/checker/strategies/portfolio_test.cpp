// Which strategy's turn it is, and the names under which they are known.
#include "strategies/portfolio.hpp"

#include "point.hpp"
#include "strategies/fixed_schedules.hpp"
#include "strategies/lockstep.hpp"

#include <array>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

bool choose_alike(explorer_strategy& tested, explorer_strategy& expected, std::uint64_t index) {
  if (!tested.begin(index) || !expected.begin(index)) return false;
  point_of point(5, 0);
  for (sim::operation& next : point.next) next.object = 1;
  for (point.point.step = 0; point.point.step < 300; ++point.point.step) {
    if (tested.choose_thread(point.point) != expected.choose_thread(point.point)) return false;
    if (tested.choose(sim::choice_kind::test, 1000) != expected.choose(sim::choice_kind::test, 1000)) return false;
  }
  return true;
}

template <typename Strategy>
bool chooses_like(Strategy expected, std::uint64_t index, std::uint64_t seed = 11) {
  const profile none;
  portfolio_strategy tested(seed, none);
  return choose_alike(tested, expected, index);
}

TEST(Portfolio, EveryStrategyHasItsTurn) {
  const profile none;
  for (const std::uint64_t index : {2U, 8U, 14U}) EXPECT_TRUE(chooses_like(random_strategy(11), index)) << index;
  for (const std::uint64_t index : {3U, 5U, 7U}) EXPECT_TRUE(chooses_like(surw_strategy(11, none), index)) << index;
  for (const std::uint64_t index : {6U, 12U, 18U}) EXPECT_TRUE(chooses_like(pos_strategy(11), index)) << index;
  for (std::uint32_t turn = 2; turn < 12; ++turn)
    EXPECT_TRUE(chooses_like(pct_strategy(11, 1 + turn % 5, none), 4 + std::uint64_t{6} * turn)) << turn;
  EXPECT_FALSE(chooses_like(random_strategy(11), 6));
  EXPECT_FALSE(chooses_like(pct_strategy(11, 1, none), 16));
}

TEST(Portfolio, ThreeSchedulesFollowTheAgeOfThreads) {
  using order = by_age_strategy::order;
  using stops = by_age_strategy::stops;
  EXPECT_TRUE(chooses_like(by_age_strategy(11, order::oldest_first, stops::once), 1));
  EXPECT_TRUE(chooses_like(by_age_strategy(11, order::oldest_first, stops::never), 4));
  EXPECT_TRUE(chooses_like(by_age_strategy(11, order::youngest_first, stops::once), 10));
  EXPECT_FALSE(chooses_like(by_age_strategy(11, order::oldest_first, stops::once), 4));
}

TEST(Portfolio, BeginsInStep) {
  lockstep_strategy expected(11);
  EXPECT_TRUE(choose_alike(*make_strategy(portfolio{}, 11, sim::granularity::sync), expected, 0));
}

TEST(Portfolio, LeavesOutTheFixedSchedulesWhereTheSeedSaysSo) {
  const profile none;
  const std::uint64_t seed = without_fixed_schedules(11);
  EXPECT_TRUE(chooses_like(surw_strategy(seed, none), 1, seed));
  EXPECT_TRUE(chooses_like(pct_strategy(seed, 1, none), 4, seed));
  EXPECT_TRUE(chooses_like(pct_strategy(seed, 2, none), 10, seed));
  EXPECT_TRUE(chooses_like(random_strategy(seed), 2, seed));
  random_strategy first(seed);
  EXPECT_TRUE(choose_alike(*make_strategy(portfolio{}, seed, sim::granularity::sync), first, 0));
}

TEST(StrategyName, IsReadAsItIsWritten) {
  for (const strategy& one :
       std::array<strategy, 15>{random{}, pct{}, pct{.depth = 7}, pos{}, surw{}, round_robin{}, delays{},
                                delays{.bound = 0}, portfolio{}, feedback{}, exhaustive{}, exhaustive{.preemptions = 0},
                                exhaustive{.preemptions = 7}, exhaustive{.delays = 0}, exhaustive{.delays = 7}}) {
    const auto parsed = parse_strategy(to_string(one));
    ASSERT_TRUE(std::holds_alternative<strategy>(parsed)) << to_string(one);
    EXPECT_EQ(std::get<strategy>(parsed), one);
    EXPECT_EQ(to_string(one).find('-'), std::string::npos);
  }
  EXPECT_EQ(std::get<strategy>(parse_strategy("pct")), strategy{pct{}});
  EXPECT_EQ(std::get<strategy>(parse_strategy("delays")), strategy{delays{}});
}

TEST(StrategyName, WhatIsWrongWithItIsSaid) {
  const auto error = [](const char* text) { return std::get<std::string>(parse_strategy(text)); };
  EXPECT_EQ(
      error("luck"),
      "there is no strategy `luck`; allowed: portfolio, random, pct, pct:<depth>, pos, surw, round_robin, delays, "
      "delays:<bound>, feedback, exhaustive, exhaustive:<preemptions>, exhaustive:delays:<bound>");
  EXPECT_EQ(error("pos:2"), "the strategy `pos` takes no parameter");
  for (const char* text : {"pct:", "pct:0", "pct:101", "pct:2x", "pct:-1", "pct:99999999999"})
    EXPECT_THAT(error(text), testing::HasSubstr("allowed: a number from 1 to 100")) << text;
  for (const char* text :
       {"delays:101", "exhaustive:101", "exhaustive:delays:101", "exhaustive:delays:", "exhaustive:delays"})
    EXPECT_THAT(error(text), testing::HasSubstr("allowed: a number from 0 to 100")) << text;
  EXPECT_THAT(error("exhaustive:delays:x"), testing::HasSubstr("`x` is no number of delays"));
}

}  // namespace
}  // namespace heddle::check
