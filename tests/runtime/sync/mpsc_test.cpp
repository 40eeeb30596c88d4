// The bounded channel: order, backpressure, permits, every way of ending.
#include "heddle/runtime/mpsc.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class mpsc_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(mpsc_on_runtime);

TEST(mpsc, values_arrive_in_the_order_in_which_they_were_sent) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::channel<std::unique_ptr<int>>(2);
  EXPECT_TRUE(tx.try_send(std::make_unique<int>(1)).has_value());
  EXPECT_TRUE(tx.try_send(std::make_unique<int>(2)).has_value());
  EXPECT_EQ(rx.len(), 2U);
  for (int i = 1; i <= 2; ++i) {
    auto receiving = rx.recv();
    EXPECT_EQ(**hand.poll(receiving).value(), i);
  }
  EXPECT_TRUE(rx.is_empty());
}

TEST(mpsc, a_full_channel_gives_the_value_back) {
  auto [tx, rx] = mpsc::channel<std::unique_ptr<int>>(1);
  EXPECT_EQ(tx.capacity(), 1U);
  EXPECT_TRUE(tx.try_send(std::make_unique<int>(1)).has_value());
  EXPECT_EQ(tx.capacity(), 0U);
  EXPECT_EQ(tx.max_capacity(), 1U);
  const auto refused = tx.try_send(std::make_unique<int>(2));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().why(), mpsc::try_send_failure::full);
  EXPECT_EQ(*refused.error().value(), 2);
  EXPECT_EQ(**rx.try_recv(), 1);
  EXPECT_EQ(tx.capacity(), 1U);
}

TEST(mpsc, senders_get_room_first_come_first_served) {
  test::hand_poller first;
  test::hand_poller second;
  auto [tx, rx] = mpsc::channel<int>(1);
  EXPECT_TRUE(tx.try_send(0).has_value());
  auto one = tx.send(1);
  auto two = tx.send(2);
  EXPECT_TRUE(first.poll(one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_EQ(rx.try_recv(), 0);
  EXPECT_EQ(first.counter.wakes(), 1);
  EXPECT_EQ(second.counter.wakes(), 0);
  EXPECT_FALSE(tx.try_send(3).has_value()) << "nobody overtakes room that was granted";
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_TRUE(first.poll(one).value().has_value());
  EXPECT_EQ(rx.try_recv(), 1);
  EXPECT_TRUE(second.poll(two).value().has_value());
  EXPECT_EQ(rx.try_recv(), 2);
}

TEST(mpsc, a_dropped_send_destroys_its_value_and_passes_room_on) {
  test::hand_poller first;
  test::hand_poller second;
  std::atomic<int> drops = 0;
  auto [tx, rx] = mpsc::channel<test::drop_counter>(1);
  EXPECT_TRUE(tx.try_send(test::drop_counter(drops)).has_value());
  using sending = mpsc::send_future<test::drop_counter>;
  std::optional<sending> one(std::in_place, tx.send(test::drop_counter(drops)));
  auto two = tx.send(test::drop_counter(drops));
  EXPECT_TRUE(first.poll(*one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_TRUE(rx.try_recv().has_value());
  EXPECT_EQ(drops.load(), 1);
  EXPECT_EQ(second.counter.wakes(), 0);
  one.reset();
  EXPECT_EQ(drops.load(), 2);
  EXPECT_EQ(first.counter.references(), 0);
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_TRUE(second.poll(two).value().has_value());
}

TEST(mpsc, a_permit_keeps_room_and_sends_without_waiting) {
  auto [tx, rx] = mpsc::channel<int>(1);
  auto reserved = tx.try_reserve();
  ASSERT_TRUE(reserved.has_value());
  EXPECT_EQ(tx.try_send(1).error().why(), mpsc::try_send_failure::full);
  reserved->send(2);
  EXPECT_EQ(rx.try_recv(), 2);
}

TEST(mpsc, a_dropped_permit_makes_room_for_who_waits) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::channel<int>(1);
  auto reserved = tx.try_reserve();
  auto waiting = tx.reserve();
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  reserved = tl::unexpected(mpsc::try_send_failure::full);
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(hand.poll(waiting).value().has_value());
}

TEST(mpsc, the_receiver_gets_what_is_left_when_all_senders_have_gone) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::channel<int>(2);
  std::optional<mpsc::sender<int>> first(std::move(tx));
  std::optional<mpsc::sender<int>> second(*first);
  EXPECT_TRUE(second->same_channel(*first));
  EXPECT_TRUE(second->try_send(1).has_value());
  second.reset();
  EXPECT_EQ(rx.try_recv(), 1);
  auto receiving = rx.recv();
  EXPECT_TRUE(hand.poll(receiving).is_pending());
  EXPECT_EQ(rx.try_recv(), tl::unexpected(mpsc::try_recv_error::empty));
  first.reset();
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(hand.poll(receiving).value(), std::nullopt);
  EXPECT_EQ(rx.try_recv(), tl::unexpected(mpsc::try_recv_error::disconnected));
}

TEST(mpsc, a_closed_receiver_refuses_sends_and_gets_what_is_on_its_way) {
  test::hand_poller hand;
  test::hand_poller sender;
  auto [tx, rx] = mpsc::channel<int>(2);
  EXPECT_TRUE(tx.try_send(1).has_value());
  auto reserved = tx.try_reserve();
  auto waiting = tx.send(3);
  EXPECT_TRUE(sender.poll(waiting).is_pending());
  rx.close();
  EXPECT_TRUE(tx.is_closed());
  EXPECT_EQ(sender.counter.wakes(), 1);
  EXPECT_EQ(sender.poll(waiting).value().error().value(), 3);
  EXPECT_EQ(tx.try_send(4).error().why(), mpsc::try_send_failure::closed);
  EXPECT_EQ(rx.try_recv(), 1);
  auto receiving = rx.recv();
  EXPECT_TRUE(hand.poll(receiving).is_pending()) << "the permit may still send";
  reserved->send(2);
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(hand.poll(receiving).value(), 2);
  auto last = rx.recv();
  EXPECT_EQ(hand.poll(last).value(), std::nullopt);
}

// Tokio #2854.
TEST(mpsc, a_permit_dropped_after_the_close_wakes_the_receiver) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::channel<int>(1);
  auto reserved = tx.try_reserve();
  rx.close();
  auto receiving = rx.recv();
  EXPECT_TRUE(hand.poll(receiving).is_pending());
  reserved = tl::unexpected(mpsc::try_send_failure::full);
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(hand.poll(receiving).value(), std::nullopt);
}

TEST(mpsc, a_permit_outlives_all_else) {
  std::atomic<int> drops = 0;
  auto reserved = [] {
    auto [tx, rx] = mpsc::channel<test::drop_counter>(1);
    return tx.try_reserve();
  }();
  ASSERT_TRUE(reserved.has_value());
  reserved->send(test::drop_counter(drops));
  EXPECT_EQ(drops.load(), 1);
}

TEST(mpsc, values_nobody_receives_are_destroyed_with_the_receiver) {
  std::atomic<int> drops = 0;
  auto [tx, rx] = mpsc::channel<test::drop_counter>(3);
  EXPECT_TRUE(tx.try_send(test::drop_counter(drops)).has_value());
  EXPECT_TRUE(tx.try_send(test::drop_counter(drops)).has_value());
  EXPECT_EQ(drops.load(), 0);
  {
    const auto dropped = std::move(rx);
  }
  EXPECT_EQ(drops.load(), 2);
  EXPECT_TRUE(tx.is_closed());
}

TEST(mpsc, closed_wakes_when_the_receiver_is_dropped) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::channel<int>(1);
  auto closing = tx.closed();
  EXPECT_TRUE(hand.poll(closing).is_pending());
  {
    const auto dropped = std::move(rx);
  }
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(hand.poll(closing).is_ready());
}

