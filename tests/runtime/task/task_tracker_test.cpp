// Task trackers: what counts, and when a wait is over.
#include "heddle/runtime/task_tracker.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "small_tasks.hpp"

#include <atomic>

#include <gtest/gtest.h>

namespace heddle {
namespace {

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

}  // namespace
}  // namespace heddle
