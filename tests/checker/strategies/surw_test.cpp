// The odds: bounds are at least five standard deviations wide, and the seeds are fixed.
#include "strategies/surw.hpp"

#include "point.hpp"
#include "strategies/random.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// Straight-line programs: what each thread does, in order. Thread 0 has created the others before.
using program = std::vector<std::vector<sim::operation>>;

constexpr sim::operation write_of(sim::object_id object) {
  return {.kind = sim::operation_kind::atomic_store, .writes = true, .object = object};
}

profile profile_of(const program& what) {
  std::vector<sim::event> events;
  for (std::size_t thread = 0; thread < what.size(); ++thread) {
    sim::event one;
    if (thread > 0) {
      one.kind = sim::operation_kind::thread_create;
      one.object = static_cast<sim::object_id>(thread);
      events.push_back(one);
    }
    one.thread = static_cast<std::uint16_t>(thread);
    for (const sim::operation& next : what[thread]) {
      one.kind = next.kind;
      one.object = next.object;
      events.push_back(one);
    }
  }
  return profile(events);
}

// The order in which one schedule runs it: a digit for each operation, its thread.
std::string run(explorer_strategy& strategy, const program& what) {
  std::vector<std::size_t> done(what.size());
  point_of point(static_cast<sim::thread_id>(what.size()));
  std::string order;
  for (;; ++point.point.step) {
    point.runnable.clear();
    for (sim::thread_id thread = 0; thread < what.size(); ++thread) {
      if (done[thread] == what[thread].size()) continue;
      point.runnable.push_back(thread);
      point.next[thread] = what[thread][done[thread]];
    }
    if (point.runnable.empty()) return order;
    point.point.runnable = point.runnable;
    const sim::thread_id chosen =
        point.runnable.size() == 1 ? point.runnable.front() : strategy.choose_thread(point.point);
    EXPECT_NE(std::find(point.runnable.begin(), point.runnable.end(), chosen), point.runnable.end());
    point.point.current = chosen;
    ++done[chosen];
    order += static_cast<char>('0' + chosen);
  }
}

std::map<std::string, int> orders(explorer_strategy& strategy, const program& what, int schedules) {
  std::map<std::string, int> seen;
  for (int i = 1; i <= schedules; ++i) {
    EXPECT_TRUE(strategy.begin(static_cast<std::uint64_t>(i)));
    ++seen[run(strategy, what)];
  }
  return seen;
}

