// The odds: bounds are at least five standard deviations wide, and the seeds are fixed.
#include "strategies/pos.hpp"

#include "point.hpp"

#include <array>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

constexpr int rounds = 40'000;

// Of two decisions in a row among three threads, of which the first chose `first`: how often the second chose whom.
std::array<int, 3> second_choices(std::array<sim::operation, 3> next, sim::thread_id first) {
  pos_strategy strategy(5);
  std::array<int, 3> seen{};
  for (std::uint64_t i = 1, found = 0; found < rounds; ++i) {
    EXPECT_TRUE(strategy.begin(i));
    point_of point(3);
    point.next.assign(next.begin(), next.end());
    point.point.next = point.next;
    if (strategy.choose_thread(point.point) != first) continue;
    ++found;
    ++seen.at(strategy.choose_thread(point.point));
  }
  return seen;
}

constexpr sim::operation write_of(sim::object_id object) {
  return {.kind = sim::operation_kind::atomic_store, .writes = true, .object = object};
}
constexpr sim::operation read_of(sim::object_id object) {
  return {.kind = sim::operation_kind::atomic_load, .writes = false, .object = object};
}

// The priority of what was not chosen is at most that of what was, so after one redraw the two others still share what
// remains: each of them is above a fresh draw with probability 1/2 by symmetry of three, less by what it lost.
TEST(Pos, IndependentOperationsKeepTheirPriorities) {
  const auto seen = second_choices({write_of(1), write_of(2), write_of(3)}, 0);
  // A fresh uniform number exceeds the maximum of two that are below a third with probability 1/2.
  EXPECT_NEAR(seen[0], rounds * 0.5, 700);  // sd 100
  EXPECT_NEAR(seen[1], rounds * 0.25, 700);
  EXPECT_NEAR(seen[2], rounds * 0.25, 700);
}

TEST(Pos, WhatConflictsIsDrawnAnew) {
  const auto seen = second_choices({write_of(1), read_of(1), write_of(1)}, 0);
  for (const int count : seen) EXPECT_NEAR(count, rounds / 3.0, 700);  // sd 94
}

TEST(Pos, TwoReadsDoNotConflict) {
  const auto seen = second_choices({read_of(1), read_of(1), read_of(1)}, 0);
  EXPECT_NEAR(seen[0], rounds * 0.5, 700);
}

// Of 1 / n if the others wait for nothing; far more often if they draw each other's priorities anew all the time:
// without a rule for it a tenth of the schedules would not have chosen it by then.
TEST(Pos, AThreadThatSpinningOnesWaitForIsNotPassedOverForLong) {
  pos_strategy strategy(5);
  for (std::uint64_t i = 1; i <= 300; ++i) {
    ASSERT_TRUE(strategy.begin(i));
    point_of point(5);
    for (sim::thread_id spinning = 0; spinning < 4; ++spinning) point.next[spinning] = write_of(1);
    int passed_over = 0;
    while (strategy.choose_thread(point.point) != 4) ASSERT_LT(++passed_over, 8000) << i;
  }
}

TEST(Pos, NeverChoosesAThreadThatCannotRun) {
  pos_strategy strategy(5);
  ASSERT_TRUE(strategy.begin(1));
  point_of point(6);
  point.only({4, 1});
  for (int i = 0; i < 1000; ++i) {
    const sim::thread_id chosen = strategy.choose_thread(point.point);
    ASSERT_TRUE(chosen == 1 || chosen == 4);
  }
}

}  // namespace
}  // namespace heddle::check
