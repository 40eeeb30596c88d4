// Data races as findings: what a report says of them, on threads, and that the corrected programs pass.
#include "heddle/gtest.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::ContainsRegex;
using testing::HasSubstr;

int hits = 0;
std::mutex hits_lock;

[[gnu::noinline]] void hit() {
  ++hits;
}

template <bool Fixed>
void count_hits() {
  const auto visit = [] {
    if (Fixed) {
      const std::lock_guard held(hits_lock);
      hit();
    } else {
      hit();
    }
  };
  std::thread one(visit);
  std::thread two(visit);
  one.join();
  two.join();
}

TEST(DataRace, IsFoundInTheFirstScheduleWithBothPlacesAndTheVariable) {
  const report result = explore(options{}, count_hits<false>);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::data_race);
  EXPECT_EQ(result.schedules, 1U);
  const std::string text = result.text();
  EXPECT_THAT(text, ContainsRegex("data-race in .*: (read|write) of 4 bytes by thread [12] and (read|write) by thread "
                                  "[12]: nothing orders them; variable `.*hits`"));
  EXPECT_THAT(text, ContainsRegex("stack of thread [12]:\n[^:]*races_explore_test.cpp:[0-9]+  hit"));
  EXPECT_THAT(text, ContainsRegex("stack of thread [12], where it (read|wrote) 4 bytes of it before:\n"
                                  "[^:]*races_explore_test.cpp:[0-9]+  hit"));
  EXPECT_THAT(text, HasSubstr("replay: HEDDLE_REPLAY="));
}

TEST(DataRace, IsNoneUnderALock) {
  const report result = explore(options{}, count_hits<true>);
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(DataRace, IsNoFindingWhenRacesAreNotAskedFor) {
  const report result = explore(options{.races = false}, count_hits<false>);
  EXPECT_FALSE(result.failed()) << result.text();
}

template <bool Fixed>
void publish() {
  std::unique_ptr<int> answer;
  std::atomic<bool> ready{false};
  std::thread writer([&] {
    answer = std::make_unique<int>(42);
    ready.store(true, Fixed ? std::memory_order_release : std::memory_order_relaxed);
  });
  std::thread reader([&] {
    if (ready.load(std::memory_order_acquire)) HEDDLE_CHECK(*answer == 42);
  });
  writer.join();
  reader.join();
}

TEST(DataRace, OfARelaxedFlagIsFoundAndOfAReleasedOneIsNone) {
  EXPECT_EQ(explore(options{}, publish<false>).findings.at(0).kind, finding_kind::data_race);
  const report result = explore(options{}, publish<true>);
  EXPECT_FALSE(result.failed()) << result.text();
}

// What the standard library and GoogleTest do inside is theirs.
TEST(DataRace, IsNoneInsideTheLibraries) {
  const report result = explore(options{}, [] {
    auto shared = std::make_shared<std::string>("a string that is too long to be kept in place");
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([shared, i] {
        EXPECT_EQ(shared->size(), 45U);
        EXPECT_GE(std::to_string(i) + *shared, "");
      });
    }
    for (std::thread& one : threads) one.join();
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

}  // namespace
