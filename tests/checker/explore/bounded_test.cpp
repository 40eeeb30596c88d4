// The searches by preemptions and by delays: few first, none missed, and no more than was asked for.
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"
#include "random_program.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace check = heddle::check;
using check::finding_kind;
using check::report;
using check::testing_programs::all_interleavings;
using check::testing_programs::in_threads;
using check::testing_programs::random_program;
using testing::HasSubstr;

check::options of_preemptions(std::uint32_t bound) {
  return {.strategy = check::exhaustive{.preemptions = bound}, .schedules = 0, .races = false};
}
check::options of_delays(std::uint32_t bound) {
  return {.strategy = check::exhaustive{.delays = bound}, .schedules = 0, .races = false};
}
report explore(const check::options& how, const std::function<void()>& body) {
  return check::explore(how, [&body] { body(); });
}
report explore(std::uint32_t bound, const std::function<void()>& body) {
  return explore(of_preemptions(bound), body);
}

// The texts of the executions of a program.
std::set<std::string> reached(const check::options& how, const random_program& program) {
  std::set<std::string> seen;
  const report result = explore(how, [&] {
    const std::string text = program.run();
    const heddle::sim::host_scope host;
    seen.insert(std::string(text.data(), text.size()));
  });
  EXPECT_TRUE(result.proved) << result.text();
  return seen;
}

