// What one exploration finds, counts, confirms and says.
#include "heddle/gtest.hpp"
#include "heddle/sim/current.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::HasSubstr;

void lose_an_update() {
  std::atomic<int> count{0};
  const auto add = [&count] {
    const int seen = count.load();
    count.store(seen + 1);
  };
  std::thread first(add);
  std::thread second(add);
  first.join();
  second.join();
  HEDDLE_CHECK(count.load() == 2);
}

void keep_every_update() {
  std::atomic<int> count{0};
  std::thread first([&count] { count.fetch_add(1); });
  std::thread second([&count] { count.fetch_add(1); });
  first.join();
  second.join();
  HEDDLE_CHECK(count.load() == 2);
}

TEST(Explore, FindsALostUpdateInTheFirstScheduleOfEverySeed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const report result = explore(options{.schedules = 1, .seed = seed}, lose_an_update);
    ASSERT_TRUE(result.failed()) << "seed " << seed;
    EXPECT_EQ(result.findings.size(), 1U) << result.text();
    EXPECT_EQ(result.findings[0].kind, finding_kind::assertion);
    EXPECT_EQ(result.findings[0].message, "HEDDLE_CHECK(count.load() == 2) is false");
    EXPECT_EQ(result.schedules, result.findings[0].schedule + 1);
  }
}

TEST(Explore, PassesTheCorrectedProgram) {
  const report result = explore(options{}, keep_every_update);
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(result.schedules, 1000U);
  // Either addition is the first.
  EXPECT_EQ(result.distinct, 2U);
  EXPECT_FALSE(result.proved);
}

TEST(Explore, SameSeedGivesTheSameReport) {
  const report first = explore(options{.seed = 5, .name = "a"}, lose_an_update);
  const report second = explore(options{.seed = 5, .name = "b"}, lose_an_update);
  ASSERT_TRUE(first.failed());
  EXPECT_EQ(first.findings[0].schedule, second.findings[0].schedule);
  EXPECT_EQ(first.findings[0].event_hash, second.findings[0].event_hash);
}

TEST(Explore, OtherSeedsGiveOtherSchedules) {
  std::set<std::uint64_t> found;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const report result =
        explore(options{.strategy = heddle::check::random{}, .seed = seed, .minimise = false}, lose_an_update);
    ASSERT_TRUE(result.failed());
    found.insert(result.findings[0].event_hash);
  }
  EXPECT_GT(found.size(), 1U);
}

TEST(Explore, ReportNamesPlaceStackAndReplayCommand) {
  const report result = explore(options{}, lose_an_update);
  ASSERT_TRUE(result.failed());
  EXPECT_TRUE(result.findings[0].where.file.ends_with("explore_test.cpp"));
  const std::string text = result.text();
  EXPECT_THAT(text,
              testing::StartsWith("assertion in Explore.ReportNamesPlaceStackAndReplayCommand: HEDDLE_CHECK(count"));
  EXPECT_THAT(text, HasSubstr("lose_an_update"));
  EXPECT_THAT(text, HasSubstr("of 1000, strategy portfolio, seed 1"));
  const std::string last = text.substr(text.rfind('\n') + 1);
  EXPECT_THAT(last, testing::StartsWith("replay: HEDDLE_REPLAY=" + result.findings[0].token + " /"));
  EXPECT_THAT(last, testing::EndsWith(" --gtest_filter=Explore.ReportNamesPlaceStackAndReplayCommand"));
  EXPECT_THAT(result.findings[0].token, testing::StartsWith("h1-portfolio-sync-"));
}

TEST(Explore, ReportsAnEscapedException) {
  const report result = explore(options{}, [] { throw std::runtime_error("no more apples"); });
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::exception);
  EXPECT_THAT(result.findings[0].message, HasSubstr("std::runtime_error"));
  EXPECT_THAT(result.findings[0].message, HasSubstr("no more apples"));
}

