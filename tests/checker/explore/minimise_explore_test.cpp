// What is reported of a failure is the shrunk schedule: few preemptions, the same failure, a token that brings it back.
#include "heddle/check/framework.hpp"
#include "heddle/gtest.hpp"
#include "variable.hpp"

#include <atomic>
#include <filesystem>
#include <mutex>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::check::testing::variable;

using heddle::check::explore;
using heddle::check::finding;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// Two increments that are none at once, among others that do no harm.
void lose_an_update(int noise) {
  std::atomic<int> other{0};
  std::atomic<int> count{0};
  const auto add = [&] {
    for (int i = 0; i < noise; ++i) other.fetch_add(1);
    const int before = count.load();
    count.store(before + 1);
    for (int i = 0; i < noise; ++i) other.fetch_add(1);
  };
  std::thread one(add);
  std::thread two(add);
  one.join();
  two.join();
  HEDDLE_CHECK(count.load() == 2);
}

options sequential() {
  options how;
  how.weak_memory = false;
  how.name = "minimise";
  return how;
}

TEST(Minimise, LeavesOnePreemptionOfALostUpdateAndNamesTheTwoOperations) {
  const report result = explore(sequential(), [] { lose_an_update(20); });
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  const finding& one = result.findings[0];
  EXPECT_EQ(one.kind, finding_kind::assertion);
  EXPECT_THAT(one.minimised, HasSubstr("shrunk to 1 preemption and 0 other unusual decisions, from ")) << result.text();
  ASSERT_EQ(one.deciding.size(), 2U) << result.text();
  EXPECT_NE(one.deciding[0].thread, one.deciding[1].thread);
  EXPECT_THAT(one.deciding[0].what, HasSubstr("atomic"));
  EXPECT_THAT(one.deciding[1].what, HasSubstr("atomic store")) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("it fails when the first comes before the second, and passes the other way"));
}

TEST(Minimise, KeepsTheStaleReadThatIsNeeded) {
  const report result = explore(options{.schedules = 5000}, [] {
    std::atomic<bool> ready{false};
    std::atomic<int> value{0};
    std::thread writer([&] {
      value.store(1, std::memory_order_relaxed);
      ready.store(true, std::memory_order_relaxed);
    });
    if (ready.load(std::memory_order_relaxed)) HEDDLE_CHECK(value.load(std::memory_order_relaxed) == 1);
    writer.join();
  });
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_THAT(result.findings[0].minimised, ContainsRegex("shrunk to [01] preemptions? and 1 other unusual decision,"));
  EXPECT_THAT(result.text(), HasSubstr("reads an older store"));
}

TEST(Minimise, OfALongExecutionIsBounded) {
  options how = sequential();
  how.schedules = 50;
  const report result = explore(how, [] { lose_an_update(1500); });
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  std::smatch runs;
  const std::string text = result.findings[0].minimised;
  ASSERT_TRUE(std::regex_search(text, runs, std::regex("in ([0-9]+) executions?"))) << result.text();
  EXPECT_LT(std::stoi(runs[1]), 2000);
  EXPECT_THAT(text, HasSubstr("shrunk to 1 preemption"));
}

TEST(Minimise, CanBeSwitchedOff) {
  options how = sequential();
  how.minimise = false;
  const auto body = [] { lose_an_update(20); };
  const report plain = explore(how, body);
  ASSERT_TRUE(plain.failed());
  EXPECT_EQ(plain.findings[0].minimised, "");
  how.minimise = true;
  const variable off("HEDDLE_MINIMISE", "0");
  const report same = explore(how, body);
  ASSERT_TRUE(same.failed());
  EXPECT_EQ(same.findings[0].minimised, "");
  EXPECT_EQ(same.findings[0].event_hash, plain.findings[0].event_hash);
}

