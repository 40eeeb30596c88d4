// Every strategy on real programs: finds the bug, passes the corrected program, ends where threads spin, replays.
#include "heddle/check/framework.hpp"
#include "heddle/gtest.hpp"
#include "variable.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace check = heddle::check;
using check::explore;
using check::finding_kind;
using check::options;
using check::report;
using check::testing::variable;

class EveryStrategy : public testing::TestWithParam<const char*> {
 protected:
  static check::strategy chosen() { return std::get<check::strategy>(check::parse_strategy(GetParam())); }
};

// Two threads, each of which takes one lock while it may hold the other.
void lock_both(bool in_one_order) {
  std::mutex left;
  std::mutex right;
  std::thread other([&] {
    const std::lock_guard first(in_one_order ? left : right);
    const std::lock_guard second(in_one_order ? right : left);
  });
  {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  }
  other.join();
}

TEST_P(EveryStrategy, FindsADeadlockAndPassesTheCorrectedProgram) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    // Mean schedules to the first one: below 5 with each strategy; 300 fail with odds below 1e-20.
    const report broken =
        explore(options{.strategy = chosen(), .schedules = 300, .seed = seed}, [] { lock_both(false); });
    ASSERT_TRUE(broken.failed()) << "seed " << seed;
    EXPECT_EQ(broken.findings[0].kind, finding_kind::deadlock);
    EXPECT_EQ(broken.findings.size(), 1U) << broken.text();  // and the confirming run found the same
    const report fixed =
        explore(options{.strategy = chosen(), .schedules = 300, .seed = seed, .audit = 1}, [] { lock_both(true); });
    EXPECT_FALSE(fixed.failed()) << fixed.text();
  }
}

void hand_over(bool yielding) {
  constexpr int threads = 4;
  std::atomic<int> turn{0};
  std::vector<std::thread> all;
  for (int i = threads - 1; i >= 0; --i) {
    all.emplace_back([&, i] {
      while (turn.load() != i) {
        if (yielding) std::this_thread::yield();
      }
      turn.store(i + 1);
    });
  }
  for (std::thread& one : all) one.join();
  HEDDLE_CHECK(turn.load() == threads);
}

TEST_P(EveryStrategy, ThreadsThatSpinForEachOtherComeToAnEnd) {
  for (const bool yielding : {true, false}) {
    const report result = explore(options{.strategy = chosen(), .schedules = 200}, [yielding] { hand_over(yielding); });
    EXPECT_FALSE(result.failed()) << result.text();
  }
}