// Destroying a value may use the channel it came from.
struct sends_when_destroyed {
  using declare_send = declared_true<sends_when_destroyed, "the channel outlives what is sent">;
  explicit sends_when_destroyed(mpsc::sender<sends_when_destroyed>* channel) noexcept : output(channel) {}
  sends_when_destroyed(sends_when_destroyed&& other) noexcept : output(std::exchange(other.output, nullptr)) {}
  sends_when_destroyed& operator=(sends_when_destroyed&&) = delete;
  ~sends_when_destroyed() {
    if (output == nullptr) return;
    EXPECT_FALSE(output->try_send(sends_when_destroyed(nullptr)).has_value());
  }
  mpsc::sender<sends_when_destroyed>* output;
};

TEST(mpsc, a_value_that_is_destroyed_may_use_its_channel) {
  auto [tx, rx] = mpsc::channel<sends_when_destroyed>(1);
  EXPECT_TRUE(tx.try_send(sends_when_destroyed(&tx)).has_value());
  const auto dropped = std::move(rx);
}

struct throws_when_moved {
  using declare_send = declared_true<throws_when_moved, "it is a number">;
  throws_when_moved() = default;
  throws_when_moved(throws_when_moved&& other) : left(other.left - 1) {
    if (left == 0) throw std::runtime_error("move");
  }
  throws_when_moved& operator=(throws_when_moved&&) = delete;
  ~throws_when_moved() = default;
  int left = 1000;
};

TEST(mpsc, a_move_that_throws_sends_nothing_and_keeps_no_room) {
  auto [tx, rx] = mpsc::channel<throws_when_moved>(1);
  for (int moves = 1; moves < 6; ++moves) {
    test::hand_poller hand;
    throws_when_moved value;
    value.left = moves + 1;
    try {
      auto sending = tx.send(std::move(value));
      static_cast<void>(hand.poll(sending));
    } catch (const std::runtime_error&) {
    }
    try {
      static_cast<void>(rx.try_recv().has_value());
    } catch (const std::runtime_error&) {
    }
    EXPECT_EQ(tx.capacity(), 1U) << moves;
    EXPECT_EQ(rx.len(), 0U) << moves;
  }
}