TEST(Minimise, TokenBringsTheShrunkScheduleBackAndIsNotShrunkAgain) {
  const auto body = [] { lose_an_update(20); };
  const report found = explore(sequential(), body);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_NE(found.findings[0].token.find("-r"), std::string::npos);
  EXPECT_LT(found.findings[0].token.size(), 200U);
  heddle::check::test_begins();
  const variable replay("HEDDLE_REPLAY", found.findings[0].token);
  const report again = explore(sequential(), body);
  ASSERT_EQ(again.findings.size(), 1U) << again.text();
  EXPECT_EQ(again.findings[0].kind, found.findings[0].kind);
  EXPECT_EQ(again.findings[0].signature, found.findings[0].signature);
  EXPECT_EQ(again.findings[0].event_hash, found.findings[0].event_hash);
  EXPECT_EQ(again.findings[0].minimised, "");
}

// What the timeline shows is the execution that the token leads to: two accesses on one side, one on the other between
// them.
TEST(Minimise, TimelineIsThatOfTheShrunkSchedule) {
  const auto body = [] { lose_an_update(20); };
  options how = sequential();
  const report found = explore(how, body);
  ASSERT_EQ(found.findings.size(), 1U);
  std::vector<heddle::sim::thread_id> threads;
  for (const heddle::check::moment& one : found.findings[0].timeline) {
    if (one.what.starts_with("atomic") && one.thread != 0 && (threads.empty() || threads.back() != one.thread))
      threads.push_back(one.thread);
  }
  EXPECT_LE(threads.size(), 3U) << found.text();
  how.minimise = false;
  const report plain = explore(how, body);
  ASSERT_EQ(plain.findings.size(), 1U);
  EXPECT_NE(plain.findings[0].event_hash, found.findings[0].event_hash);
  EXPECT_EQ(plain.findings[0].signature, found.findings[0].signature);
}

// Two failures, of which the second needs less: the schedule stays one of the first.
TEST(Minimise, KeepsTheFailureThatWasFound) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    options how = sequential();
    how.seed = seed;
    unsigned line = 0;
    const auto body = [&line] {
      std::atomic<int> state{0};
      std::thread one([&] {
        state.store(1);
        state.store(2);
      });
      const int seen = state.load();
      line = __LINE__ + 1;
      HEDDLE_CHECK(seen != 1);
      one.join();
      HEDDLE_CHECK(seen != 2);
    };
    const report result = explore(how, body);
    how.minimise = false;
    const report plain = explore(how, body);
    ASSERT_TRUE(result.failed() && plain.failed());
    EXPECT_EQ(result.findings[0].where.line, plain.findings[0].where.line);
    EXPECT_EQ(result.findings[0].message, plain.findings[0].message);
    EXPECT_NE(result.findings[0].minimised, "");
  }
}

TEST(Minimise, ShrinksADeadlock) {
  const report result = explore(sequential(), [] {
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
  EXPECT_THAT(result.findings[0].minimised, ContainsRegex("shrunk to 1 preemption and 0 other")) << result.text();
}

// The decisions of a long execution of many threads do not fit a command line.
TEST(Minimise, LongTokenIsAFileThatReplayTakes) {
  const std::filesystem::path directory = std::filesystem::path(testing::TempDir()) / "heddle_long_token";
  const variable to("HEDDLE_REPORT_DIR", directory.string());
  options how = sequential();
  how.minimise = false;
  how.tokens = heddle::check::token_form::full;
  how.strategy = heddle::check::pos{};
  const auto body = [] { lose_an_update(2000); };
  const report found = explore(how, body);
  ASSERT_EQ(found.findings.size(), 1U);
  ASSERT_THAT(found.findings[0].token, HasSubstr(directory.string()));
  heddle::check::test_begins();
  const variable replay("HEDDLE_REPLAY", found.findings[0].token);
  const report again = explore(how, body);
  ASSERT_EQ(again.findings.size(), 1U) << again.text();
  EXPECT_EQ(again.findings[0].event_hash, found.findings[0].event_hash);
  std::filesystem::remove_all(directory);
}

}  // namespace
