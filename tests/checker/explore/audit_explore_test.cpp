// The determinism audit on real executions: it catches what differs from run to run, and nothing else.
#include "heddle/gtest.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::HasSubstr;

// State that outlives executions, which a body must not depend on.
int runs = 0;

void two_threads(bool with_extra_operation) {
  std::atomic<int> count{0};
  std::thread other([&count] { count.fetch_add(1); });
  if (with_extra_operation) count.fetch_add(1);
  count.fetch_add(1);
  other.join();
}

TEST(DeterminismAudit, CatchesABodyThatDiffersInEverySecondRun) {
  runs = 0;
  const report result = explore(options{}, [] { two_threads(++runs % 2 == 0); });
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].kind, finding_kind::nondeterminism);
  EXPECT_EQ(result.findings[0].schedule, 0U);
  EXPECT_THAT(result.findings[0].message, HasSubstr("two runs of schedule 0 differ"));
  EXPECT_THAT(result.findings[0].message,
              testing::ContainsRegex("event [0-9]+ was `.*` by thread 0, and the second time `.*` by thread 0"));
  EXPECT_THAT(result.text(), HasSubstr("audit_explore_test.cpp:"));
}

TEST(DeterminismAudit, CatchesABodyThatDiffersNowAndThen) {
  for (const int period : {3, 4, 5, 7, 20}) {
    runs = 0;
    const report result = explore(options{.schedules = 10'000}, [period] { two_threads(++runs % period == 0); });
    ASSERT_FALSE(result.findings.empty()) << period;
    EXPECT_EQ(result.findings[0].kind, finding_kind::nondeterminism) << period;
  }
}

TEST(DeterminismAudit, CatchesACacheThatEveryScheduleFillsALittleMore) {
  static std::array<bool, 1000> seen{};
  const report result = explore(options{}, [] {
    bool& this_one = seen.at(heddle::check::choose(1000));
    two_threads(!this_one);
    this_one = true;
  });
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].kind, finding_kind::nondeterminism);
  EXPECT_GT(result.findings[0].schedule, 0U);
}

TEST(DeterminismAudit, PassesADeterministicBody) {
  const report result = explore(options{.audit = 1.0}, [] { two_threads(true); });
  EXPECT_FALSE(result.failed()) << result.text();
}

int set_up_once() {
  static const int value = [] {
    std::mutex mutex;
    const std::lock_guard lock(mutex);
    return 42;
  }();
  return value;
}

TEST(DeterminismAudit, PassesWhatAProcessSetsUpOnce) {
  const report result = explore(options{.audit = 1.0}, [] {
    set_up_once();
    two_threads(true);
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(DeterminismAudit, CanBeSwitchedOff) {
  runs = 0;
  const report result = explore(options{.schedules = 100, .audit = 0.0}, [] { two_threads(++runs % 2 == 0); });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(runs, 100);
}

TEST(DeterminismAudit, CostsOneRunForEachScheduleOfTheSample) {
  runs = 0;
  const report result = explore(options{.schedules = 1000}, [] { ++runs; });
  EXPECT_FALSE(result.failed());
  EXPECT_NEAR(runs, 1050, 40);
}

TEST(Confirmation, SaysWhenAFailureDoesNotRepeat) {
  runs = 0;
  const report result = explore(options{.audit = 0.0}, [] { HEDDLE_CHECK(++runs != 3); });
  ASSERT_EQ(result.findings.size(), 2U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::assertion);
  EXPECT_EQ(result.findings[1].kind, finding_kind::nondeterminism);
  EXPECT_THAT(result.findings[1].message, HasSubstr("run again in the same process it passed"));
}

}  // namespace
