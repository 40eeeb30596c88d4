// The watch channel: what counts as seen, every way of ending, values that are kept.
#include "heddle/runtime/watch.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class watch_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(watch_on_runtime);

TEST(watch, the_first_value_has_been_seen_and_later_ones_have_not) {
  test::hand_poller hand;
  auto [tx, rx] = watch::channel<std::string>("one");
  EXPECT_EQ(*rx.borrow(), "one");
  EXPECT_EQ(rx.has_changed(), false);
  auto changing = rx.changed();
  EXPECT_TRUE(hand.poll(changing).is_pending());
  EXPECT_TRUE(tx.send("two").has_value());
  EXPECT_TRUE(tx.send("three").has_value());
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(rx.has_changed(), true);
  EXPECT_TRUE(hand.poll(changing).value().has_value());
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_EQ(*rx.borrow(), "three");
}

TEST(watch, borrowing_marks_as_seen_only_with_update) {
  auto [tx, rx] = watch::channel<int>(1);
  EXPECT_TRUE(tx.send(2).has_value());
  EXPECT_EQ(*rx.borrow(), 2);
  EXPECT_EQ(rx.has_changed(), true);
  EXPECT_EQ(*rx.borrow_and_update(), 2);
  EXPECT_EQ(rx.has_changed(), false);
  rx.mark_changed();
  EXPECT_EQ(rx.has_changed(), true);
  rx.mark_unchanged();
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_EQ(rx.with([](const int& value, int more) { return value + more; }, 3), 5);
}

TEST(watch, a_borrowed_value_stays_as_it_is) {
  auto [tx, rx] = watch::channel<std::string>("old");
  const auto kept = rx.borrow();
  EXPECT_TRUE(tx.send("new").has_value());
  EXPECT_EQ(*kept, "old");
  EXPECT_EQ(*tx.borrow(), "new");
}

TEST(watch, copies_have_seen_what_the_original_has) {
  auto [tx, rx] = watch::channel<int>(1);
  EXPECT_TRUE(tx.send(2).has_value());
  const watch::receiver<int> copy = rx;
  const watch::receiver<int> fresh = tx.subscribe();
  EXPECT_EQ(copy.has_changed(), true);
  EXPECT_EQ(fresh.has_changed(), false);
  EXPECT_TRUE(copy.same_channel(rx));
  EXPECT_EQ(tx.receiver_count(), 3U);
}

TEST(watch, a_dropped_sender_is_reported_after_the_last_value) {
  test::hand_poller hand;
  auto [tx, rx] = watch::channel<int>(1);
  EXPECT_TRUE(tx.send(2).has_value());
  {
    const auto dropped = std::move(tx);
  }
  EXPECT_EQ(rx.has_changed(), tl::unexpected(watch::recv_error()));
  auto first = rx.changed();
  EXPECT_TRUE(hand.poll(first).value().has_value());
  auto second = rx.changed();
  EXPECT_EQ(hand.poll(second).value().error(), watch::recv_error());
  EXPECT_EQ(*rx.borrow(), 2);
}

TEST(watch, dropping_the_sender_wakes_who_waits) {
  test::hand_poller hand;
  auto [tx, rx] = watch::channel<int>(1);
  auto changing = rx.changed();
  EXPECT_TRUE(hand.poll(changing).is_pending());
  {
    const auto dropped = std::move(tx);
  }
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_FALSE(hand.poll(changing).value().has_value());
}

TEST(watch, without_receivers_a_send_gives_the_value_back_and_the_others_do_not) {
  test::hand_poller hand;
  auto [tx, rx] = watch::channel<std::unique_ptr<int>>(std::make_unique<int>(1));
  auto closing = tx.closed();
  EXPECT_TRUE(hand.poll(closing).is_pending());
  {
    const auto dropped = std::move(rx);
  }
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(hand.poll(closing).is_ready());
  EXPECT_TRUE(tx.is_closed());
  const auto refused = tx.send(std::make_unique<int>(2));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(*refused.error().value(), 2);
  EXPECT_EQ(**tx.borrow(), 1);
  EXPECT_EQ(**tx.send_replace(std::make_unique<int>(3)), 1);
  EXPECT_EQ(**tx.subscribe().borrow(), 3);
}

TEST(watch, modify_sends_a_changed_copy_or_nothing) {
  auto [tx, rx] = watch::channel<int>(1);
  tx.send_modify([](int& value, int more) { value += more; }, 4);
  EXPECT_EQ(*rx.borrow_and_update(), 5);
  EXPECT_FALSE(tx.send_if_modified([](int& value) {
    value = 9;
    return false;
  }));
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_THROW(tx.send_modify([](int&) { throw std::runtime_error("inside"); }), std::runtime_error);
  EXPECT_EQ(*rx.borrow(), 5);
  EXPECT_EQ(rx.has_changed(), false);
}

TEST(watch, each_value_is_destroyed_once_nobody_has_it) {
  std::atomic<int> drops = 0;
  {
    auto [tx, rx] = watch::channel<test::drop_counter>(test::drop_counter(drops));
    auto kept = rx.borrow();
    EXPECT_TRUE(tx.send(test::drop_counter(drops)).has_value());
    EXPECT_EQ(drops.load(), 0);
    kept.reset();
    EXPECT_EQ(drops.load(), 1);
  }
  EXPECT_EQ(drops.load(), 2);
}

// Random: the schedule of real threads.
TEST_P(watch_on_runtime, followers_come_to_the_last_value) {
  runtime rt = make();
  const auto follows = [](watch::receiver<int> input) -> task<int> {
    int latest = 0;
    for (;;) {
      const auto changed = co_await input.changed();
      if (!changed) co_return latest;
      const int now = *input.borrow_and_update();
      EXPECT_GE(now, latest);
      latest = now;
    }
  };
  const auto body = [](auto inner) -> task<> {
    auto [tx, rx] = watch::channel<int>(0);
    auto one = spawn(inner(rx));
    auto two = spawn(inner(std::move(rx)));
    for (int i = 1; i <= 1000; ++i) EXPECT_TRUE(tx.send(i).has_value());
    {
      const auto dropped = std::move(tx);
    }
    const auto seen_by_one = co_await one;
    EXPECT_EQ(seen_by_one.value(), 1000);
    const auto seen_by_two = co_await two;
    EXPECT_EQ(seen_by_two.value(), 1000);
  };
  rt.block_on(body(follows));
}

TEST(watch, wait_for_is_ready_with_the_first_value_that_is_accepted) {
  test::hand_poller hand;
  auto [tx, rx] = watch::channel<int>(1);
  const auto is_even = [](const int& value) { return value % 2 == 0; };
  auto waiting = rx.wait_for(is_even);
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  EXPECT_TRUE(tx.send(3).has_value());
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  EXPECT_FALSE(*rx.has_changed());
  EXPECT_TRUE(tx.send(4).has_value());
  EXPECT_EQ(**hand.poll(waiting).value(), 4);
  // The latest is looked at first, though it was seen.
  auto at_once = rx.wait_for(is_even);
  EXPECT_EQ(**hand.poll(at_once).value(), 4);
}

TEST(watch, wait_for_ends_with_the_sender) {
  test::hand_poller hand;
  auto [first, rx] = watch::channel<int>(1);
  auto tx = std::make_optional(std::move(first));
  auto waiting = rx.wait_for([](const int& value) { return value == 2; });
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  tx.reset();
  EXPECT_EQ(hand.poll(waiting).value().error(), watch::recv_error());
}

}  // namespace
}  // namespace heddle
