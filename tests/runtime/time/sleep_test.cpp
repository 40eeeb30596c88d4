// Sleeping and timing out, on every kind of runtime. Nothing here measures how long it took.
#include "heddle/runtime/sleep.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/timeout.hpp"
#include "heddle/runtime/yield_now.hpp"
#include "small_tasks.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class sleep_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(sleep_test);

TEST_P(sleep_test, ends_no_earlier_than_its_deadline) {
  runtime rt = make();
  const auto body = []() -> task<> {
    const clock::time_point deadline = clock::now() + 5ms;
    co_await sleep_until(deadline);
    EXPECT_GE(clock::now(), deadline);
  };
  rt.block_on(body());
}

TEST_P(sleep_test, deadlines_fire_in_order) {
  runtime rt = make();
  std::mutex mutex;
  std::vector<int> order;
  const auto sleeper = [](clock::time_point start, int id, std::mutex& lock, std::vector<int>& woken) -> task<> {
    co_await sleep_until(start + id * 100ms);
    const std::lock_guard guard(lock);
    woken.push_back(id);
  };
  const auto body = [](auto inner, std::mutex& lock, std::vector<int>& woken) -> task<> {
    const clock::time_point start = clock::now() + 100ms;
    std::vector<join_handle<void>> handles;
    for (const int id : {3, 1, 2, 0}) handles.push_back(spawn(inner(start, id, lock, woken)));
    for (join_handle<void>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
  };
  rt.block_on(body(sleeper, mutex, order));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST_P(sleep_test, a_thousand_sleeps_of_random_length_all_end) {
  runtime rt = make();
  const auto sleeper = [](int id) -> task<int> {
    co_await sleep(std::chrono::microseconds((id * 7919) % 20'000));
    co_return 1;
  };
  const auto body = [](auto inner) -> task<int> {
    std::vector<join_handle<int>> handles;
    for (int id = 0; id < 1000; ++id) handles.push_back(spawn(inner(id)));
    int sum = 0;
    for (join_handle<int>& handle : handles) {
      const auto result = co_await handle;
      sum += result.value();
    }
    co_return sum;
  };
  EXPECT_EQ(rt.block_on(body(sleeper)), 1000);
}

TEST_P(sleep_test, a_new_earliest_deadline_is_not_slept_over) {
  runtime rt = make();
  const auto body = []() -> task<> {
    const auto hour = []() -> task<> { co_await sleep(1h); };
    join_handle<void> late = spawn(hour());
    co_await sleep(2ms);
    const auto soon = []() -> task<> { co_await sleep(2ms); };
    EXPECT_TRUE((co_await spawn(soon())).has_value());
    late.abort();
    EXPECT_TRUE((co_await late).error().is_cancelled());
  };
  rt.block_on(body());
}

TEST_P(sleep_test, dropped_sleeps_leave_the_others_in_order) {
  runtime rt = make();
  const auto body = []() -> task<> {
    test::hand_poller hand;
    const clock::time_point start = clock::now() + 1h;
    std::vector<std::optional<sleep_future>> sleeps(100);
    for (int i = 0; i < 100; ++i) {
      sleeps[static_cast<std::size_t>(i)].emplace(start + ((i * 37) % 100) * 1s);
      EXPECT_TRUE(hand.poll(*sleeps[static_cast<std::size_t>(i)]).is_pending());
    }
    for (std::size_t i = 0; i < 100; i += 3) sleeps[i].reset();
    co_await sleep(1ms);
    EXPECT_EQ(hand.counter.wakes(), 0);
    sleeps.clear();
    EXPECT_EQ(hand.counter.references(), 0);
  };
  rt.block_on(body());
}

TEST_P(sleep_test, zero_negative_and_endless_delays_are_legal) {
  runtime rt = make();
  const auto body = []() -> task<> {
    co_await sleep(0ms);
    co_await sleep(-1h);
    EXPECT_FALSE((co_await timeout(1ms, sleep(std::chrono::hours::max()))).has_value());
    EXPECT_EQ(sleep(std::chrono::hours::max()).deadline(), clock::time_point::max());
    EXPECT_EQ(sleep(std::chrono::duration<double>(1e300)).deadline(), clock::time_point::max());
  };
  rt.block_on(body());
}

TEST_P(sleep_test, a_reset_moves_the_deadline_of_a_sleep_that_waits) {
  runtime rt = make();
  const auto body = []() -> task<> {
    test::hand_poller hand;
    sleep_future moved = sleep(1h);
    EXPECT_TRUE(hand.poll(moved).is_pending());
    const clock::time_point deadline = clock::now() + 3ms;
    moved.reset(deadline);
    EXPECT_EQ(moved.deadline(), deadline);
    // The waker it has is woken; nobody polls.
    while (hand.counter.wakes() == 0) co_await sleep(1ms);
    EXPECT_GE(clock::now(), deadline);
    EXPECT_TRUE(hand.poll(moved).is_ready());
  };
  rt.block_on(body());
}

TEST_P(sleep_test, a_reset_to_later_is_not_woken_at_the_old_deadline) {
  runtime rt = make();
  const auto body = []() -> task<> {
    test::hand_poller hand;
    sleep_future moved = sleep(2ms);
    EXPECT_TRUE(hand.poll(moved).is_pending());
    moved.reset(clock::now() + 1h);
    co_await sleep(10ms);
    EXPECT_EQ(hand.counter.wakes(), 0);
    EXPECT_TRUE(hand.poll(moved).is_pending());
  };
  rt.block_on(body());
}

TEST_P(sleep_test, a_reset_into_the_past_wakes_and_one_that_fired_can_wait_again) {
  runtime rt = make();
  const auto body = []() -> task<> {
    test::hand_poller hand;
    sleep_future moved = sleep(1h);
    EXPECT_TRUE(hand.poll(moved).is_pending());
    moved.reset(clock::now() - 1h);
    while (hand.counter.wakes() == 0) co_await yield_now();
    EXPECT_TRUE(hand.poll(moved).is_ready());
    moved.reset(clock::now() + 2ms);
    EXPECT_TRUE(hand.poll(moved).is_pending());
    while (hand.counter.wakes() == 1) co_await sleep(1ms);
    EXPECT_TRUE(hand.poll(moved).is_ready());
    EXPECT_EQ(hand.counter.references(), 0);
  };
  rt.block_on(body());
}

TEST_P(sleep_test, timeout_gives_the_value_of_a_future_in_time) {
  runtime rt = make();
  const auto answer = []() -> task<int> {
    co_await yield_now();
    co_return 42;
  };
  const auto body = [](auto inner) -> task<> {
    const tl::expected<int, elapsed> result = co_await timeout(1h, inner());
    EXPECT_EQ(result, 42);
  };
  rt.block_on(body(answer));
}

TEST_P(sleep_test, timeout_gives_elapsed_and_drops_the_future) {
  runtime rt = make();
  std::atomic<int> drops = 0;
  const auto endless = [](std::atomic<int>& dropped) -> task<int> {
    const test::drop_counter local(dropped);
    test::never end;
    co_await end;
    co_return 1;
  };
  const auto body = [](auto inner, std::atomic<int>& dropped) -> task<> {
    const tl::expected<int, elapsed> result = co_await timeout(1ms, inner(dropped));
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(dropped.load(), 1);
  };
  rt.block_on(body(endless, drops));
}

TEST_P(sleep_test, timeout_of_an_lvalue_leaves_it_to_go_on) {
  runtime rt = make();
  const auto body = []() -> task<> {
    auto [sender, receiver] = oneshot::channel<int>();
    const auto first = co_await timeout(1ms, receiver);
    EXPECT_FALSE(first.has_value());
    EXPECT_TRUE(sender.send(7).has_value());
    const auto second = co_await receiver;
    EXPECT_EQ(second.value_or(0), 7);
  };
  rt.block_on(body());
}

TEST_P(sleep_test, timeout_lets_exceptions_through) {
  runtime rt = make();
  const auto thrower = []() -> task<> {
    throw std::runtime_error("inside");
    co_return;
  };
  const auto body = [](auto inner) -> task<> { static_cast<void>(co_await timeout(1h, inner())); };
  EXPECT_THROW(rt.block_on(body(thrower)), std::runtime_error);
}

TEST(sleep, takes_six_words) {
  // Its links, the deadline, the waker of two words, and the driver.
  static_assert(sizeof(sleep_future) == 6 * sizeof(void*));
}

TEST(sleep_errors, a_sleep_outside_a_runtime_says_so) {
  test::hand_poller hand;
  sleep_future outside = sleep(1h);
  EXPECT_THROW(static_cast<void>(hand.poll(outside)), std::logic_error);
}

TEST(sleep_errors, a_sleep_whose_runtime_has_gone_is_woken_and_throws) {
  test::hand_poller hand;
  sleep_future orphan = sleep(1h);
  {
    runtime rt = runtime::builder().current_thread().build();
    const auto body = [](test::hand_poller& poller, sleep_future& target) -> task<> {
      EXPECT_TRUE(poller.poll(target).is_pending());
      co_return;
    };
    rt.block_on(body(hand, orphan));
  }
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_THROW(static_cast<void>(hand.poll(orphan)), std::logic_error);
}

}  // namespace
}  // namespace heddle