TEST(Bounded, ReachesAllThatInterleavingsDoWhenTheBoundIsNone) {
  int compared = 0;
  for (std::uint64_t seed = 1; compared < 25; ++seed) {
    const random_program program(seed, random_program::kinds_all);
    const auto expected = all_interleavings(program, 10'000);
    if (!expected) continue;
    ++compared;
    EXPECT_EQ(reached(of_preemptions(check::preemptions_max), program), expected->texts) << "seed " << seed;
    EXPECT_EQ(reached(of_delays(check::delays_max), program), expected->texts) << "seed " << seed;
  }
}

// Three threads that each look at one word and write it, twice, and what each saw.
std::set<std::string> seen_by(const check::strategy& how) {
  std::set<std::string> seen;
  const report result = check::explore({.strategy = how, .schedules = 0, .races = false}, [&seen] {
    std::atomic<int> word{0};
    std::array<std::string, 3> looked;
    in_threads(3, [&](std::size_t thread) {
      for (int i = 0; i < 2; ++i) {
        looked.at(thread) += std::to_string(word.load());
        word.store(static_cast<int>(thread) * 2 + i + 1);
      }
    });
    const heddle::sim::host_scope host;
    seen.insert(
        std::string((looked[0] + '|' + looked[1] + '|' + looked[2] + '|' + std::to_string(word.load())).c_str()));
  });
  EXPECT_TRUE(result.proved) << result.text();
  return seen;
}

TEST(Bounded, SeesWhatTheOptimalSearchSeesWhenTheBoundIsNone) {
  EXPECT_EQ(seen_by(check::exhaustive{.preemptions = check::preemptions_max}), seen_by(check::exhaustive{}));
  EXPECT_EQ(seen_by(check::exhaustive{.delays = check::delays_max}), seen_by(check::exhaustive{}));
}

// Two steps that another thread must not come between.
void lose_an_update() {
  std::atomic<int> count{0};
  in_threads(2, [&count](std::size_t) {
    const int before = count.load();
    count.store(before + 1);
  });
  HEDDLE_CHECK(count.load() == 2);
}

TEST(Bounded, AnUpdateIsLostByOnePreemptionAndByNoneIsNot) {
  const report none = explore(0, lose_an_update);
  EXPECT_FALSE(none.failed()) << none.text();
  EXPECT_TRUE(none.proved);
  EXPECT_THAT(none.summary(), HasSubstr(" schedules of at most 0 preemptions, "));
  const report one = explore(1, lose_an_update);
  ASSERT_TRUE(one.failed());
  EXPECT_FALSE(one.proved);
  EXPECT_EQ(one.strategy, "exhaustive:1");
}

TEST(Bounded, AnUpdateIsLostByOneDelayAndByNoneIsNot) {
  const report none = explore(of_delays(0), lose_an_update);
  EXPECT_TRUE(none.proved) << none.text();
  EXPECT_EQ(none.schedules, 1U);
  EXPECT_THAT(none.summary(), HasSubstr(" schedule of at most 0 delays, "));
  const report one = explore(of_delays(1), lose_an_update);
  ASSERT_TRUE(one.failed());
  EXPECT_EQ(one.strategy, "exhaustive:delays:1");
  EXPECT_THAT(one.findings[0].token, testing::ContainsRegex("^h1-exhaustive:delays:1-sync-.*-r[a-z2-7]+-"));
}

TEST(Bounded, ProvesTheCorrectedProgram) {
  for (const check::options& how : {of_preemptions(3), of_delays(3)}) {
    const report fixed = explore(how, [] {
      std::atomic<int> count{0};
      in_threads(2, [&count](std::size_t) { count.fetch_add(1); });
      HEDDLE_CHECK(count.load() == 2);
    });
    EXPECT_TRUE(fixed.proved) << fixed.text();
  }
}

// In which orders so many threads take a lock that they all wait for, and how many schedules that took.
std::pair<std::set<std::string>, std::uint64_t> orders_at_a_lock(const check::options& how, std::size_t threads) {
  std::set<std::string> orders;
  const report result = explore(how, [&] {
    std::mutex lock;
    std::string order;
    in_threads(threads, [&](std::size_t thread) {
      const std::lock_guard held(lock);
      order += std::to_string(thread);
    });
    const heddle::sim::host_scope host;
    orders.insert(std::string(order.c_str()));
  });
  EXPECT_TRUE(result.proved) << result.text();
  return {orders, result.schedules};
}

TEST(Bounded, WhoGoesOnWhereAThreadWaitsIsWorthTheDelaysToIt) {
  EXPECT_EQ(orders_at_a_lock(of_delays(0), 3).first, (std::set<std::string>{"012"}));
  EXPECT_EQ(orders_at_a_lock(of_delays(1), 3).first, (std::set<std::string>{"012", "021", "120"}));
  EXPECT_EQ(orders_at_a_lock(of_delays(check::delays_max), 3).first.size(), 6U);
}

// Who is passed over has the next turn when all others had theirs. By preemptions all 3,628,800 orders are those of
// schedules with none.
TEST(Bounded, FewDelaysDoNotPermuteManyThreads) {
  const std::string usual = "0123456789";
  std::set<std::string> expected;
  for (std::size_t i = 0; i < usual.size(); ++i) expected.insert(usual.substr(0, i) + usual.substr(i + 1) + usual[i]);
  const auto [orders, schedules] = orders_at_a_lock(of_delays(1), usual.size());
  EXPECT_EQ(orders, expected);
  EXPECT_LT(schedules, 100U);
}

TEST(Bounded, DelaysAreTheBoundWhereBothAreGiven) {
  check::options both = of_delays(0);
  both.strategy = check::exhaustive{.preemptions = 1, .delays = 0};
  const report result = explore(both, lose_an_update);
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.strategy, "exhaustive:delays:0");
  EXPECT_FALSE(result.preemptions);
}

// Each step must be taken by the other of two threads: three preemptions, and no fewer.
void advance_in_turns() {
  std::atomic<int> stage{0};
  in_threads(2, [&stage](std::size_t first) {
    for (int i = static_cast<int>(first); i < 8; i += 2) {
      if (stage.load() != i) return;
      stage.store(i + 1);
    }
  });
  HEDDLE_CHECK(stage.load() < 5);
}

TEST(Bounded, FindsADeepFailureSoonWithAGrowingBound) {
  const report few = explore(2, advance_in_turns);
  EXPECT_TRUE(few.proved) << few.text();
  const report deep = explore(4, advance_in_turns);
  ASSERT_TRUE(deep.failed());
  EXPECT_LE(deep.schedules, 320U);
  EXPECT_THAT(deep.findings[0].minimised, HasSubstr("shrunk to 3 preemptions"));
}

TEST(Bounded, WhoGoesOnWhereAThreadWaitsIsNoPreemption) {
  EXPECT_EQ(orders_at_a_lock(of_preemptions(0), 3).first.size(), 6U);
}

