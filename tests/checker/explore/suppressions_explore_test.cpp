#include "explore_on_workers.hpp"
#include "heddle/check.hpp"
#include "heddle/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

[[gnu::noinline]] void known_failure() {
  HEDDLE_CHECK(false && "known");
}
[[gnu::noinline]] void other_failure() {
  HEDDLE_CHECK(false && "other");
}

suppression known() {
  return {.kind = finding_kind::assertion, .function = "*known_failure", .reason = "it is the test's"};
}

// Of four schedules one fails as is known, and one in another way.
void fail_in_two_ways() {
  const std::size_t way = choose(4);
  if (way == 1) known_failure();
  if (way == 2) other_failure();
}

TEST(SuppressionsExplore, TheExplorationGoesOnAfterASuppressedFindingToAnotherOne) {
  const report all = explore({.strategy = exhaustive{}, .suppressions = {known()}}, fail_in_two_ways);
  ASSERT_EQ(all.findings.size(), 1U) << all.text();
  EXPECT_THAT(all.findings[0].message, HasSubstr("other"));
  ASSERT_EQ(all.suppressed.size(), 1U);
  EXPECT_EQ(all.suppressed[0].schedules, 1U);
  EXPECT_EQ(all.suppressed[0].by.reason, "it is the test's");
  const report plain = explore({.strategy = exhaustive{}}, fail_in_two_ways);
  EXPECT_THAT(plain.findings.at(0).message, HasSubstr("known"));
}

TEST(SuppressionsExplore, ItIsNoProofWhenSchedulesEndedInSuppressedFindings) {
  const report all = explore({.strategy = exhaustive{}, .suppressions = {known()}}, [] {
    if (choose(4) == 1) known_failure();
  });
  EXPECT_FALSE(all.failed()) << all.text();
  EXPECT_EQ(all.schedules, 4U);
  EXPECT_FALSE(all.proved);
  EXPECT_THAT(all.notices, Contains(HasSubstr("1 of 4 schedules had a suppressed assertion")));
}