TEST(Surw, EveryInterleavingIsAboutEquallyLikelyWhenTheCountsAreRight) {
  const program what{{}, std::vector(6, write_of(1)), std::vector(2, write_of(1))};
  const profile counts = profile_of(what);
  surw_strategy strategy(1, counts);
  const auto seen = orders(strategy, what, 28'000);
  EXPECT_EQ(seen.size(), 28U);                                                     // 8 over 2
  for (const auto& [order, count] : seen) EXPECT_NEAR(count, 1000, 160) << order;  // sd 31

  // A plain walk chooses "11111122" in one of 64 schedules, and it could not be told from luck at these odds.
  random_strategy plain(1);
  auto walked = orders(plain, what, 28'000);
  EXPECT_LT(walked["22111111"], 12'000);
  EXPECT_GT(walked["22111111"], 2'000);
}

TEST(Surw, AThreadHandsItsChildrenTheirShare) {
  const program what{std::vector(2, write_of(1)), std::vector(2, write_of(1))};
  const profile counts = profile_of(what);
  surw_strategy strategy(1, counts);
  const auto seen = orders(strategy, what, 6000);
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [order, count] : seen) EXPECT_NEAR(count, 1000, 150) << order;  // sd 29
}

TEST(Surw, OrdersOfOneObjectAreEquallyLikelyWhateverElseTheThreadsDo) {
  // Thread 1 does much before its one write of object 1, thread 2 nothing: a walk would nearly always see 2 first.
  program what{{}, std::vector(30, write_of(2)), {write_of(1)}};
  what[1].push_back(write_of(1));
  const profile counts = profile_of(what);
  surw_strategy strategy(1, counts);
  int last = 0;
  constexpr int schedules = 4000;
  for (const auto& [order, count] : orders(strategy, what, schedules)) last += order.back() == '2' ? count : 0;
  // One in eight schedules weighs all operations (1 in 32 ends so), the others those on object 1 (1 in 2).
  EXPECT_NEAR(last, schedules * (0.125 / 32 + 0.875 / 2), 160);  // sd 32
}

TEST(Surw, IsNotTakenInByALockThatIsReleased) {
  // Thread 1 takes lock 1 twice, thread 2 once: three orders of taking it, whatever releases do to the numbers.
  constexpr sim::operation lock{.kind = sim::operation_kind::mutex_lock, .writes = true, .object = 1};
  constexpr sim::operation unlock{.kind = sim::operation_kind::mutex_unlock, .writes = true, .object = 1};
  const program what{{}, {lock, unlock, lock, unlock}, {lock, unlock}};
  const profile counts = profile_of(what);
  surw_strategy strategy(1, counts);
  std::map<std::string, int> taken;
  for (const auto& [order, count] : orders(strategy, what, 6000)) {
    std::vector<std::size_t> done(what.size());
    std::string takes;
    for (const char digit : order) {
      const auto thread = static_cast<std::size_t>(digit - '0');
      if (done[thread]++ % 2 == 0) takes += digit;
    }
    taken[takes] += count;
  }
  EXPECT_EQ(taken.size(), 3U);
  for (const auto& [takes, count] : taken) EXPECT_NEAR(count, 2000, 200) << takes;  // sd 37
}

TEST(Surw, ChoosesWhatIsNotInterestingByPriorities) {
  // After object 1 thread 1 has thirty operations of its own, and thread 2 one. It comes last if its priority is below
  // all thirty, so in one of 31 schedules; if each turn were drawn among the two, in one of 2^30.
  program what{{}, {write_of(1)}, {write_of(1), write_of(0)}};
  what[1].resize(31, write_of(0));
  const profile counts = profile_of(what);
  surw_strategy strategy(1, counts);
  int last = 0;
  constexpr int schedules = 4000;
  for (const auto& [order, count] : orders(strategy, what, schedules)) last += order.back() == '2' ? count : 0;
  EXPECT_GT(last, schedules / 31 / 2);
}

TEST(Surw, WaitsForTheIntendedOneOfManyThreads) {
  // The last of 40 threads has the longest way to object 1, on which the others have much to do meanwhile.
  constexpr int others = 39;
  program what(1 + others + 1);
  for (std::size_t i = 1; i <= others; ++i) {
    what[i] = std::vector(10, write_of(0));
    what[i].push_back(write_of(1));
  }
  what.back() = std::vector(60, write_of(0));
  what.back().push_back(write_of(1));
  const profile counts = profile_of(what);
  surw_strategy strategy(1, counts);
  int first = 0;
  constexpr int schedules = 3000;
  for (std::uint64_t i = 1; i <= schedules; ++i) {
    ASSERT_TRUE(strategy.begin(i));
    std::vector<int> done(what.size());
    for (const char digit : run(strategy, what)) {
      const auto thread = static_cast<std::size_t>(digit - '0');
      if (++done[thread] < static_cast<int>(what[thread].size())) continue;
      first += thread == what.size() - 1 ? 1 : 0;
      break;
    }
  }
  // Seven of eight schedules weigh the writes of object 1, of which each is as often the first.
  EXPECT_NEAR(first, schedules * 0.875 / (others + 1), 41);  // sd 8.1
}

TEST(Surw, DropsAnIntentionThatCannotComeTrue) {
  // The profile says that thread 1 writes object 1 a thousand times; it never does. Without a halved count thread 2
  // would be held back until thread 1 ends; ten halvings take 200 decisions.
  const program told{{}, std::vector(1000, write_of(1)), {write_of(1)}};
  const program real{{}, std::vector(4000, write_of(0)), {write_of(1)}};
  const profile counts = profile_of(told);
  surw_strategy strategy(1, counts);
  int before_the_end = 0;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(strategy.begin(i));
    before_the_end += run(strategy, real).back() == '1' ? 1 : 0;
  }
  EXPECT_EQ(before_the_end, 200);
}

}  // namespace
}  // namespace heddle::check
