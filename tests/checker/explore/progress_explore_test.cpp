// Livelocks, spin loops, long polls and values bound to their thread, of tasks and threads, under the strategies.
#include "explore_on_workers.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using heddle::check::testing::explore_on_workers;
using testing::ContainsRegex;
using testing::HasSubstr;

// ---------------------------------------------------------------- spin loops end under every strategy

class Spinning : public testing::TestWithParam<const char*> {
 protected:
  static options how() {
    return {.strategy = std::get<heddle::check::strategy>(heddle::check::parse_strategy(GetParam())), .schedules = 200};
  }
};

class spin_lock {
 public:
  void lock() noexcept {
    while (taken_.exchange(true, std::memory_order_acquire)) {
      while (taken_.load(std::memory_order_relaxed)) {
      }
    }
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

TEST_P(Spinning, ALockOfAtomicsIsNoLivelock) {
  const report result = explore(how(), [] {
    spin_lock lock;
    int value = 0;
    const auto add = [&] {
      for (int i = 0; i < 3; ++i) {
        lock.lock();
        ++value;
        lock.unlock();
      }
    };
    std::thread one(add);
    std::thread two(add);
    add();
    one.join();
    two.join();
    HEDDLE_CHECK(value == 9);
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST_P(Spinning, TasksThatYieldUntilOthersAreDoneAreNoLivelock) {
  const report result = explore(how(), [] {
    heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on([]() -> task<> {
      auto done = std::make_shared<std::atomic<bool>>(false);
      auto waiter = heddle::spawn(
          [](std::shared_ptr<std::atomic<bool>> flag) -> task<> {
            while (!flag->load()) co_await heddle::yield_now();
          },
          done);
      auto setter = heddle::spawn(
          [](std::shared_ptr<std::atomic<bool>> flag) -> task<> {
            for (int i = 0; i < 20; ++i) co_await heddle::yield_now();
            flag->store(true);
          },
          done);
      co_await waiter;
      co_await setter;
    }());
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

INSTANTIATE_TEST_SUITE_P(Strategies, Spinning, testing::Values("random", "pct:3", "pos", "surw"),
                         [](const auto& made) { return "S" + std::to_string(made.index); });

// ---------------------------------------------------------------- livelocks of tasks

task<> lets_the_other_go_first(std::shared_ptr<std::atomic<bool>> other) {
  while (other->load()) co_await heddle::yield_now();
}
task<> politely_yield_for_ever() {
  auto first = std::make_shared<std::atomic<bool>>(true);
  auto second = std::make_shared<std::atomic<bool>>(true);
  auto one = heddle::spawn(lets_the_other_go_first(second));
  auto two = heddle::spawn(lets_the_other_go_first(first));
  co_await one;
  co_await two;
}

TEST(TaskLivelock, OfTasksThatYieldToEachOtherIsFound) {
  const report result = explore_on_workers(politely_yield_for_ever, {.schedules = 1, .steps_max = 50'000});
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::livelock) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("nothing changes any more"));
}

task<> asks_an_empty_channel_again_and_again() {
  auto [sender, receiver] = heddle::mpsc::channel<int>(1);
  while (!receiver.try_recv().has_value()) co_await heddle::yield_now();
}

TEST(TaskLivelock, OfATaskThatAsksForWhatNobodySendsIsFound) {
  const report result =
      explore_on_workers(asks_an_empty_channel_again_and_again, {.schedules = 1, .steps_max = 50'000});
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::livelock) << result.text();
}

// ---------------------------------------------------------------- a livelock is known again

// Two unlike loops: whichever notices that nothing changes any more, and wherever it stands in its loop then.
bool is_still_set(const std::atomic<bool>& flag) {
  return flag.load();
}
void wait_by_looking(const std::atomic<bool>& other) {
  while (is_still_set(other)) {
  }
}
void wait_by_yielding(const std::atomic<int>& other) {
  while (other.load() != 0) std::this_thread::yield();
}
void look_at_each_other() {
  std::atomic<bool> first{true};
  std::atomic<int> second{1};
  std::thread one([&] {
    wait_by_yielding(second);
    first = false;
  });
  std::thread two([&] {
    wait_by_looking(first);
    second = 0;
  });
  one.join();
  two.join();
}

task<> asks_whether_the_other_is_done(std::shared_ptr<std::atomic<int>> other) {
  while (other->load() != 0) co_await heddle::yield_now();
}
task<> two_tasks_ask_each_other() {
  auto first = std::make_shared<std::atomic<bool>>(true);
  auto second = std::make_shared<std::atomic<int>>(1);
  auto one = heddle::spawn(lets_the_other_go_first(first));
  auto two = heddle::spawn(asks_whether_the_other_is_done(second));
  co_await one;
  co_await two;
}

options seeded(std::uint64_t seed) {
  return {.schedules = 1, .seed = seed, .steps_max = 30'000};
}

void expect_one_signature(const std::function<report(std::uint64_t)>& run) {
  std::set<std::string> signatures;
  std::string texts;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const report result = run(seed);
    ASSERT_EQ(result.findings.size(), 1U) << result.text();
    ASSERT_EQ(result.findings[0].kind, finding_kind::livelock) << result.text();
    if (signatures.insert(result.findings[0].signature).second) texts += result.text() + '\n';
  }
  EXPECT_EQ(signatures.size(), 1U) << texts;
}

TEST(ALivelock, OfUnlikeThreadsHasOneSignatureOverSeeds) {
  expect_one_signature([](std::uint64_t seed) { return explore(seeded(seed), look_at_each_other); });
}

TEST(ALivelock, OfUnlikeTasksHasOneSignatureOverSeeds) {
  expect_one_signature([](std::uint64_t seed) { return explore_on_workers(two_tasks_ask_each_other, seeded(seed)); });
}

// ---------------------------------------------------------------- long polls

task<> works_in_one_poll() {
  auto counter = std::make_shared<std::atomic<int>>(0);
  auto worker = heddle::spawn(
      [](std::shared_ptr<std::atomic<int>> number) -> task<> {
        for (int i = 0; i < 30'000; ++i) number->fetch_add(1);
        co_return;
      },
      counter);
  co_await worker;
}
task<> works_in_many_polls() {
  auto counter = std::make_shared<std::atomic<int>>(0);
  auto worker = heddle::spawn(
      [](std::shared_ptr<std::atomic<int>> number) -> task<> {
        for (int i = 0; i < 30'000; ++i) {
          number->fetch_add(1);
          if (i % 1000 == 0) co_await heddle::yield_now();
        }
      },
      counter);
  co_await worker;
}

TEST(LongPoll, IsFoundInATaskThatDoesNotComeBack) {
  const report result = explore_on_workers(works_in_one_poll, {.schedules = 5});
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::long_poll) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("options::poll_steps_max"));
  const report correct = explore_on_workers(works_in_many_polls, {.schedules = 5});
  EXPECT_FALSE(correct.failed()) << correct.text();
}

// ---------------------------------------------------------------- values bound to their thread

using signal = std::shared_ptr<heddle::sync::notify>;

// Whoever is woken goes on where it is woken, which may be another worker.
task<> keeps_it_across_an_await(signal go) {
  heddle::thread_bound<int> value(7);
  co_await go->notified();
  HEDDLE_CHECK(*value == 7);
}
task<> uses_it_before_the_await(signal go) {
  {
    heddle::thread_bound<int> value(7);
    HEDDLE_CHECK(*value == 7);
  }
  co_await go->notified();
}
task<> notifies(signal go) {
  go->notify_one();
  co_return;
}
task<> beside_a_notifier(task<> (*user)(signal)) {
  auto go = std::make_shared<heddle::sync::notify>();
  auto bound = heddle::spawn(user(go));
  auto other = heddle::spawn(notifies(go));
  co_await bound;
  co_await other;
}
task<> keeps_a_bound_value_across_an_await() {
  co_await beside_a_notifier(keeps_it_across_an_await);
}
task<> uses_a_bound_value_before_it_awaits() {
  co_await beside_a_notifier(uses_it_before_the_await);
}

TEST(ThreadAffinity, AUseAfterTheTaskMovedIsFoundWithBirthSuspensionAndUse) {
  const report result = explore_on_workers(keeps_a_bound_value_across_an_await);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::thread_affinity) << result.text();
  EXPECT_THAT(result.text(), ContainsRegex("task . on thread . uses a value that is bound to thread ., which the task "
                                           "has left at a suspension"));
  EXPECT_THAT(result.text(), HasSubstr("where it made the value"));
  EXPECT_THAT(result.text(), HasSubstr("where it was suspended before it moved"));
  const report correct = explore_on_workers(uses_a_bound_value_before_it_awaits);
  EXPECT_FALSE(correct.failed()) << correct.text();
}

// Nothing but the task is there to run, and by itself it would stay where it is.
task<> keeps_it_across_a_yield() {
  heddle::thread_bound<int> value(7);
  co_await heddle::yield_now();
  HEDDLE_CHECK(*value == 7);
}
task<> yields_with_nothing_kept() {
  {
    heddle::thread_bound<int> value(7);
    HEDDLE_CHECK(*value == 7);
  }
  co_await heddle::yield_now();
}
task<> alone(task<> (*user)()) {
  auto bound = heddle::spawn(user());
  co_await bound;
}
task<> keeps_a_bound_value_alone() {
  co_await alone(keeps_it_across_a_yield);
}
task<> keeps_nothing_alone() {
  co_await alone(yields_with_nothing_kept);
}

TEST(ThreadAffinity, ATaskIsMovedOnPurposeWhereItWouldStay) {
  const report result = explore_on_workers(keeps_a_bound_value_alone);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::thread_affinity) << result.text();
  const report correct = explore_on_workers(keeps_nothing_alone);
  EXPECT_FALSE(correct.failed()) << correct.text();
}

TEST(ThreadAffinity, ATaskOfOneThreadKeepsItsValues) {
  const report result = explore(options{}, [] {
    heddle::runtime on = heddle::runtime::builder().current_thread().build();
    on.block_on(keeps_a_bound_value_across_an_await());
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

}  // namespace
