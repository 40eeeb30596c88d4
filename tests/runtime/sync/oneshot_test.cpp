// The oneshot channel: sending, every way of closing, and races of send against close.
#include "heddle/runtime/oneshot.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class oneshot_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(oneshot_on_runtime);

TEST(oneshot, a_value_sent_before_the_poll_is_received_at_once) {
  test::hand_poller hand;
  auto [tx, rx] = oneshot::channel<int>();
  EXPECT_TRUE(tx.send(4).has_value());
  EXPECT_EQ(hand.poll(rx).value(), 4);
}

TEST(oneshot, a_send_wakes_the_receiver_once) {
  test::hand_poller hand;
  auto [tx, rx] = oneshot::channel<std::unique_ptr<int>>();
  EXPECT_TRUE(hand.poll(rx).is_pending());
  EXPECT_TRUE(tx.send(std::make_unique<int>(4)).has_value());
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(**hand.poll(rx).value(), 4);
}

TEST(oneshot, dropping_the_sender_wakes_with_an_error) {
  test::hand_poller hand;
  auto [tx, rx] = oneshot::channel<int>();
  EXPECT_TRUE(hand.poll(rx).is_pending());
  {
    const auto dropped = std::move(tx);
  }
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(hand.poll(rx).value(), tl::unexpected(oneshot::recv_error()));
}

TEST(oneshot, a_dropped_receiver_gives_the_value_back) {
  auto [tx, rx] = oneshot::channel<std::unique_ptr<int>>();
  EXPECT_FALSE(tx.is_closed());
  {
    const auto dropped = std::move(rx);
  }
  EXPECT_TRUE(tx.is_closed());
  const auto refused = tx.send(std::make_unique<int>(4));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(*refused.error(), 4);
}

TEST(oneshot, a_closed_receiver_refuses_later_sends) {
  test::hand_poller hand;
  auto [tx, rx] = oneshot::channel<int>();
  rx.close();
  EXPECT_FALSE(tx.send(1).has_value());
  EXPECT_FALSE(hand.poll(rx).value().has_value());
}

TEST(oneshot, a_closed_receiver_still_gets_what_was_sent_before) {
  test::hand_poller hand;
  auto [tx, rx] = oneshot::channel<int>();
  EXPECT_TRUE(tx.send(1).has_value());
  rx.close();
  EXPECT_EQ(hand.poll(rx).value(), 1);
}

TEST(oneshot, a_value_nobody_receives_is_destroyed_with_the_receiver) {
  std::atomic<int> drops = 0;
  auto [tx, rx] = oneshot::channel<test::drop_counter>();
  EXPECT_TRUE(tx.send(test::drop_counter(drops)).has_value());
  EXPECT_EQ(drops.load(), 0);
  {
    const auto dropped = std::move(rx);
  }
  EXPECT_EQ(drops.load(), 1);
}

TEST(oneshot, dropping_the_receiver_drops_its_waker_with_the_channel) {
  test::hand_poller hand;
  {
    auto [tx, rx] = oneshot::channel<int>();
    EXPECT_TRUE(hand.poll(rx).is_pending());
    EXPECT_EQ(hand.counter.references(), 1);
  }
  EXPECT_EQ(hand.counter.references(), 0);
}

TEST(oneshot, a_receiver_that_moved_to_another_task_wakes_the_latest) {
  test::hand_poller first;
  test::hand_poller second;
  auto [tx, rx] = oneshot::channel<int>();
  EXPECT_TRUE(first.poll(rx).is_pending());
  EXPECT_TRUE(second.poll(rx).is_pending());
  EXPECT_TRUE(tx.send(1).has_value());
  EXPECT_EQ(first.counter.wakes(), 0);
  EXPECT_EQ(second.counter.wakes(), 1);
}

TEST(oneshot, try_recv_tells_empty_from_closed) {
  auto [tx, rx] = oneshot::channel<int>();
  EXPECT_EQ(rx.try_recv(), tl::unexpected(oneshot::try_recv_error::empty));
  EXPECT_TRUE(tx.send(4).has_value());
  EXPECT_EQ(rx.try_recv(), 4);
  auto [dropped_tx, other_rx] = oneshot::channel<int>();
  {
    const auto dropped = std::move(dropped_tx);
  }
  EXPECT_EQ(other_rx.try_recv(), tl::unexpected(oneshot::try_recv_error::closed));
}