// Random: the schedule of real threads.
TEST_P(mpsc_on_runtime, carries_every_value_of_many_senders) {
  constexpr int senders = 4;
  constexpr int each = 1000;
  runtime rt = make();
  const auto sends = [](mpsc::sender<int> output) -> task<> {
    for (int i = 1; i <= each; ++i) {
      const auto sent = co_await output.send(i);
      EXPECT_TRUE(sent.has_value());
    }
  };
  const auto body = [](auto inner) -> task<long> {
    auto [tx, rx] = mpsc::channel<int>(3);
    for (int i = 0; i < senders; ++i) spawn(inner(tx)).detach();
    {
      const auto dropped = std::move(tx);
    }
    long sum = 0;
    for (;;) {
      const std::optional<int> value = co_await rx.recv();
      if (!value) break;
      sum += *value;
    }
    co_return sum;
  };
  EXPECT_EQ(rt.block_on(body(sends)), long{senders} * each * (each + 1) / 2);
}

TEST_P(mpsc_on_runtime, aborted_senders_lose_no_room) {
  runtime rt = make();
  const auto sends = [](mpsc::sender<std::string> output) -> task<> {
    for (;;) {
      const auto sent = co_await output.send(std::string(100, 'x'));
      EXPECT_TRUE(sent.has_value());
    }
  };
  const auto body = [](auto inner) -> task<> {
    auto [tx, rx] = mpsc::channel<std::string>(2);
    for (int round = 0; round < 50; ++round) {
      std::vector<join_handle<void>> handles;
      for (int i = 0; i < 4; ++i) handles.push_back(spawn(inner(tx)));
      for (int i = 0; i < round % 5; ++i) {
        const auto value = co_await rx.recv();
        EXPECT_TRUE(value.has_value());
      }
      for (join_handle<void>& handle : handles) handle.abort();
      for (join_handle<void>& handle : handles) {
        const auto result = co_await handle;
        EXPECT_TRUE(result.error().is_cancelled());
      }
      while (rx.try_recv().has_value()) {
      }
      EXPECT_EQ(tx.capacity(), 2U);
    }
  };
  rt.block_on(body(sends));
}

TEST(mpsc_death, a_capacity_of_zero_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(mpsc::channel<int>(0)), "capacity of a channel is at least 1");
}

TEST(mpsc, recv_many_takes_what_is_there_up_to_a_limit) {
  test::hand_poller hand;
  auto [tx, rx] = mpsc::channel<int>(4);
  for (int i = 1; i <= 4; ++i) EXPECT_TRUE(tx.try_send(i).has_value());
  std::vector<int> buffer{0};
  auto three = rx.recv_many(buffer, 3);
  EXPECT_EQ(hand.poll(three).value(), 3U);
  EXPECT_EQ(buffer, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(tx.capacity(), 3U);
  auto none = rx.recv_many(buffer, 0);
  EXPECT_EQ(hand.poll(none).value(), 0U);
  auto rest = rx.recv_many(buffer, 10);
  EXPECT_EQ(hand.poll(rest).value(), 1U);
  EXPECT_EQ(buffer.back(), 4);
  auto waiting = rx.recv_many(buffer, 10);
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  EXPECT_TRUE(tx.try_send(5).has_value());
  EXPECT_EQ(hand.poll(waiting).value(), 1U);
}

TEST(mpsc, recv_many_lets_as_many_senders_pass) {
  test::hand_poller hand;
  test::hand_poller first;
  test::hand_poller second;
  auto [tx, rx] = mpsc::channel<int>(2);
  EXPECT_TRUE(tx.try_send(1).has_value());
  EXPECT_TRUE(tx.try_send(2).has_value());
  auto one = tx.send(3);
  auto two = tx.send(4);
  EXPECT_TRUE(first.poll(one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  std::vector<int> buffer;
  auto both = rx.recv_many(buffer, 5);
  EXPECT_EQ(hand.poll(both).value(), 2U);
  EXPECT_TRUE(first.poll(one).is_ready());
  EXPECT_TRUE(second.poll(two).is_ready());
}

TEST(mpsc, recv_many_of_an_ended_channel_is_zero) {
  test::hand_poller hand;
  auto channel = std::make_optional(mpsc::channel<int>(1));
  mpsc::receiver<int> rx = std::move(channel->second);
  channel.reset();
  std::vector<int> buffer;
  auto ended = rx.recv_many(buffer, 1);
  EXPECT_EQ(hand.poll(ended).value(), 0U);
}

TEST(mpsc, a_weak_sender_does_not_keep_the_channel_from_ending) {
  test::hand_poller hand;
  auto [first, rx] = mpsc::channel<int>(1);
  auto tx = std::make_optional(std::move(first));
  const mpsc::weak_sender<int> weak = tx->downgrade();
  {
    auto upgraded = weak.upgrade();
    ASSERT_TRUE(upgraded.has_value());
    EXPECT_TRUE(upgraded->same_channel(*tx));
    tx.reset();
    EXPECT_TRUE(upgraded->try_send(1).has_value());
  }
  EXPECT_FALSE(weak.upgrade().has_value());
  EXPECT_EQ(*rx.try_recv(), 1);
  auto ended = rx.recv();
  EXPECT_FALSE(hand.poll(ended).value().has_value());
}

}  // namespace
}  // namespace heddle
