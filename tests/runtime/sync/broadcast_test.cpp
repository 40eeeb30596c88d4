// The broadcast channel: every receiver, falling behind, every way of ending.
#include "heddle/runtime/broadcast.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class broadcast_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(broadcast_on_runtime);

using counted = std::shared_ptr<int>;  // copies are seen in its count

TEST(broadcast, every_receiver_gets_every_value_since_it_came) {
  auto [tx, rx] = broadcast::channel<int>(4);
  EXPECT_EQ(tx.send(1), 1U);
  auto late = tx.subscribe();
  EXPECT_EQ(tx.receiver_count(), 2U);
  EXPECT_EQ(tx.send(2), 2U);
  EXPECT_EQ(rx.len(), 2U);
  EXPECT_EQ(rx.try_recv(), 1);
  EXPECT_EQ(rx.try_recv(), 2);
  EXPECT_EQ(late.try_recv(), 2);
  EXPECT_EQ(late.try_recv(), tl::unexpected(broadcast::try_recv_error()));
  EXPECT_TRUE(rx.same_channel(late));
}

TEST(broadcast, a_receiver_that_falls_behind_is_told_how_many_it_missed) {
  test::hand_poller hand;
  auto [tx, rx] = broadcast::channel<int>(2);
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(tx.send(i), 1U);
  auto first = rx.recv();
  const auto lagged = hand.poll(first).value();
  ASSERT_FALSE(lagged.has_value());
  EXPECT_TRUE(lagged.error().is_lagged());
  EXPECT_EQ(lagged.error().missed(), 3U);
  EXPECT_EQ(rx.try_recv(), 4);
  EXPECT_EQ(rx.try_recv(), 5);
  EXPECT_TRUE(rx.is_empty());
}

TEST(broadcast, a_send_wakes_all_who_wait) {
  test::hand_poller first;
  test::hand_poller second;
  auto [tx, rx] = broadcast::channel<int>(1);
  auto other = rx.resubscribe();
  auto one = rx.recv();
  auto two = other.recv();
  EXPECT_TRUE(first.poll(one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_EQ(tx.send(7), 2U);
  EXPECT_EQ(first.counter.wakes(), 1);
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_EQ(first.poll(one).value(), 7);
  EXPECT_EQ(second.poll(two).value(), 7);
}

TEST(broadcast, resubscribing_skips_what_is_there) {
  auto [tx, rx] = broadcast::channel<int>(4);
  EXPECT_EQ(tx.send(1), 1U);
  auto fresh = rx.resubscribe();
  EXPECT_EQ(tx.send(2), 2U);
  EXPECT_EQ(fresh.try_recv(), 2);
  EXPECT_EQ(rx.try_recv(), 1);
}

TEST(broadcast, receivers_get_what_is_left_when_all_senders_have_gone) {
  test::hand_poller hand;
  auto [tx, rx] = broadcast::channel<int>(2);
  auto first = std::make_unique<broadcast::sender<int>>(std::move(tx));
  auto second = std::make_unique<broadcast::sender<int>>(*first);
  EXPECT_TRUE(first->same_channel(*second));
  EXPECT_EQ(first->send(1), 1U);
  first.reset();
  EXPECT_EQ(rx.try_recv(), 1);
  auto receiving = rx.recv();
  EXPECT_TRUE(hand.poll(receiving).is_pending());
  second.reset();
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(hand.poll(receiving).value().error().is_closed());
  EXPECT_TRUE(rx.try_recv().error().is_closed());
}

TEST(broadcast, without_receivers_a_send_gives_the_value_back) {
  auto [tx, rx] = broadcast::channel<counted>(2);
  {
    const auto dropped = std::move(rx);
  }
  const auto value = std::make_shared<int>(1);
  const auto refused = tx.send(value);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().value(), value);
  auto late = tx.subscribe();
  EXPECT_EQ(tx.send(value), 1U);
  EXPECT_EQ(late.try_recv(), value);
}

TEST(broadcast, a_value_goes_with_the_last_receiver_that_wanted_it) {
  const auto value = std::make_shared<int>(1);
  auto [tx, rx] = broadcast::channel<counted>(2);
  auto other = tx.subscribe();
  EXPECT_EQ(tx.send(value), 2U);
  EXPECT_EQ(value.use_count(), 2);
  EXPECT_EQ(rx.try_recv(), value);
  EXPECT_EQ(value.use_count(), 2) << "the other still wants it";
  {
    const auto dropped = std::move(other);
  }
  EXPECT_EQ(value.use_count(), 1);
}

TEST(broadcast, a_lagging_receiver_that_is_dropped_leaves_counts_right) {
  const auto value = std::make_shared<int>(1);
  auto [tx, rx] = broadcast::channel<counted>(2);
  std::optional<broadcast::receiver<counted>> slow(rx.resubscribe());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(tx.send(value), 2U);
  EXPECT_EQ(value.use_count(), 3);
  slow.reset();
  EXPECT_EQ(rx.try_recv().error().missed(), 3U);
  EXPECT_EQ(rx.try_recv(), value);
  EXPECT_EQ(value.use_count(), 2);
  EXPECT_EQ(rx.try_recv(), value);
  EXPECT_EQ(value.use_count(), 1);
}

// Random: the schedule of real threads. What a receiver got and what it missed add up to what was sent.
TEST_P(broadcast_on_runtime, values_and_misses_add_up) {
  constexpr int sent = 2000;
  runtime rt = make();
  const auto follows = [](broadcast::receiver<int> input) -> task<std::uint64_t> {
    std::uint64_t count = 0;
    int last = 0;
    for (;;) {
      const auto value = co_await input.recv();
      if (value) {
        EXPECT_GT(*value, last);
        last = *value;
        ++count;
      } else if (value.error().is_lagged()) {
        count += value.error().missed();
      } else {
        co_return count;
      }
    }
  };
  const auto body = [](auto inner) -> task<> {
    auto [tx, rx] = broadcast::channel<int>(8);
    std::vector<join_handle<std::uint64_t>> handles;
    for (int i = 0; i < 3; ++i) handles.push_back(spawn(inner(tx.subscribe())));
    {
      const auto dropped = std::move(rx);
    }
    for (int i = 1; i <= sent; ++i) {
      EXPECT_EQ(tx.send(i), 3U);
      if (i % 5 == 0) co_await yield_now();
    }
    {
      const auto dropped = std::move(tx);
    }
    for (join_handle<std::uint64_t>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_EQ(result.value(), std::uint64_t{sent});
    }
  };
  rt.block_on(body(follows));
}

TEST(broadcast_death, a_capacity_of_zero_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(broadcast::channel<int>(0)), "capacity of a broadcast channel is at least 1");
}

}  // namespace
}  // namespace heddle
