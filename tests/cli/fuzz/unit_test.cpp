#include "cli/fuzz/unit.hpp"

#include "corpus/facts.hpp"
#include "strategies/fixed_schedules.hpp"

#include <set>

#include <gtest/gtest.h>

namespace heddle::cli {
namespace {

using std::chrono::milliseconds;

suite some_suite() {
  suite result;
  result.file = {.path = "/home/me/my_tests", .build = 0x9c41b7aa};
  result.kind = binary_kind::gtest;
  result.tests = {"Queue.Push"};
  return result;
}

class Unit : public testing::Test {
 protected:
  unit made(const std::string& test = "Queue.Push", const std::string& writer = "1/2", std::uint64_t seed = 1) const {
    return {suite_, test, "my_tests", writer, seed};
  }
  const suite suite_ = some_suite();
};

check::sketch of_numbers(std::uint64_t from, std::uint64_t to) {
  check::sketch result;
  for (std::uint64_t i = from; i < to; ++i) result.add((i + 1) * 0x9e3779b97f4a7c15ULL);
  return result;
}

TEST_F(Unit, SeedsDifferByTestShardAndSliceAndAreTheSameNextTime) {
  std::set<std::uint64_t> seeds;
  for (int round = 0; round < 2; ++round) {
    for (const char* test : {"A.A", "A.B"}) {
      for (const char* writer : {"1/2", "2/2"}) {
        unit one = made(test, writer);
        for (int i = 0; i < 10; ++i) seeds.insert(one.next({}).seed);
      }
    }
  }
  EXPECT_EQ(seeds.size(), 40U);
}

TEST_F(Unit, TheFirstSliceOfABuildAloneTriesTheFixedSchedules) {
  corpus_state state;
  unit one = made();
  const slice_plan first = one.next({});
  EXPECT_TRUE(check::tries_fixed_schedules(first.seed));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(check::tries_fixed_schedules(one.next({}).seed));
  one.done(first, 100, milliseconds(10), {});
  state.add(one.progress(5));
  unit next = made();
  next.take_up(state);
  EXPECT_FALSE(check::tries_fixed_schedules(next.next({}).seed));
}

TEST_F(Unit, SlicesGrowUpToTheLongest) {
  unit one = made();
  const slice_rule rule{.first = milliseconds(100), .longest = milliseconds(1500)};
  std::vector<std::int64_t> times;
  for (int i = 0; i < 6; ++i) {
    const slice_plan slice = one.next(rule);
    times.push_back(slice.time.count());
    one.done(slice, 1000, slice.time, {});
  }
  EXPECT_EQ(times, (std::vector<std::int64_t>{100, 200, 400, 800, 1500, 1500}));
}

TEST_F(Unit, BudgetOfSchedulesIsUsedUpExactly) {
  for (const std::uint64_t budget : {1U, 3U, 10U, 4000U}) {
    unit one = made();
    const slice_rule rule{.schedules = budget};
    std::uint64_t sum = 0;
    while (one.may_run(rule)) {
      const slice_plan slice = one.next(rule);
      sum += slice.schedules;
      one.done(slice, slice.schedules, milliseconds(1), {});
    }
    EXPECT_EQ(sum, budget);
  }
}

TEST_F(Unit, TestThatStillShowsNewSchedulesGetsMoreOfTheTime) {
  unit fresh = made("A.Fresh");
  unit stale = made("A.Stale");
  const slice_rule rule{.first = milliseconds(100), .longest = milliseconds(100)};
  std::uint64_t number = 0;
  std::map<std::string, int> turns;
  for (int i = 0; i < 200; ++i) {
    unit& next = fresh.turn() <= stale.turn() ? fresh : stale;
    const slice_plan slice = next.next(rule);
    const bool is_fresh = &next == &fresh;
    next.done(slice, 1000, slice.time, is_fresh ? of_numbers(number, number + 1000) : of_numbers(0, 5));
    if (is_fresh) number += 1000;
    ++turns[next.test()];
  }
  EXPECT_GT(turns["A.Fresh"], 150);
  // It is never given up.
  EXPECT_GT(turns["A.Stale"], 5);
}

TEST_F(Unit, TestInDoubtIsWeighedAsIfAllWereNew) {
  unit stale = made();
  const slice_rule rule{};
  for (int i = 0; i < 5; ++i) stale.done(stale.next(rule), 1000, milliseconds(500), of_numbers(0, 5));
  const double before = stale.turn();
  stale.hurry(true);
  EXPECT_LT(stale.turn(), before / 5);
}

TEST_F(Unit, NextRunGoesOnBehindTheFirstSliceThatIsNotDone) {
  corpus_state state;
  unit one = made();
  std::vector<slice_plan> slices;
  for (int i = 0; i < 4; ++i) slices.push_back(one.next({}));
  // The second one was cut off.
  for (const std::size_t done : {0U, 2U, 3U}) one.done(slices[done], 100, milliseconds(10), {});
  state.add(one.progress(5));
  unit next = made();
  next.take_up(state);
  EXPECT_EQ(next.next({}).seed, slices[1].seed);
  EXPECT_EQ(next.schedules_ever(), 300U);
  EXPECT_EQ(next.schedules_now(), 0U);
}

TEST_F(Unit, ProgressOfAnotherBuildIsNotTakenUp) {
  corpus_state state;
  progress_record past = progress_at(5, 7);
  past.build = "00c0ffee";
  state.add(past);
  unit one = made();
  one.take_up(state);
  EXPECT_EQ(one.schedules_ever(), 0U);
  EXPECT_EQ(one.next({}).number, 0U);
}

TEST_F(Unit, OtherShardsCountForWhatWasSeenAndNotForTheSlices) {
  corpus_state state;
  state.add(progress_at(5, 7, "2/2"));
  unit one = made();
  one.take_up(state);
  EXPECT_EQ(one.schedules_ever(), 7000U);
  EXPECT_NEAR(one.distinct(), 7, 1);
  EXPECT_EQ(one.next({}).number, 0U);
}

}  // namespace
}  // namespace heddle::cli