TEST(oneshot, closed_wakes_when_the_receiver_closes_or_goes) {
  test::hand_poller first;
  test::hand_poller second;
  {
    auto [tx, rx] = oneshot::channel<int>();
    auto closing = tx.closed();
    EXPECT_TRUE(first.poll(closing).is_pending());
    EXPECT_TRUE(second.poll(closing).is_pending());
    rx.close();
    EXPECT_EQ(first.counter.wakes(), 0);
    EXPECT_EQ(second.counter.wakes(), 1);
    EXPECT_TRUE(second.poll(closing).is_ready());
  }
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_EQ(first.counter.references() + second.counter.references(), 0);
}

TEST(oneshot, a_sender_that_waited_for_the_close_lets_its_waker_go_when_it_sends) {
  test::hand_poller waited;
  test::hand_poller hand;
  auto [tx, rx] = oneshot::channel<std::unique_ptr<int>>();
  auto closing = tx.closed();
  EXPECT_TRUE(waited.poll(closing).is_pending());
  EXPECT_EQ(waited.counter.references(), 1);
  EXPECT_TRUE(tx.send(std::make_unique<int>(4)).has_value());
  EXPECT_EQ(waited.counter.references(), 0);
  rx.close();
  EXPECT_EQ(waited.counter.wakes(), 0);
  EXPECT_EQ(**hand.poll(rx).value(), 4);
}

TEST(oneshot, a_small_value_takes_no_room) {
  static_assert(sizeof(oneshot::detail::shared_state<std::uint64_t>) == 5 * sizeof(std::uint64_t));
}

// Random: the schedule of real threads. Either side must end with the value, never both (Tokio #4226).
TEST(oneshot, send_races_with_close_and_one_side_has_the_value) {
  for (int round = 0; round < 2000; ++round) {
    test::hand_poller hand;
    std::atomic<int> drops = 0;
    {
      auto channel = oneshot::channel<test::drop_counter>();
      std::optional<bool> accepted;
      std::thread sending([&] { accepted = channel.first.send(test::drop_counter(drops)).has_value(); });
      if (round % 2 == 0) static_cast<void>(hand.poll(channel.second).is_ready());
      if (round % 4 < 2) {
        channel.second.close();
        const bool received = [&] {
          auto result = hand.poll(channel.second);
          return result.is_ready() && result.value().has_value();
        }();
        sending.join();
        EXPECT_TRUE(accepted.has_value());
        EXPECT_LE(received, *accepted);
      } else {
        {
          const auto dropped = std::move(channel.second);
        }
        sending.join();
      }
    }
    EXPECT_EQ(drops.load(), 1);
  }
}

TEST_P(oneshot_on_runtime, passes_values_between_tasks) {
  runtime rt = make();
  const auto sends = [](oneshot::sender<int> output, int value) -> task<> {
    EXPECT_TRUE(output.send(value).has_value());
    co_return;
  };
  const auto body = [](auto inner) -> task<int> {
    int sum = 0;
    for (int i = 0; i < 1000; ++i) {
      auto [tx, rx] = oneshot::channel<int>();
      spawn(inner(std::move(tx), 1)).detach();
      const auto received = co_await rx;
      sum += received.value();
    }
    co_return sum;
  };
  EXPECT_EQ(rt.block_on(body(sends)), 1000);
}

TEST_P(oneshot_on_runtime, wakes_a_block_on_from_another_thread) {
  runtime rt = make();
  for (int i = 0; i < 100; ++i) {
    auto channel = oneshot::channel<int>();
    std::thread sending([&channel] { EXPECT_TRUE(channel.first.send(1).has_value()); });
    const auto body = [](oneshot::receiver<int> input) -> task<int> { co_return (co_await input).value(); };
    EXPECT_EQ(rt.block_on(body(std::move(channel.second))), 1);
    sending.join();
  }
}

TEST(oneshot_death, sending_twice_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto channel = oneshot::channel<int>();
  EXPECT_TRUE(channel.first.send(1).has_value());
  EXPECT_DEATH(static_cast<void>(channel.first.send(2)), "sends twice");
}

}  // namespace
}  // namespace heddle
