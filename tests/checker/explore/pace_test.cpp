#include "explore/pace.hpp"

#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using namespace std::chrono_literals;

std::string nothing_more() {
  return {};
}

std::uint64_t schedules_within(const pace::limits& limit, std::chrono::microseconds each) {
  pace limits(limit, "test", false, &nothing_more);
  std::uint64_t done = 0;
  while (limits.goes_on(done)) {
    std::this_thread::sleep_for(each);
    ++done;
  }
  return done;
}

TEST(Pace, EndsAtTheNumberOfSchedules) {
  EXPECT_EQ(schedules_within({12, 0ms}, 0us), 12U);
}

TEST(Pace, EndsAtTheTimeWhenSchedulesAreSlow) {
  const std::uint64_t done = schedules_within({0, 200ms}, 20'000us);
  EXPECT_GE(done, 1U);
  EXPECT_LE(done, 11U);
}

TEST(Pace, EndsAtTheTimeWhenSchedulesAreFast) {
  pace limits({0, 50ms}, "test", false, &nothing_more);
  const auto begun = pace::clock::now();
  std::uint64_t done = 0;
  while (limits.goes_on(done)) ++done;
  EXPECT_GE(pace::clock::now() - begun, 50ms);
}

TEST(Pace, AlwaysAllowsOneSchedule) {
  EXPECT_EQ(schedules_within({0, 1ms}, 5'000us), 1U);
}

TEST(Pace, ShowsHowFarItIsOnATerminalAndElsewhereNot) {
  for (const bool on_terminal : {true, false}) {
    testing::internal::CaptureStderr();
    {
      pace limits({0, 2100ms}, "Queue.Push", on_terminal, [] { return std::string("7 distinct"); });
      for (std::uint64_t done = 0; limits.goes_on(done); ++done) std::this_thread::sleep_for(1ms);
    }
    const std::string shown = testing::internal::GetCapturedStderr();
    const std::string line = "\r\033\\[Kheddle: Queue.Push: [0-9]+ schedules, 7 distinct, 2 s\r\033\\[K";
    EXPECT_THAT(shown, testing::MatchesRegex(on_terminal ? line : ""));
  }
}

}  // namespace
}  // namespace heddle::check
