// Cancellation tokens: who is woken, trees, guards, and what run_until_cancelled drops.
#include "heddle/runtime/cancellation_token.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/join_set.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::hand_poller;

TEST(cancellation_token, wakes_who_awaits_it) {
  hand_poller hand;
  const cancellation_token token;
  auto waiting = token.cancelled();
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  EXPECT_FALSE(token.is_cancelled());
  token.cancel();
  EXPECT_TRUE(token.is_cancelled());
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(hand.poll(waiting).is_ready());
}

TEST(cancellation_token, copies_are_the_same_token) {
  const cancellation_token token;
  const cancellation_token copy = token;  // NOLINT(performance-unnecessary-copy-initialization)
  copy.cancel();
  EXPECT_TRUE(token.is_cancelled());
}

TEST(cancellation_token, a_child_is_cancelled_with_its_parent_but_not_the_other_way_round) {
  hand_poller hand;
  const cancellation_token parent;
  const cancellation_token child = parent.child_token();
  const cancellation_token sibling = parent.child_token();
  const cancellation_token grandchild = child.child_token();
  auto waiting = grandchild.cancelled();
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  sibling.cancel();
  EXPECT_FALSE(parent.is_cancelled());
  EXPECT_FALSE(child.is_cancelled());
  parent.cancel();
  EXPECT_TRUE(grandchild.is_cancelled());
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(parent.child_token().is_cancelled());
}

TEST(cancellation_token, a_dropped_child_is_forgotten_and_its_children_are_not) {
  const cancellation_token parent;
  cancellation_token child = parent.child_token();
  const cancellation_token grandchild = child.child_token();
  child = cancellation_token();
  for (int i = 0; i < 3; ++i) static_cast<void>(parent.child_token());
  parent.cancel();
  EXPECT_TRUE(grandchild.is_cancelled());
}

TEST(cancellation_token, a_dropped_wait_is_forgotten) {
  hand_poller hand;
  const cancellation_token token;
  {
    auto waiting = token.cancelled();
    EXPECT_TRUE(hand.poll(waiting).is_pending());
  }
  EXPECT_EQ(hand.counter.references(), 0);
  token.cancel();
  EXPECT_EQ(hand.counter.wakes(), 0);
}

TEST(cancellation_token, wakes_more_than_one_batch) {
  hand_poller hand;
  const cancellation_token token;
  std::vector<cancelled_future> waiting;
  waiting.reserve(100);
  for (int i = 0; i < 100; ++i) waiting.push_back(token.child_token().cancelled());
  for (cancelled_future& each : waiting) EXPECT_TRUE(hand.poll(each).is_pending());
  token.cancel();
  EXPECT_EQ(hand.counter.wakes(), 100);
}

TEST(cancellation_token, long_chains_are_cancelled_and_released_without_recursion) {
  const cancellation_token root;
  cancellation_token last = root;
  for (int i = 0; i < 200'000; ++i) last = last.child_token();
  root.cancel();
  EXPECT_TRUE(last.is_cancelled());
}

TEST(cancellation_token, run_until_cancelled_yields_the_value_or_drops_the_future) {
  hand_poller hand;
  std::atomic<int> drops{0};
  const cancellation_token token;
  auto done = token.run_until_cancelled(test::value_of(3));
  EXPECT_EQ(hand.poll(done).value(), 3);

  const auto hold = [](std::atomic<int>& count) -> task<> {
    const test::drop_counter local(count);
    test::never end;
    co_await end;
  };
  auto held = token.run_until_cancelled(hold(drops));
  EXPECT_TRUE(hand.poll(held).is_pending());
  token.cancel();
  EXPECT_FALSE(hand.poll(held).value().has_value());
  EXPECT_EQ(drops.load(), 1);
}

TEST(cancellation_token, run_until_cancelled_prefers_the_value_but_polls_nothing_after_the_cancel) {
  hand_poller hand;
  const cancellation_token token;
  auto late = token.run_until_cancelled(yield_now());
  EXPECT_TRUE(hand.poll(late).is_pending());
  token.cancel();
  EXPECT_TRUE(hand.poll(late).value().has_value());
  bool ran = false;
  const auto mark = [](bool& flag) -> task<> {
    flag = true;
    co_return;
  };
  auto never_polled = token.run_until_cancelled(mark(ran));
  EXPECT_FALSE(hand.poll(never_polled).value().has_value());
  EXPECT_FALSE(ran);
}

TEST(cancellation_token, a_guard_cancels_unless_it_is_disarmed) {
  const cancellation_token token;
  {
    static_cast<void>(token.drop_guard().disarm());
  }
  EXPECT_FALSE(token.is_cancelled());
  {
    const cancellation_guard guard = token.drop_guard();
  }
  EXPECT_TRUE(token.is_cancelled());
}

TEST(cancellation_token, is_made_cancelled_and_dropped_by_many_threads) {
  const cancellation_token root;
  std::vector<std::thread> threads;
  std::atomic<int> cancelled{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&root, &cancelled] {
      while (!root.is_cancelled()) {
        const cancellation_token child = root.child_token();
        const cancellation_token grandchild = child.child_token();
        child.cancel();
        if (grandchild.is_cancelled()) cancelled.fetch_add(1);
      }
    });
  }
  while (cancelled.load() < 1000) std::this_thread::yield();
  root.cancel();
  for (std::thread& each : threads) each.join();
}

class cancellation_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(cancellation_on);

TEST_P(cancellation_on, ends_tasks_that_listen) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    const cancellation_token stop;
    join_set<bool> set;
    auto serve = [](cancellation_token token) -> task<bool> {
      test::never end;
      auto served = token.run_until_cancelled(end);
      co_return (co_await served).has_value();
    };
    for (int i = 0; i < 20; ++i) set.spawn(serve(stop.child_token()));
    co_await yield_now();
    stop.cancel();
    while (!set.is_empty()) {
      auto next = co_await set.join_next();
      EXPECT_FALSE(next->value());
    }
  }());
}

}  // namespace
}  // namespace heddle