TEST(Bounded, DoesNotPermuteWhatIsIndependent) {
  const report result = explore(2, [] {
    std::array<std::atomic<int>, 3> words{};
    in_threads(3, [&words](std::size_t thread) {
      for (int i = 0; i < 5; ++i) words.at(thread).store(i);
    });
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_LT(result.schedules, 1000U);
}

TEST(Bounded, TriesEveryAnswerToAChoice) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  const report result = explore(0, [&seen] {
    const std::uint32_t first = check::choose(3);
    std::atomic<int> point{0};
    point.store(1);
    const std::uint32_t second = first == 1 ? check::choose(4) : 0;
    const heddle::sim::host_scope host;
    seen.insert({first, second});
  });
  EXPECT_TRUE(result.proved);
  EXPECT_EQ(result.schedules, 6U);
  EXPECT_EQ(seen.size(), 6U);
}

TEST(Bounded, FindsTheDeadlockAndItsTokenReplaysIt) {
  const auto body = [] {
    std::mutex left;
    std::mutex right;
    in_threads(2, [&](std::size_t i) {
      const std::lock_guard first(i == 0 ? left : right);
      const std::lock_guard second(i == 0 ? right : left);
    });
  };
  const report broken = explore(1, body);
  ASSERT_EQ(broken.findings.size(), 1U) << broken.text();
  EXPECT_EQ(broken.findings[0].kind, finding_kind::deadlock);
  EXPECT_THAT(broken.findings[0].token, testing::ContainsRegex("^h1-exhaustive:1-sync-.*-r[a-z2-7]+-"));
}

// A thread that spins, with or without a yield, gives way, or the search would have no end.
TEST(Bounded, ComesToAnEndWhereAThreadSpins) {
  for (const bool yields : {true, false}) {
    for (check::options how : {of_preemptions(1), of_delays(1)}) {
      how.schedules = 20'000;
      const report result = check::explore(how, [yields] {
        std::atomic<bool> ready{false};
        std::thread other([&ready] { ready.store(true); });
        while (!ready.load()) {
          if (yields) std::this_thread::yield();
        }
        other.join();
      });
      EXPECT_FALSE(result.failed()) << result.text();
      EXPECT_TRUE(!yields || result.proved) << result.text();
    }
  }
}

TEST(Bounded, ALimitThatComesFirstIsNoProof) {
  check::options how = of_preemptions(2);
  how.schedules = 3;
  const report some = check::explore(how, advance_in_turns);
  EXPECT_FALSE(some.proved);
  EXPECT_EQ(some.schedules, 3U);
  ASSERT_TRUE(some.explored);
  EXPECT_GT(*some.explored, 0);
  EXPECT_LT(*some.explored, 1);
}

TEST(Bounded, AnAuditOfEveryScheduleChangesNothing) {
  check::options how = of_preemptions(2);
  const report plain = check::explore(how, advance_in_turns);
  how.audit = 1;
  const report all = check::explore(how, advance_in_turns);
  EXPECT_TRUE(all.proved) << all.text();
  EXPECT_EQ(all.schedules, plain.schedules);
}

heddle::task<> add_in_two_steps(std::shared_ptr<std::atomic<int>> count) {
  const int before = count->load();
  co_await heddle::yield_now();
  count->store(before + 1);
}
heddle::task<> lose_an_update_of_tasks() {
  auto count = std::make_shared<std::atomic<int>>(0);
  auto one = heddle::spawn(add_in_two_steps(count));
  auto two = heddle::spawn(add_in_two_steps(count));
  co_await one;
  co_await two;
  HEDDLE_CHECK(count->load() == 2);
}

TEST(Bounded, FindsWhatTasksDoToEachOther) {
  check::options how = of_preemptions(1);
  how.schedules = 2000;
  how.weak_memory = false;
  const report broken = check::explore(how, [] {
    heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on(lose_an_update_of_tasks());
  });
  ASSERT_TRUE(broken.failed());
  EXPECT_EQ(broken.findings[0].kind, finding_kind::assertion) << broken.text();
}

}  // namespace
