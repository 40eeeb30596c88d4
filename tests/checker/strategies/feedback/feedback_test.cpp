// What is kept of schedules and how it is changed, on made-up scheduling points and events.
#include "strategies/feedback/feedback.hpp"

#include "../point.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using schedule = std::vector<sim::thread_id>;

constexpr std::size_t length = 40;

// A schedule of that many points with four threads that always can run.
schedule run(feedback_strategy& strategy, std::uint64_t index) {
  EXPECT_TRUE(strategy.begin(index));
  point_of point(4, 0);
  schedule chosen;
  for (std::size_t i = 0; i < length; ++i) {
    chosen.push_back(strategy.choose_thread(point.point));
    point.point.current = chosen.back();
  }
  return chosen;
}

// What makes the schedule that runs a new one: that a place was come to.
void show(feedback_strategy& strategy, std::uintptr_t place) {
  for (const std::uint16_t thread : {std::uint16_t{1}, std::uint16_t{2}}) {
    sim::event what;
    what.kind = sim::operation_kind::atomic_store;
    what.thread = thread;
    what.object = 1;
    what.pc = place;
    strategy.observer()->on_event(what, 1);
  }
}

std::size_t common_prefix(const schedule& one, const schedule& other) {
  return static_cast<std::size_t>(std::mismatch(one.begin(), one.end(), other.begin()).first - one.begin());
}

TEST(Feedback, IsRandomWhileNothingIsNew) {
  feedback_strategy strategy(7);
  random_strategy random(7);
  for (std::uint64_t index = 0; index < 20; ++index) {
    const schedule chosen = run(strategy, index);
    ASSERT_TRUE(random.begin(index));
    point_of point(4, 0);
    for (const sim::thread_id one : chosen) {
      ASSERT_EQ(random.choose_thread(point.point), one);
      point.point.current = one;
    }
  }
  EXPECT_EQ(strategy.kept(), 0U);
}

TEST(Feedback, KeepsWhatIsNewOnce) {
  feedback_strategy strategy(7);
  run(strategy, 0);
  show(strategy, 10);
  run(strategy, 1);
  EXPECT_EQ(strategy.kept(), 1U);
  show(strategy, 10);
  run(strategy, 2);
  EXPECT_EQ(strategy.kept(), 1U);
  show(strategy, 20);
  run(strategy, 3);
  EXPECT_EQ(strategy.kept(), 2U);
}

// Of 200 schedules about 100 are of random; the others have all of a prefix of the kept one, drawn uniformly, in common
// with it, and half of those that have all of it but one answer go on like it.
TEST(Feedback, GoesOnFromAnyPlaceOfWhatIsKept) {
  feedback_strategy strategy(7);
  const schedule kept = run(strategy, 0);
  show(strategy, 10);
  int early = 0;
  int late = 0;
  int one_changed = 0;
  for (std::uint64_t index = 1; index <= 200; ++index) {
    const schedule chosen = run(strategy, index);
    const std::size_t common = common_prefix(kept, chosen);
    early += common >= 5 && common < length / 2 ? 1 : 0;
    late += common >= length / 2 ? 1 : 0;
    if (common == length) continue;
    const auto rest = static_cast<std::ptrdiff_t>(common) + 1;
    one_changed += std::equal(kept.begin() + rest, kept.end(), chosen.begin() + rest) && common < length - 5 ? 1 : 0;
  }
  EXPECT_GE(early, 20);
  EXPECT_GE(late, 20);
  EXPECT_GE(one_changed, 15);
}

TEST(Feedback, JoinsTheBeginningOfOneWithTheEndOfAnother) {
  feedback_strategy strategy(7);
  const schedule one = run(strategy, 0);
  show(strategy, 10);
  std::uint64_t index = 1;
  schedule other;
  do {
    other = run(strategy, index++);
  } while (common_prefix(one, other) > 1);
  show(strategy, 20);
  int joined = 0;
  for (const std::uint64_t last = index + 300; index < last; ++index) {
    const schedule chosen = run(strategy, index);
    for (std::size_t at = 5; at < length - 5; ++at) {
      const auto split = static_cast<std::ptrdiff_t>(at);
      const auto is_joined = [&](const schedule& first, const schedule& second) {
        return std::equal(first.begin(), first.begin() + split, chosen.begin()) &&
               std::equal(second.begin() + split, second.end(), chosen.begin() + split);
      };
      if (!is_joined(one, other) && !is_joined(other, one)) continue;
      ++joined;
      break;
    }
  }
  EXPECT_GE(joined, 10);
}

TEST(Feedback, DoesTheSameForTheSameSeedAndNumber) {
  feedback_strategy one(7);
  feedback_strategy same(7);
  feedback_strategy another(8);
  int different = 0;
  for (std::uint64_t index = 0; index < 50; ++index) {
    const schedule chosen = run(one, index);
    EXPECT_EQ(run(same, index), chosen);
    different += run(another, index) != chosen ? 1 : 0;
    for (feedback_strategy* each : {&one, &same, &another}) show(*each, index / 5);
    // Run again, it is the same and shows nothing new.
    if (index % 3 != 0) continue;
    EXPECT_EQ(run(one, index), chosen);
    EXPECT_EQ(run(one, index), chosen);
    show(one, index + 1000);
  }
  EXPECT_GE(different, 40);
}

TEST(Feedback, GoesOnWhereADecisionDoesNotFit) {
  feedback_strategy strategy(7);
  run(strategy, 0);
  show(strategy, 10);
  for (std::uint64_t index = 1; index < 100; ++index) {
    ASSERT_TRUE(strategy.begin(index));
    point_of point(2, 0);
    for (std::size_t i = 0; i < 2 * length; ++i) {
      if (i % 3 == 0) {
        EXPECT_LT(strategy.choose(sim::choice_kind::test, 3), 3U);
        continue;
      }
      const sim::thread_id chosen = strategy.choose_thread(point.point);
      ASSERT_LT(chosen, 2U);
      point.point.current = chosen;
    }
  }
}

}  // namespace
}  // namespace heddle::check
