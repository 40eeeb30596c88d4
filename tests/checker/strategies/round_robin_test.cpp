// Turns and their lengths, on made-up scheduling points.
#include "strategies/round_robin.hpp"

#include "point.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// The threads that `length` decisions choose, each the one that runs from then on.
std::vector<sim::thread_id> choices(round_robin_strategy& strategy, point_of& point, std::size_t length) {
  std::vector<sim::thread_id> chosen;
  for (std::size_t i = 0; i < length; ++i) {
    chosen.push_back(strategy.choose_thread(point.point));
    point.point.current = chosen.back();
  }
  return chosen;
}

TEST(RoundRobin, GivesEachThreadATurnOfTheSameLengthInTheOrderOfTheirNumbers) {
  round_robin_strategy strategy(1);
  std::set<std::uint32_t> lengths;
  for (std::uint64_t index = 0; index < 300; ++index) {
    ASSERT_TRUE(strategy.begin(index));
    const std::uint32_t turn = strategy.turn();
    ASSERT_GE(turn, 1U);
    ASSERT_LE(turn, round_robin_strategy::turn_max);
    lengths.insert(turn);
    point_of point(3, 0);
    const auto chosen = choices(strategy, point, std::size_t{turn} * 6);
    std::size_t at = 0;
    while (at < chosen.size() && chosen[at] == 0) ++at;
    EXPECT_LE(at, turn) << "the first turn is partly over";
    for (std::size_t i = at; i < chosen.size(); ++i) ASSERT_EQ(chosen[i], (1 + (i - at) / turn) % 3) << turn;
  }
  EXPECT_GE(lengths.size(), 20U);
}

// Turns of one decision each until threads have tried to take a lock `tries_in_step` times; then of other lengths too.
TEST(RoundRobin, LeavesTheStepSoonWhereThreadsTryToTakeALockAndLateElsewhere) {
  constexpr std::size_t length = 500;
  const auto is_in_step = [](const std::vector<sim::thread_id>& chosen, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
      if (chosen[i] != i % 2) return false;
    }
    return true;
  };
  int in_step = 0;
  for (std::uint64_t index = 0; index < 300; ++index) {
    round_robin_strategy strategy(1);
    ASSERT_TRUE(strategy.begin(index));
    if (strategy.turn() != 1) continue;
    ++in_step;
    point_of point(2, 1);
    point.point.current_runnable = false;  // the first turn is over
    auto chosen = choices(strategy, point, 1);
    point.point.current_runnable = true;
    const auto rest = choices(strategy, point, length);
    chosen.insert(chosen.end(), rest.begin(), rest.end());
    EXPECT_TRUE(is_in_step(chosen, 0, length));

    point.next[0].kind = sim::operation_kind::mutex_trylock;
    ASSERT_TRUE(strategy.begin(index));
    point.point.current = 1;
    point.point.current_runnable = false;
    chosen = choices(strategy, point, 1);
    point.point.current_runnable = true;
    const auto tried = choices(strategy, point, length);
    chosen.insert(chosen.end(), tried.begin(), tried.end());
    constexpr std::size_t until = 2 * round_robin_strategy::tries_in_step - 2;
    EXPECT_TRUE(is_in_step(chosen, 0, until));
    EXPECT_FALSE(is_in_step(chosen, until, length));
  }
  EXPECT_GE(in_step, 20);
}

TEST(RoundRobin, PassesOverThreadsThatCannotRunAndThoseThatYield) {
  round_robin_strategy strategy(1);
  ASSERT_TRUE(strategy.begin(1));
  point_of point(4, 1);
  point.next[1].kind = sim::operation_kind::yield;
  point.only({0, 1, 3});
  EXPECT_EQ(strategy.choose_thread(point.point), 3U);
  point.point.current = 3;
  point.point.current_runnable = false;
  point.only({0, 1});
  EXPECT_EQ(strategy.choose_thread(point.point), 0U);
}

}  // namespace
}  // namespace heddle::check
