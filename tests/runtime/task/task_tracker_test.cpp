// Task trackers: what counts, and when a wait is over.
#include "heddle/runtime/task_tracker.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/sleep.hpp"
#include "heddle/runtime/yield_now.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

task<> sleep_for_an_hour() {
  co_await sleep(std::chrono::hours(1));
}

using test::hand_poller;

TEST(task_tracker, wait_needs_it_closed_and_empty) {
  hand_poller hand;
  const task_tracker tracker;
  auto waiting = tracker.wait();
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  {
    const tracker_token token = tracker.token();
    EXPECT_EQ(tracker.len(), 1U);
    tracker.close();
    EXPECT_TRUE(tracker.is_closed());
    EXPECT_TRUE(hand.poll(waiting).is_pending());
    EXPECT_EQ(hand.counter.wakes(), 0);
  }
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(hand.poll(waiting).is_ready());
}

TEST(task_tracker, closing_an_empty_one_wakes) {
  hand_poller hand;
  const task_tracker tracker;
  auto waiting = tracker.wait();
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  tracker.close();
  EXPECT_EQ(hand.counter.wakes(), 1);
  tracker.reopen();
  EXPECT_FALSE(tracker.is_closed());
}

TEST(task_tracker, counts_a_future_until_it_is_destroyed) {
  hand_poller hand;
  const task_tracker tracker;
  {
    auto tracked = tracker.track(test::value_of(2));
    EXPECT_EQ(hand.poll(tracked).value(), 2);
    EXPECT_EQ(tracker.len(), 1U);
  }
  EXPECT_TRUE(tracker.is_empty());
}

class task_tracker_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(task_tracker_on);

TEST_P(task_tracker_on, waits_for_all_spawned_tasks_also_those_spawned_by_them) {
  runtime rt = make();
  std::atomic<int> ended{0};
  rt.block_on([](std::atomic<int>& count) -> task<> {
    const task_tracker tracker;
    auto leaf = [](std::atomic<int>& total) -> task<> {
      co_await yield_now();
      total.fetch_add(1);
    };
    auto parent = [](const task_tracker tracks, std::atomic<int>& total, auto child) -> task<> {
      for (int i = 0; i < 3; ++i) tracks.spawn(child(total)).detach();
      total.fetch_add(1);
      co_return;
    };
    for (int i = 0; i < 10; ++i) tracker.spawn(parent(tracker, count, leaf)).detach();
    tracker.close();
    co_await tracker.wait();
    EXPECT_EQ(count.load(), 40);
  }(ended));
}

TEST_P(task_tracker_on, spawns_functions_with_their_arguments) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    const task_tracker tracker;
    const auto captured = std::make_shared<int>(3);
    const auto times = [captured](std::unique_ptr<int> other) -> task<int> {
      co_await yield_now();
      const int product = *captured * *other;
      co_return product;
    };
    join_handle<int> handle = tracker.spawn(times, std::make_unique<int>(5));
    tracker.close();
    co_await tracker.wait();
    EXPECT_EQ((co_await handle).value(), 15);
  }());
}

TEST_P(task_tracker_on, does_not_count_what_could_not_be_spawned) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    const task_tracker tracker;
    const auto throws = [](int value) -> task<int> {
      if (value == 1) throw std::runtime_error("it is no coroutine");
      return test::value_of(value);
    };
    EXPECT_THROW(tracker.spawn(throws, 1).detach(), std::runtime_error);
    EXPECT_TRUE(tracker.is_empty());
    co_return;
  }());
}

TEST_P(task_tracker_on, does_not_count_a_task_whose_result_waits_to_be_taken) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    const task_tracker tracker;
    join_handle<int> handle = tracker.spawn(test::value_of(7));
    tracker.close();
    co_await tracker.wait();
    EXPECT_EQ(tracker.len(), 0U);
    EXPECT_EQ((co_await handle).value(), 7);
    EXPECT_EQ(tracker.len(), 0U);
  }());
}

TEST_P(task_tracker_on, counts_an_aborted_task_until_its_frame_is_destroyed) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    struct watches_the_count {
      watches_the_count(task_tracker counting, std::size_t& into) : tracker(std::move(counting)), seen(into) {}
      ~watches_the_count() { seen = tracker.len(); }
      const task_tracker tracker;
      std::size_t& seen;
    };
    const task_tracker tracker;
    std::size_t in_destructor = 0;
    std::atomic<int> started{0};
    auto sleeps = [](task_tracker counting, std::size_t& into, std::atomic<int>& has_started) -> task<> {
      const watches_the_count witness(std::move(counting), into);
      has_started.store(1);
      co_await sleep(std::chrono::hours(1));
    };
    const join_handle<void> handle = tracker.spawn(sleeps(tracker, in_destructor, started));
    co_await test::until(started, 1);
    handle.abort();
    tracker.close();
    co_await tracker.wait();
    EXPECT_EQ(in_destructor, 1U);
  }());
}

TEST_P(task_tracker_on, does_not_count_what_a_shutdown_dropped) {
  const task_tracker tracker;
  {
    runtime rt = make();
    rt.block_on([](const task_tracker& counting) -> task<> {
      counting.spawn(sleep_for_an_hour()).detach();
      EXPECT_EQ(counting.len(), 1U);
      co_return;
    }(tracker));
  }
  EXPECT_TRUE(tracker.is_empty());
}

// The last task keeps what counts it.
TEST_P(task_tracker_on, may_be_dropped_before_its_tasks) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    join_handle<int> handle = task_tracker().spawn(test::value_of(7));
    EXPECT_EQ((co_await handle).value(), 7);
  }());
}

}  // namespace
}  // namespace heddle