TEST(SuppressionsExplore, OfADeadlockTheOtherSchedulesAreExplored) {
  const report all = explore(
      {.schedules = 50,
       .suppressions = {{.kind = finding_kind::deadlock, .file = "suppressions_explore_test.cpp", .reason = "known"}}},
      [] {
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
  EXPECT_FALSE(all.failed()) << all.text();
  EXPECT_EQ(all.schedules, 50U);
  ASSERT_EQ(all.suppressed.size(), 1U);
  EXPECT_GT(all.suppressed[0].schedules, 0U);
  EXPECT_LT(all.suppressed[0].schedules, 50U);
}

TEST(SuppressionsExplore, OneThatHidNothingIsReported) {
  const report all = explore({.schedules = 3, .suppressions = {known()}}, [] {});
  EXPECT_FALSE(all.failed());
  EXPECT_THAT(all.notices, Contains(HasSubstr("the suppression `assertion function=*known_failure` matched nothing")));
  EXPECT_EQ(all.unused_suppressions.size(), 1U);
}

TEST(SuppressionsExplore, OneWithoutAReasonIsAnError) {
  suppression silent = known();
  silent.reason = "";
  const report all = explore({.suppressions = {silent}}, [] {});
  EXPECT_EQ(all.error, "options.suppressions: the suppression of assertion has no reason");
}

// ---------------------------------------------------------------- schedules that go on

suppression any_of_this_file(finding_kind kind) {
  return {.kind = kind, .file = "suppressions_explore_test.cpp", .reason = "it is the test's"};
}

// A thread and the main thread write to `number` without an order.
void write_to_both(int& number) {
  std::thread other([&] { number = 1; });
  number = 2;
  other.join();
}

TEST(SuppressionsGoOn, AFailureAfterASuppressedRaceIsFound) {
  const auto race_and_fail = [] {
    int number = 0;
    write_to_both(number);
    if (number == 1) other_failure();
  };
  const report all = explore({.suppressions = {any_of_this_file(finding_kind::data_race)}}, race_and_fail);
  ASSERT_EQ(all.findings.size(), 1U) << all.text();
  EXPECT_EQ(all.findings[0].kind, finding_kind::assertion) << all.text();
  ASSERT_EQ(all.suppressed.size(), 1U);
  EXPECT_EQ(all.suppressed[0].schedules, all.schedules);
  EXPECT_THAT(all.unused_suppressions, ::testing::IsEmpty());
  const report plain = explore({}, race_and_fail);
  EXPECT_EQ(plain.findings.at(0).kind, finding_kind::data_race) << plain.text();
}

TEST(SuppressionsGoOn, ASuppressedRaceAloneFailsNothingAndProvesNothing) {
  const report all =
      explore({.strategy = exhaustive{}, .suppressions = {any_of_this_file(finding_kind::data_race)}}, [] {
        int number = 0;
        write_to_both(number);
      });
  EXPECT_FALSE(all.failed()) << all.text();
  EXPECT_FALSE(all.proved);
  EXPECT_THAT(all.notices, Contains(HasSubstr("had a suppressed data-race")));
}

TEST(SuppressionsGoOn, ARaceAtAnotherPlaceIsNotHiddenByASuppressedOne) {
  const report all = explore(
      {.suppressions = {{.kind = finding_kind::data_race, .function = "*write_to_both*", .reason = "known"}}}, [] {
        int known = 0;
        int other = 0;
        std::thread beside([&] { other = 1; });
        write_to_both(known);
        other = 2;
        beside.join();
      });
  ASSERT_EQ(all.findings.size(), 1U) << all.text();
  EXPECT_EQ(all.findings[0].kind, finding_kind::data_race);
  EXPECT_THAT(all.text(), HasSubstr("other = "));
}

// The second write is known to race with the first. The read is ordered after the second, and not after the first.
[[gnu::noinline]] void known_write(int& number) {
  number = 2;
}
template <typename Read>
void reads_after_a_known_race(Read read) {
  int number = 0;
  std::atomic<bool> written{false};
  std::thread first([&] { number = 1; });
  std::thread second([&] {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    known_write(number);
    written.store(true);
  });
  std::thread reader([&] {
    while (!written.load()) std::this_thread::sleep_for(std::chrono::seconds(1));
    read(number, first);
  });
  second.join();
  reader.join();
  if (first.joinable()) first.join();
}

TEST(SuppressionsGoOn, ALaterRaceOnTheSameBytesIsFoundInTheSameSchedule) {
  const options known{
      .schedules = 20,
      .suppressions = {{.kind = finding_kind::data_race, .function = "*known_write*", .reason = "known"}}};
  const report all = explore(
      known, [] { reads_after_a_known_race([](const int& number, std::thread&) { HEDDLE_CHECK(number != 0); }); });
  ASSERT_EQ(all.findings.size(), 1U) << all.text();
  EXPECT_EQ(all.findings[0].kind, finding_kind::data_race);
  EXPECT_THAT(all.text(), HasSubstr("number = 1"));
  EXPECT_THAT(all.text(), HasSubstr("read of 4 bytes by thread 3 and write by thread 1"));
  EXPECT_EQ(all.schedules, 1U);
  const report correct = explore(known, [] {
    reads_after_a_known_race([](const int& number, std::thread& first) {
      first.join();
      HEDDLE_CHECK(number != 0);
    });
  });
  EXPECT_FALSE(correct.failed()) << correct.text();
  EXPECT_EQ(correct.suppressed.size(), 1U);
}

// A task that does what is suppressed, and then fails.
struct known_trouble {
  finding_kind kind;
  task<> (*body)();

  friend std::ostream& operator<<(std::ostream& out, const known_trouble& one) { return out << to_string(one.kind); }
};

class SuppressionsGoOnInTasks : public ::testing::TestWithParam<known_trouble> {};

task<> sleeps() {
  std::this_thread::sleep_for(std::chrono::seconds(1));
  other_failure();
  co_return;
}
task<> keeps_a_lock() {
  std::mutex mutex;
  mutex.lock();
  co_await yield_now();
  mutex.unlock();
  other_failure();
}
task<> polls_long() {
  std::atomic<int> number{0};
  for (int i = 0; i < 25'000; ++i) number.fetch_add(1);
  other_failure();
  co_return;
}
task<> keeps_a_bound_value(std::shared_ptr<sync::notify> go) {
  const std::thread::id before = std::this_thread::get_id();
  const thread_bound<int> value(7);
  co_await go->notified();
  if (*value == 7 && std::this_thread::get_id() != before) other_failure();
}
task<> notifies(std::shared_ptr<sync::notify> go) {
  go->notify_one();
  co_return;
}
task<> moves_a_bound_value() {
  auto go = std::make_shared<sync::notify>();
  auto bound = spawn(keeps_a_bound_value(go));
  auto other = spawn(notifies(go));
  co_await bound;
  co_await other;
}
task<> adds_to(std::shared_ptr<int> number) {
  ++*number;
  co_return;
}
task<> races() {
  auto number = std::make_shared<int>(0);
  auto one = spawn(adds_to(number));
  auto other = spawn(adds_to(number));
  co_await one;
  co_await other;
  other_failure();
}

task<> in_a_task(task<> (*body)()) {
  auto spawned = spawn(body());
  co_await spawned;
}
report on_workers(options how) {
  return check::testing::explore_on_workers([] { return in_a_task(SuppressionsGoOnInTasks::GetParam().body); }, how);
}

TEST_P(SuppressionsGoOnInTasks, AFailureAfterItIsFound) {
  const report plain = on_workers({});
  EXPECT_EQ(plain.findings.at(0).kind, GetParam().kind) << plain.text();
  const report all = on_workers({.suppressions = {any_of_this_file(GetParam().kind)}});
  ASSERT_EQ(all.findings.size(), 1U) << all.text();
  EXPECT_EQ(all.findings[0].kind, finding_kind::assertion) << all.text();
  ASSERT_EQ(all.suppressed.size(), 1U);
  EXPECT_GE(all.suppressed[0].schedules, 1U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SuppressionsGoOnInTasks,
                         ::testing::Values(known_trouble{finding_kind::blocking_stall, sleeps},
                                           known_trouble{finding_kind::lock_held_across_await, keeps_a_lock},
                                           known_trouble{finding_kind::long_poll, polls_long},
                                           known_trouble{finding_kind::thread_affinity, moves_a_bound_value},
                                           known_trouble{finding_kind::data_race, races}),
                         [](const ::testing::TestParamInfo<known_trouble>& made) {
                           std::string name(to_string(made.param.kind));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace heddle::check
