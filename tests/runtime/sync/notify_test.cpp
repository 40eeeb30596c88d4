// The permit rules of notify, its cancellation, and wakers that call back.
#include "heddle/runtime/notify.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"

#include <atomic>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class notify_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(notify_on_runtime);

TEST(notify, one_permit_is_stored_and_no_more) {
  test::hand_poller hand;
  sync::notify changed;
  changed.notify_one();
  changed.notify_one();
  auto first = changed.notified();
  auto second = changed.notified();
  EXPECT_TRUE(hand.poll(first).is_ready());
  EXPECT_TRUE(hand.poll(second).is_pending());
}

TEST(notify, who_waits_longest_is_notified_first) {
  test::hand_poller first;
  test::hand_poller second;
  sync::notify changed;
  auto one = changed.notified();
  auto two = changed.notified();
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_TRUE(first.poll(one).is_pending());
  changed.notify_one();
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_EQ(first.counter.wakes(), 0);
  EXPECT_TRUE(first.poll(one).is_pending());
  EXPECT_TRUE(second.poll(two).is_ready());
}

TEST(notify, notify_waiters_reaches_who_was_created_before_and_stores_nothing) {
  test::hand_poller hand;
  sync::notify changed;
  auto polled = changed.notified();
  auto unpolled = changed.notified();
  EXPECT_TRUE(hand.poll(polled).is_pending());
  changed.notify_waiters();
  EXPECT_EQ(hand.counter.wakes(), 1);
  auto later = changed.notified();
  EXPECT_TRUE(hand.poll(polled).is_ready());
  EXPECT_TRUE(hand.poll(unpolled).is_ready());
  EXPECT_TRUE(hand.poll(later).is_pending());
}

// Tokio #7996.
TEST(notify, who_was_notified_with_all_leaves_the_permit_to_another) {
  test::hand_poller hand;
  sync::notify changed;
  auto old = changed.notified();
  changed.notify_waiters();
  changed.notify_one();
  EXPECT_TRUE(hand.poll(old).is_ready());
  auto other = changed.notified();
  EXPECT_TRUE(hand.poll(other).is_ready());
}

// Tokio #3652.
TEST(notify, a_dropped_waiter_passes_its_notification_on) {
  test::hand_poller first;
  test::hand_poller second;
  sync::notify changed;
  std::optional<sync::notified_future> one(changed.notified());
  std::optional<sync::notified_future> two(changed.notified());
  EXPECT_TRUE(first.poll(*one).is_pending());
  EXPECT_TRUE(second.poll(*two).is_pending());
  changed.notify_one();
  one.reset();
  EXPECT_EQ(second.counter.wakes(), 1);
  two.reset();
  auto third = changed.notified();
  EXPECT_TRUE(first.poll(third).is_ready()) << "and is stored when nobody waits";
}

TEST(notify, a_dropped_waiter_that_was_notified_with_all_passes_nothing_on) {
  test::hand_poller hand;
  sync::notify changed;
  std::optional<sync::notified_future> one(changed.notified());
  EXPECT_TRUE(hand.poll(*one).is_pending());
  changed.notify_waiters();
  one.reset();
  auto next = changed.notified();
  EXPECT_TRUE(hand.poll(next).is_pending());
}

TEST(notify, enable_joins_the_queue_before_the_first_poll) {
  test::hand_poller hand;
  sync::notify changed;
  auto one = changed.notified();
  EXPECT_FALSE(one.enable());
  changed.notify_one();
  auto other = changed.notified();
  EXPECT_TRUE(hand.poll(other).is_pending());
  EXPECT_TRUE(one.enable());
  EXPECT_TRUE(hand.poll(one).is_ready());
}

TEST(notify, more_than_a_batch_is_woken) {
  test::hand_poller hand;
  sync::notify changed;
  std::deque<sync::notified_future> waiting;
  for (int i = 0; i < 100; ++i) {
    waiting.push_back(changed.notified());
    EXPECT_TRUE(hand.poll(waiting.back()).is_pending());
  }
  changed.notify_waiters();
  EXPECT_EQ(hand.counter.wakes(), 100);
  for (sync::notified_future& one : waiting) EXPECT_TRUE(hand.poll(one).is_ready());
}

// Calls back into the notify whenever it is cloned, woken or dropped: with a lock held, that hangs (Tokio #4129,
// #5578).
class calling_back {
 public:
  explicit calling_back(sync::notify& called) noexcept : called_(&called) {}
  waker make() const { return waker(raw_waker(this, &behaviour)); }

 private:
  static void call(const void* data) noexcept { static_cast<const calling_back*>(data)->called_->notify_waiters(); }
  static raw_waker clone(const void* data) noexcept {
    call(data);
    return raw_waker(data, &behaviour);
  }
  static constexpr waker_vtable behaviour{&clone, &call, &call, &call};

  sync::notify* called_;
};

TEST(notify, wakers_may_call_back) {
  sync::notify changed;
  const calling_back target(changed);
  const waker current = target.make();
  context cx(current);
  {
    auto one = changed.notified();
    EXPECT_TRUE(one.poll(cx).is_ready()) << "its own clone notified it";
  }
  {
    test::hand_poller hand;
    auto one = changed.notified();
    EXPECT_TRUE(hand.poll(one).is_pending());
    EXPECT_TRUE(one.poll(cx).is_ready());
  }
}

// Random: the schedule of real threads.
TEST_P(notify_on_runtime, hands_a_turn_back_and_forth) {
  runtime rt = make();
  struct shared_state {
    sync::notify ping;
    sync::notify pong;
  };
  shared_state shared;
  const auto answers = [](shared_state& state) -> task<> {
    for (int i = 0; i < 1000; ++i) {
      co_await state.ping.notified();
      state.pong.notify_one();
    }
  };
  const auto body = [](auto inner, shared_state& state) -> task<> {
    auto other = spawn(inner(state));
    for (int i = 0; i < 1000; ++i) {
      state.ping.notify_one();
      co_await state.pong.notified();
    }
    const auto result = co_await other;
    EXPECT_TRUE(result.has_value());
  };
  rt.block_on(body(answers, shared));
}

}  // namespace
}  // namespace heddle
