// The odds: bounds are at least five standard deviations wide, and the seeds are fixed.
#include "strategies/pct.hpp"

#include "point.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// A first schedule of that many points.
profile with_points(std::uint64_t points) {
  std::vector<sim::event> events(points);
  for (sim::event& one : events) one.kind = sim::operation_kind::atomic_load;
  return profile(events);
}

// The threads that `length` decisions choose.
std::vector<sim::thread_id> choices(pct_strategy& strategy, point_of& point, std::uint64_t length) {
  std::vector<sim::thread_id> chosen;
  for (point.point.step = 0; point.point.step < length; ++point.point.step)
    chosen.push_back(strategy.choose_thread(point.point));
  return chosen;
}

TEST(Pct, OfDepthOneRunsTheHighestThreadOnly) {
  const profile counts = with_points(50);
  pct_strategy strategy(1, 1, counts);
  std::array<int, 4> runs{};
  for (std::uint64_t i = 1; i <= 4000; ++i) {
    ASSERT_TRUE(strategy.begin(i));
    point_of point(4);
    const auto chosen = choices(strategy, point, 50);
    ASSERT_EQ(std::set(chosen.begin(), chosen.end()).size(), 1U);
    ++runs.at(chosen.front());
  }
  for (const int count : runs) EXPECT_NEAR(count, 1000, 140);  // sd 27
}

TEST(Pct, OfDepthThreeChangesTwiceAtMostAtAnyPoint) {
  const profile counts = with_points(50);
  pct_strategy strategy(1, 3, counts);
  std::set<std::size_t> places;
  int twice = 0;
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    ASSERT_TRUE(strategy.begin(i));
    point_of point(4);
    const auto chosen = choices(strategy, point, 200);
    int changes = 0;
    for (std::size_t at = 1; at < chosen.size(); ++at) {
      if (chosen[at] == chosen[at - 1]) continue;
      ++changes;
      places.insert(at);
    }
    ASSERT_LE(changes, 2);
    twice += changes == 2 ? 1 : 0;
  }
  EXPECT_GT(twice, 1800);
  for (std::size_t at = 1; at < 50; ++at) EXPECT_TRUE(places.contains(at)) << at;  // missed with odds below 1e-12
}

TEST(Pct, AThreadThatFellRunsAgainWhenAllOthersWait) {
  const profile counts = with_points(20);
  pct_strategy strategy(7, 2, counts);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(strategy.begin(i));
    point_of point(3);
    choices(strategy, point, 100);
    point.only({2, 0});
    const sim::thread_id chosen = choices(strategy, point, 1).front();
    ASSERT_TRUE(chosen == 0 || chosen == 2);
    point.only({1});
    ASSERT_EQ(choices(strategy, point, 1).front(), 1U);
  }
}

TEST(Pct, AThreadThatYieldsGivesWayAtOnceAndOneThatSpinsInTime) {
  const profile counts = with_points(20);
  pct_strategy strategy(3, 1, counts);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(strategy.begin(i));
    point_of point(3);
    for (sim::operation& next : point.next) next.kind = sim::operation_kind::yield;
    const auto yielding = choices(strategy, point, 30);
    for (std::size_t at = 1; at < yielding.size(); ++at) ASSERT_NE(yielding[at], yielding[at - 1]);

    for (sim::operation& next : point.next) next.kind = sim::operation_kind::atomic_load;
    const auto spinning = choices(strategy, point, 3 * patience::turns_max);
    for (const sim::thread_id thread : {0U, 1U, 2U})
      ASSERT_NE(std::find(spinning.begin(), spinning.end(), thread), spinning.end());
  }
}

}  // namespace
}  // namespace heddle::check