// Each takes one lock and tries the other, and gives the first back when that fails: in step, for ever.
TEST_P(EveryStrategy, ThreadsThatBackOffAndTryAgainComeToAnEnd) {
  const report result = explore(options{.strategy = chosen(), .schedules = 300}, [] {
    std::mutex left;
    std::mutex right;
    std::thread one([&] { const std::scoped_lock both(left, right); });
    std::thread two([&] { const std::scoped_lock both(right, left); });
    one.join();
    two.join();
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST_P(EveryStrategy, SameSeedGivesTheSameFinding) {
  const options wanted{.strategy = chosen(), .seed = 3};
  const auto body = [] { lock_both(false); };
  const report first = explore(wanted, body);
  const report second = explore(wanted, body);
  ASSERT_TRUE(first.failed());
  EXPECT_EQ(first.findings[0].schedule, second.findings[0].schedule);
  EXPECT_EQ(first.findings[0].event_hash, second.findings[0].event_hash);
  EXPECT_NE(first.findings[0].token.find("-" + std::string(GetParam()) + "-"), std::string::npos);
}

// The single load comes after all 21 stores in one of two million orders of a plain walk.
void run_ahead() {
  std::atomic<int> steps{0};
  int seen = 0;
  std::thread one([&] {
    for (int i = 1; i <= 21; ++i) steps.store(i);
  });
  std::thread two([&] { seen = steps.load(); });
  one.join();
  two.join();
  HEDDLE_CHECK(seen != 21);
}

TEST_P(EveryStrategy, FindsALongRunOfOneThread) {
  // Mean schedules to the first one, over 20 seeds: from 4 (pct) to 33 (feedback).
  EXPECT_TRUE(explore(options{.strategy = chosen(), .schedules = 2000}, run_ahead).failed());
}

// ---------------------------------------------------------------- the first schedule of a portfolio

// Checks and acts, at once or not.
template <bool AtOnce>
void withdraw_twice() {
  std::atomic<int> balance{100};
  const auto withdraw = [&] {
    if constexpr (AtOnce) {
      if (balance.fetch_sub(80) < 80) balance.fetch_add(80);
    } else {
      if (balance.load() >= 80) balance.fetch_sub(80);
    }
  };
  std::thread one(withdraw);
  std::thread two(withdraw);
  one.join();
  two.join();
  HEDDLE_CHECK(balance.load() >= 0);
}

// Waits for a notification, with a predicate or not.
template <bool Looks>
void wait_for_the_other() {
  std::mutex lock;
  std::condition_variable changed;
  bool ready = false;
  std::thread other([&] {
    const std::lock_guard held(lock);
    ready = true;
    changed.notify_one();
  });
  {
    std::unique_lock held(lock);
    if constexpr (Looks) {
      changed.wait(held, [&] { return ready; });
    } else {
      changed.wait(held);
    }
  }
  other.join();
}

// What counts on the threads' being done in the order of their creation, or on nothing.
template <bool CountsOnIt>
void start_in_order() {
  std::atomic<int> last{0};
  std::thread one([&] { last.store(1); });
  std::thread two([&] { last.store(2); });
  one.join();
  two.join();
  HEDDLE_CHECK(!CountsOnIt || last.load() == 2);
}

using bodies = std::vector<void (*)()>;

TEST(PortfolioExplored, FindsBugsOfTwoThreadsInItsFirstScheduleWhateverTheSeed) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (const bodies::value_type body :
         bodies{&withdraw_twice<false>, [] { lock_both(false); }, &wait_for_the_other<false>, &start_in_order<true>}) {
      EXPECT_TRUE(explore(options{.schedules = 1, .seed = seed, .minimise = false}, body).failed()) << seed;
    }
  }
}

TEST(PortfolioExplored, PassesTheCorrectedPrograms) {
  for (const bodies::value_type body :
       bodies{&withdraw_twice<true>, [] { lock_both(true); }, &wait_for_the_other<true>, &start_in_order<false>}) {
    const report result = explore(options{}, body);
    EXPECT_FALSE(result.failed()) << result.text();
  }
}

// Two threads in turn: each preemption at one place only, `stages` of them.
void take_turns(int stages) {
  std::atomic<int> stage{0};
  const auto advance = [&](int from) {
    for (int i = from; i < stages; i += 2) {
      if (stage.load() != i) return;
      stage.store(i + 1);
    }
  };
  std::thread even([&] { advance(0); });
  std::thread odd([&] { advance(1); });
  even.join();
  odd.join();
  HEDDLE_CHECK(stage.load() < stages);
}

// Of the ten threads each comes first with a chance of one in ten at least.
TEST(Detection, ChancesAreThoseOfPctsShareOfTheSchedules) {
  const auto chances = [](const check::strategy& chosen) {
    return check::explore({.strategy = chosen, .schedules = 300},
                          [] {
                            std::atomic<int> sum{0};
                            std::vector<std::thread> threads;
                            for (int i = 0; i < 9; ++i) threads.emplace_back([&sum] { ++sum; });
                            for (std::thread& one : threads) one.join();
                          })
        .detection;
  };
  EXPECT_FALSE(chances(check::random{}));
  EXPECT_FALSE(chances(check::exhaustive{}));
  const auto of_pct = chances(check::pct{.depth = 2});
  ASSERT_TRUE(of_pct);
  EXPECT_GT((*of_pct)[1], 0.1);
  EXPECT_EQ((*of_pct)[2], 0);
  const auto of_some = chances(check::portfolio{});
  ASSERT_TRUE(of_some);
  EXPECT_GT((*of_some)[0], 0.5);
  EXPECT_GT((*of_some)[0], (*of_some)[1]);
  EXPECT_GT((*of_some)[1], (*of_some)[2]);
  EXPECT_GT((*of_some)[2], 0);
}

// After 1, 2, 4, 8 schedules and so on.
TEST(Detection, NewSchedulesOverTimeAreCounted) {
  const check::report result = check::explore({.schedules = 100}, [] {
    std::atomic<int> word{0};
    std::thread other([&word] { word = 1; });
    word.load();
    other.join();
  });
  ASSERT_EQ(result.distinct_after.size(), 7U);
  EXPECT_EQ(result.distinct_after.front(), 1U);
  EXPECT_TRUE(std::is_sorted(result.distinct_after.begin(), result.distinct_after.end()));
  EXPECT_EQ(result.distinct_after.back(), 2U);
}

TEST(FeedbackExplored, FindsStepByStepWhatRandomDoesNot) {
  int by_random = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto found = [seed](const check::strategy& by) {
      return explore(options{.strategy = by, .schedules = 3000, .seed = seed, .minimise = false}, [] { take_turns(8); })
          .failed();
    };
    EXPECT_TRUE(found(check::feedback{})) << "seed " << seed;
    by_random += found(check::random{}) ? 1 : 0;
  }
  EXPECT_LE(by_random, 5);
}

TEST(FeedbackExplored, TokenHoldsTheDecisionsAndBringsTheScheduleBack) {
  for (const bool minimised : {false, true}) {
    const options wanted{.strategy = check::feedback{}, .schedules = 3000, .minimise = minimised};
    const auto body = [] { take_turns(6); };
    check::test_begins();
    const report found = explore(wanted, body);
    ASSERT_EQ(found.findings.size(), 1U);
    EXPECT_NE(found.findings[0].token.find("-r"), std::string::npos);
    check::test_begins();
    const variable replay("HEDDLE_REPLAY", found.findings[0].token);
    const report again = explore(wanted, body);
    ASSERT_EQ(again.findings.size(), 1U) << again.text();
    EXPECT_EQ(again.findings[0].event_hash, found.findings[0].event_hash);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryStrategy,
                         testing::Values("random", "pct:3", "pct:5", "pos", "surw", "round_robin", "delays:2",
                                         "delays:5", "portfolio", "feedback", "exhaustive:2"),
                         [](const testing::TestParamInfo<const char*>& one) {
                           std::string name = one.param;
                           for (char& letter : name) letter = letter == ':' ? '_' : letter;
                           return name;
                         });

}  // namespace
