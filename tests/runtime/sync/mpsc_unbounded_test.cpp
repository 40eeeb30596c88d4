// The channel without bound: order, every way of ending, senders on plain threads.
#include "heddle/runtime/mpsc_unbounded.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class mpsc_unbounded_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(mpsc_unbounded_on_runtime);

TEST(mpsc_unbounded, a_send_never_waits_and_wakes_the_receiver) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::unbounded<int>();
  auto receiving = rx.recv();
  EXPECT_TRUE(hand.poll(receiving).is_pending());
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(tx.send(i).has_value());
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(rx.len(), 1000U);
  EXPECT_EQ(hand.poll(receiving).value(), 0);
  for (int i = 1; i < 1000; ++i) EXPECT_EQ(rx.try_recv(), i);
}

TEST(mpsc_unbounded, a_dropped_receiver_gives_values_back_and_destroys_the_others) {
  std::atomic<int> drops = 0;
  auto [tx, rx] = mpsc::unbounded<test::drop_counter>();
  EXPECT_TRUE(tx.send(test::drop_counter(drops)).has_value());
  {
    const auto dropped = std::move(rx);
  }
  EXPECT_EQ(drops.load(), 1);
  EXPECT_TRUE(tx.is_closed());
  {
    const auto refused = tx.send(test::drop_counter(drops));
    EXPECT_FALSE(refused.has_value());
    EXPECT_EQ(drops.load(), 1);
  }
  EXPECT_EQ(drops.load(), 2);
}

TEST(mpsc_unbounded, a_closed_receiver_gets_what_is_left_and_then_the_end) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::unbounded<int>();
  EXPECT_TRUE(tx.send(1).has_value());
  rx.close();
  EXPECT_EQ(tx.send(2).error().value(), 2);
  EXPECT_EQ(rx.try_recv(), 1);
  auto receiving = rx.recv();
  EXPECT_EQ(hand.poll(receiving).value(), std::nullopt);
}

// Random: the schedule of real threads.
TEST_P(mpsc_unbounded_on_runtime, carries_values_of_plain_threads) {
  constexpr int each = 2000;
  runtime rt = make();
  auto channel = mpsc::unbounded<std::unique_ptr<int>>();
  const auto sends = [](mpsc::unbounded_sender<std::unique_ptr<int>> output) {
    for (int i = 1; i <= each; ++i) EXPECT_TRUE(output.send(std::make_unique<int>(i)).has_value());
  };
  std::thread one(sends, channel.first);
  std::thread two(sends, std::move(channel.first));
  const auto body = [](mpsc::unbounded_receiver<std::unique_ptr<int>> input) -> task<long> {
    long sum = 0;
    for (;;) {
      const auto value = co_await input.recv();
      if (!value) break;
      sum += **value;
    }
    co_return sum;
  };
  EXPECT_EQ(rt.block_on(body(std::move(channel.second))), long{each} * (each + 1));
  one.join();
  two.join();
}

TEST(mpsc_unbounded, values_sent_between_receives_keep_their_order_and_are_counted) {
  auto [tx, rx] = mpsc::unbounded<int>();
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(tx.send(i).has_value());
  EXPECT_EQ(*rx.try_recv(), 1);
  EXPECT_TRUE(tx.send(4).has_value());
  EXPECT_EQ(rx.len(), 3U);
  for (int i = 2; i <= 4; ++i) EXPECT_EQ(*rx.try_recv(), i);
  EXPECT_EQ(rx.len(), 0U);
  EXPECT_EQ(rx.try_recv().error(), mpsc::try_recv_error::empty);
}

TEST(mpsc_unbounded, a_dropped_receiver_destroys_what_it_took_and_what_it_did_not) {
  std::atomic<int> drops = 0;
  {
    auto [tx, rx] = mpsc::unbounded<test::drop_counter>();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(tx.send(test::drop_counter(drops)).has_value());
    {
      const auto one = rx.try_recv();
    }
    EXPECT_TRUE(tx.send(test::drop_counter(drops)).has_value());
    EXPECT_EQ(drops.load(), 1);
    {
      const auto gone = std::move(rx);
    }
    EXPECT_EQ(drops.load(), 4);
  }
}

TEST(mpsc_unbounded, recv_many_goes_on_where_recv_stopped) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::unbounded<int>();
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(tx.send(i).has_value());
  EXPECT_EQ(*rx.try_recv(), 1);
  std::vector<int> buffer;
  while (rx.len() > 0) {
    auto some = rx.recv_many(buffer, 10);
    EXPECT_GT(hand.poll(some).value(), 0U);
  }
  EXPECT_EQ(buffer, (std::vector<int>{2, 3}));
}

TEST(mpsc_unbounded, small_values_keep_their_order_across_blocks) {
  auto [tx, rx] = mpsc::unbounded<int>();
  int next = 0;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(tx.send(i).has_value());
    if (i % 3 != 0) continue;
    EXPECT_EQ(*rx.try_recv(), next);
    ++next;
  }
  for (; next < 100; ++next) EXPECT_EQ(*rx.try_recv(), next);
  EXPECT_FALSE(rx.try_recv().has_value());
}

TEST(mpsc_unbounded, a_small_value_that_is_not_sent_comes_back) {
  auto [tx, rx] = mpsc::unbounded<int>();
  rx.close();
  EXPECT_EQ(tx.send(7).error().value(), 7);
}

}  // namespace
}  // namespace heddle
