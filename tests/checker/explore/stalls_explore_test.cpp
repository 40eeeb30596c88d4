// Blocking stalls and locks held across a suspension: caught in tasks that share their worker, and nowhere else.
#include "explore_on_workers.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <ostream>
#include <semaphore>
#include <string>
#include <thread>

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

struct program {
  const char* name;
  task<> (*body)();

  friend std::ostream& operator<<(std::ostream& out, const program& one) { return out << one.name; }
};
std::string name_of(const testing::TestParamInfo<program>& info) {
  return info.param.name;
}

// Spawned, so that it shares a worker.
task<> in_a_task(task<> (*body)()) {
  auto spawned = heddle::spawn(body());
  co_await spawned;
}
report check(task<> (*body)(), options how = {}) {
  return explore_on_workers([body] { return in_a_task(body); }, how);
}

// ---------------------------------------------------------------- caught

task<> sleeps() {
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  co_return;
}
task<> joins() {
  std::thread other([] {});
  other.join();
  co_return;
}
task<> waits_for_a_future() {
  std::future<int> answer = std::async(std::launch::async, [] { return 42; });
  HEDDLE_CHECK(answer.get() == 42);
  co_return;
}
task<> waits_for_a_condition() {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::thread other([&] {
    const std::lock_guard held(mutex);
    done = true;
    changed.notify_one();
  });
  other.detach();
  std::unique_lock held(mutex);
  changed.wait(held, [&] { return done; });
  co_return;
}
task<> waits_for_a_semaphore() {
  auto ready = std::make_shared<std::binary_semaphore>(0);
  std::thread([ready] { ready->release(); }).detach();
  ready->acquire();
  co_return;
}

class Stall : public testing::TestWithParam<program> {};

TEST_P(Stall, IsFoundBeforeTheTaskBlocks) {
  const report result = check(GetParam().body);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::blocking_stall) << result.text();
  EXPECT_THAT(result.text(), ContainsRegex("blocking-stall in .*: task 2 .* while it is polled, and its worker runs "
                                           "nothing else until then"));
}

TEST_P(Stall, IsNoneWhereItIsNotAskedFor) {
  options how;
  how.stalls = false;
  const report result = check(GetParam().body, how);
  EXPECT_FALSE(result.failed()) << result.text();
}

INSTANTIATE_TEST_SUITE_P(Calls, Stall,
                         testing::Values(program{"Sleep", sleeps}, program{"Join", joins},
                                         program{"Future", waits_for_a_future},
                                         program{"Condition", waits_for_a_condition},
                                         program{"Semaphore", waits_for_a_semaphore}),
                         name_of);

task<> keeps_a_lock() {
  std::mutex mutex;
  const std::lock_guard held(mutex);
  co_await heddle::yield_now();
}

TEST(LockHeldAcrossAwait, IsFoundWithThePlaceWhereItWasLocked) {
  const report result = check(keeps_a_lock);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::lock_held_across_await);
  EXPECT_THAT(result.text(), ContainsRegex("a poll of task 2 ends with mutex #[0-9]+ locked"));
  EXPECT_THAT(result.text(), HasSubstr("task 2, where it locked it"));
  EXPECT_THAT(result.text(), ContainsRegex("stalls_explore_test.cpp:[0-9]+  keeps_a_lock"));
}

// ---------------------------------------------------------------- passed

task<> sleeps_as_a_task() {
  co_await heddle::sleep(std::chrono::hours(1));
}
task<> sleeps_elsewhere() {
  auto closure = heddle::spawn_blocking([] { std::this_thread::sleep_for(std::chrono::hours(1)); });
  co_await closure;
}
task<> sleeps_on_purpose() {
  const heddle::check::allow_blocking meant("a test of the scope");
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  co_return;
}
task<> locks_between_awaits() {
  auto mutex = std::make_shared<std::mutex>();
  auto value = std::make_shared<int>(0);
  const auto add = [](std::shared_ptr<std::mutex> guard, std::shared_ptr<int> to) -> task<> {
    for (int i = 0; i < 3; ++i) {
      {
        const std::lock_guard held(*guard);
        ++*to;
      }
      co_await heddle::yield_now();
    }
  };
  auto first = heddle::spawn(add(mutex, value));
  auto second = heddle::spawn(add(mutex, value));
  co_await first;
  co_await second;
}
task<> keeps_a_lock_of_tasks() {
  heddle::sync::mutex<int> mutex(0);
  auto held = co_await mutex.lock();
  co_await heddle::yield_now();
  ++*held;
}
task<> takes_what_is_ready() {
  std::promise<int> promise;
  promise.set_value(42);
  HEDDLE_CHECK(promise.get_future().get() == 42);
  co_return;
}

class NoStall : public testing::TestWithParam<program> {};

TEST_P(NoStall, IsReported) {
  const report result = check(GetParam().body);
  EXPECT_FALSE(result.failed()) << result.text();
}

INSTANTIATE_TEST_SUITE_P(
    Programs, NoStall,
    testing::Values(program{"AsyncSleep", sleeps_as_a_task}, program{"SpawnBlocking", sleeps_elsewhere},
                    program{"AllowBlocking", sleeps_on_purpose}, program{"ContendedMutex", locks_between_awaits},
                    program{"AsyncMutex", keeps_a_lock_of_tasks}, program{"ReadyFuture", takes_what_is_ready}),
    name_of);

// The body of block_on has its thread for itself.
HEDDLE_ASYNC_TEST(NoStallOfTheBody, JoinsAThread) {
  std::thread other([] {});
  other.join();
  co_return;
}

}  // namespace
