// Where delays fall, how many there are, and who goes on after one, on made-up scheduling points.
#include "strategies/delays.hpp"

#include "point.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

profile with_points(std::uint64_t points) {
  std::vector<sim::event> events(points);
  for (sim::event& one : events) one.kind = sim::operation_kind::atomic_load;
  return profile(events);
}

// How often another thread than the running one is chosen in a schedule where all could always go on.
std::uint32_t switches(delays_strategy& strategy, std::uint64_t length) {
  std::uint32_t count = 0;
  point_of point(3, 0);
  for (point.point.step = 0; point.point.step < length; ++point.point.step) {
    const sim::thread_id chosen = strategy.choose_thread(point.point);
    count += chosen == point.point.current ? 0 : 1;
    point.point.current = chosen;
  }
  return count;
}

TEST(Delays, AreAtMostSoManyAndEachNumberAsOften) {
  const profile counts = with_points(50);
  delays_strategy strategy(1, 3, counts);
  std::array<int, 4> seen{};
  for (std::uint64_t index = 0; index < 4000; ++index) {
    ASSERT_TRUE(strategy.begin(index));
    const std::uint32_t count = switches(strategy, 100);
    ASSERT_LE(count, 3U);
    ++seen.at(count);
  }
  // Two at one point are seen as one, three as none of three threads.
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
}

TEST(Delays, OfBoundNoneAreThoseOfAThreadThatWaits) {
  const profile counts = with_points(50);
  delays_strategy strategy(1, 0, counts);
  ASSERT_TRUE(strategy.begin(5));
  EXPECT_EQ(switches(strategy, 100), 0U);
  point_of point(3, 1);
  point.point.current_runnable = false;
  point.only({0, 2});
  EXPECT_EQ(strategy.choose_thread(point.point), 2U);
  point.point.current = 2;
  point.only({0, 1});
  EXPECT_EQ(strategy.choose_thread(point.point), 0U) << "after the last comes the first";
}

TEST(Delays, ThreadThatSpinsGivesWay) {
  const profile counts = with_points(50);
  delays_strategy strategy(1, 0, counts);
  ASSERT_TRUE(strategy.begin(5));
  EXPECT_GE(switches(strategy, 4 * patience::turns_max), 3U);
}

}  // namespace
}  // namespace heddle::check