TEST(Explore, ReportsADeadlockWithEveryThread) {
  const report result = explore(options{}, [] {
    std::mutex left;
    std::mutex right;
    std::thread other([&] {
      const std::lock_guard first(right);
      const std::lock_guard second(left);
    });
    {
      const std::lock_guard first(left);
      const std::lock_guard second(right);
    }
    other.join();
  });
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::deadlock);
  ASSERT_EQ(result.findings[0].threads.size(), 2U);
  for (const auto& thread : result.findings[0].threads) EXPECT_THAT(thread.waiting_for, HasSubstr("held by thread"));
  EXPECT_THAT(result.text(), HasSubstr("thread 0 waits for "));
  EXPECT_THAT(result.text(), HasSubstr("thread 1 waits for "));
  EXPECT_THAT(result.text(), HasSubstr("explore_test.cpp:"));
}

TEST(Explore, ReportsATestThatNeverEnds) {
  const report result = explore(options{.steps_max = 2000}, [] {
    for (std::atomic<unsigned> turns{0};; turns.fetch_add(1)) std::this_thread::yield();
  });
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.findings[0].kind, finding_kind::step_limit);
  EXPECT_THAT(result.findings[0].message, HasSubstr("steps_max"));
}

[[gnu::noinline]] int overflow(unsigned depth) {
  volatile char page[4096];
  page[0] = 1;
  return depth == 0 ? 0 : overflow(depth - 1) + page[0];
}

TEST(Explore, ReportsAStackOverflow) {
  const report result = explore(options{}, [] { overflow(1U << 30); });
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.findings[0].kind, finding_kind::stack_overflow);
  EXPECT_FALSE(explore(options{.schedules = 10}, keep_every_update).failed());
}

TEST(Explore, ReportsACallOfExit) {
  const report result = explore(options{}, [] { std::exit(3); });
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, HasSubstr("exit"));
}

TEST(Explore, InsideAnExecutionIsAClearError) {
  const report result = explore(options{}, [] { static_cast<void>(explore(options{}, [] {})); });
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_THAT(result.findings[0].message, HasSubstr("explorations do not nest"));
  EXPECT_FALSE(explore(options{.schedules = 10}, keep_every_update).failed());
}

TEST(Explore, WithOptionsThatMakeNoSenseExploresNothing) {
  bool ran = false;
  const report result = explore(options{.schedules = 0}, [&ran] { ran = true; });
  EXPECT_TRUE(result.failed());
  EXPECT_THAT(result.error, HasSubstr("a time is needed"));
  EXPECT_TRUE(result.findings.empty());
  EXPECT_FALSE(ran);
}

TEST(Explore, StopsWhenTheTimeIsOver) {
  const report result = explore(options{.schedules = 0, .time = std::chrono::milliseconds(100)}, keep_every_update);
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_GT(result.schedules, 100U);
}

TEST(Explore, TakesAFunctionAndAConstantCallable) {
  const auto constant = [] { keep_every_update(); };
  EXPECT_EQ(explore(options{.schedules = 3}, constant).schedules, 3U);
  EXPECT_EQ(explore(options{.schedules = 3}, keep_every_update).schedules, 3U);
}

TEST(Choose, ReachesEveryCandidateAndIsReplayedLikeAThread) {
  std::set<std::uint32_t> numbers;
  std::set<std::string> words;
  const report result = explore(options{.schedules = 300}, [&] {
    const std::uint32_t number = heddle::check::choose(5);
    const std::string word = heddle::check::value("red", "green", "blue");
    const heddle::sim::host_scope outlives;
    numbers.insert(number);
    words.insert(std::string(word.c_str()));
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(numbers.size(), 5U);
  EXPECT_EQ(words, (std::set<std::string>{"red", "green", "blue"}));
}

TEST(Choose, FromNothingIsAnAssertion) {
  const report result = explore(options{}, [] { heddle::check::choose(0); });
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, HasSubstr("nothing to choose from"));
}

TEST(ChooseDeathTest, OutsideAnExecutionIsAClearError) {
  EXPECT_DEATH(heddle::check::choose(2), "called outside an execution");
}

TEST(CheckDeathTest, OutsideAnExecutionAborts) {
  EXPECT_DEATH(HEDDLE_CHECK(1 == 2), "HEDDLE_CHECK\\(1 == 2\\) is false");
}

}  // namespace
