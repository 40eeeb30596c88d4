// EXPECT_*, ASSERT_* and GTEST_SKIP on virtual threads, and the macros themselves.
#include "heddle/gtest.hpp"

#include "heddle/sim/current.hpp"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace {

using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::HasSubstr;

TEST(GoogleTestGlue, ExpectOnAVirtualThreadIsAnAssertionFindingAndGoesOn) {
  const report result = explore(options{}, [] {
    std::thread other([] {
      EXPECT_EQ(1 + 1, 3) << "arithmetic";
      EXPECT_TRUE(false) << "and on";
    });
    other.join();
  });
  ASSERT_EQ(result.findings.size(), 2U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::assertion);
  EXPECT_THAT(result.findings[0].message, HasSubstr("arithmetic"));
  EXPECT_THAT(result.findings[1].message, HasSubstr("and on"));
  EXPECT_TRUE(result.findings[0].where.file.ends_with("gtest_test.cpp"));
  EXPECT_EQ(result.findings[0].thread, 1U);
  EXPECT_THAT(result.text(), HasSubstr("also assertion: "));
}

TEST(GoogleTestGlue, AssertReturnsFromItsFunction) {
  bool beyond = false;
  const report result = explore(options{}, [&beyond] {
    ASSERT_TRUE(false);
    beyond = true;
  });
  EXPECT_EQ(result.findings.size(), 1U);
  EXPECT_FALSE(beyond);
}

TEST(GoogleTestGlue, MessagesOutliveTheirExecution) {
  const report result = explore(options{}, [] {
    EXPECT_EQ(std::string(3000, 'a'), "b");
    std::thread left_running([] {
      while (true) std::this_thread::yield();
    });
    HEDDLE_CHECK(false);
  });
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_THAT(result.findings[0].message, HasSubstr(std::string(2000, 'a')));
}

TEST(GoogleTestGlue, SuccessAndSkipDoNotFail) {
  const report result = explore(options{.schedules = 10}, [] {
    SUCCEED() << "fine";
    if (heddle::check::choose(2) == 0) GTEST_SKIP() << "not this time";
    EXPECT_TRUE(true);
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_FALSE(IsSkipped());
}

TEST(GoogleTestGlue, FailuresOfOtherThreadsGoToGoogleTest) {
  EXPECT_NONFATAL_FAILURE(
      {
        const report result = explore(options{.schedules = 1, .audit = 0}, [] {
          const heddle::sim::host_scope outside;
          ADD_FAILURE() << "from outside";
        });
        EXPECT_FALSE(result.failed()) << result.text();
      },
      "from outside");
}

TEST(GoogleTestGlue, AfterAnExplorationGoogleTestWorksAsBefore) {
  static_cast<void>(explore(options{.schedules = 2}, [] { EXPECT_TRUE(false); }));
  EXPECT_NONFATAL_FAILURE(EXPECT_TRUE(false) << "seen", "seen");
}

TEST(GoogleTestGlue, ScopedTraceOfAVirtualThreadIsPartOfItsMessage) {
  const report result = explore(options{}, [] {
    SCOPED_TRACE("tracing");
    EXPECT_TRUE(false);
  });
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, HasSubstr("tracing"));
}

int bodies = 0;

HEDDLE_TEST_WITH(HeddleTest, RunsItsBodyOncePerSchedule, options{.schedules = 20, .audit = 0}) {
  ++bodies;
}

TEST(HeddleTest, RanItsBodyOncePerSchedule) {
  EXPECT_EQ(bodies % 20, 0);
}

HEDDLE_TEST(HeddleTest, BodyIsAMainThreadThatCanStartOthers) {
  std::atomic<int> count{0};
  {
    std::jthread first([&] { count.fetch_add(1); });
    std::jthread second([&] { count.fetch_add(1); });
  }
  EXPECT_EQ(count.load(), 2);
}

}  // namespace
