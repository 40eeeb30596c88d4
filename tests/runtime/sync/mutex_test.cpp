// The async mutex: exclusion, order, cancellation.
#include "heddle/runtime/mutex.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class mutex_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(mutex_on_runtime);

TEST(mutex, a_free_lock_is_taken_at_once) {
  test::hand_poller hand;
  sync::mutex<int> guarded(5);
  auto waiting = guarded.lock();
  auto guard = hand.poll(waiting).value();
  EXPECT_EQ(*guard, 5);
  EXPECT_FALSE(guarded.try_lock().has_value());
  guard.unlock();
  EXPECT_TRUE(guarded.try_lock().has_value());
}

// A mutex that is held, and two who wait for it.
class mutex_with_two_waiters : public testing::Test {
 protected:
  mutex_with_two_waiters() {
    one_.emplace(plain_.lock());
    two_.emplace(plain_.lock());
    EXPECT_FALSE(first_has_it());
    EXPECT_FALSE(second_has_it());
  }

  void unlock() { held_.reset(); }
  // As who runs already, and comes before a waiter that was woken.
  bool overtake() {
    held_ = plain_.try_lock();
    return held_.has_value();
  }
  // Polls; the lock is given back at once.
  bool first_has_it() { return first_.poll(*one_).is_ready(); }
  bool second_has_it() { return second_.poll(*two_).is_ready(); }
  void drop_first() { one_.reset(); }

  sync::mutex<> plain_;
  std::optional<sync::mutex_guard<void>> held_ = plain_.try_lock();
  test::hand_poller first_;
  test::hand_poller second_;
  std::optional<sync::lock_future<void>> one_;
  std::optional<sync::lock_future<void>> two_;
};

TEST_F(mutex_with_two_waiters, serves_them_first_come_first_served) {
  unlock();
  EXPECT_EQ(first_.counter.wakes(), 1);
  EXPECT_FALSE(second_has_it());
  {
    auto guard = first_.poll(*one_).value();
    EXPECT_EQ(second_.counter.wakes(), 0);
  }
  EXPECT_EQ(second_.counter.wakes(), 1);
  EXPECT_TRUE(second_has_it());
  EXPECT_TRUE(overtake());
}

TEST_F(mutex_with_two_waiters, lets_who_runs_lock_until_the_woken_one_has_its_turn) {
  unlock();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(overtake());
    unlock();
  }
  EXPECT_EQ(first_.counter.wakes(), 1) << "once is enough";
  EXPECT_EQ(second_.counter.wakes(), 0);
  EXPECT_TRUE(first_has_it());
}

TEST_F(mutex_with_two_waiters, hands_the_lock_to_who_was_overtaken) {
  unlock();
  EXPECT_TRUE(overtake());
  EXPECT_FALSE(first_has_it());
  unlock();
  EXPECT_EQ(first_.counter.wakes(), 2);
  EXPECT_FALSE(overtake()) << "it is taken already";
  EXPECT_TRUE(first_has_it());
  EXPECT_EQ(second_.counter.wakes(), 1) << "which only came second";
  EXPECT_TRUE(second_has_it());
}

TEST_F(mutex_with_two_waiters, passes_on_what_was_handed_to_one_that_is_dropped) {
  unlock();
  EXPECT_TRUE(overtake());
  EXPECT_FALSE(first_has_it());
  unlock();
  drop_first();
  EXPECT_EQ(second_.counter.wakes(), 1);
  EXPECT_TRUE(second_has_it());
}

TEST_F(mutex_with_two_waiters, leaves_the_second_to_the_owner_when_the_woken_one_is_dropped) {
  unlock();
  EXPECT_TRUE(overtake());
  drop_first();
  unlock();
  EXPECT_EQ(second_.counter.wakes(), 1);
  EXPECT_TRUE(second_has_it());
}

TEST_F(mutex_with_two_waiters, wakes_the_second_when_the_woken_one_is_dropped) {
  unlock();
  EXPECT_EQ(second_.counter.wakes(), 0);
  drop_first();
  EXPECT_EQ(second_.counter.wakes(), 1);
  EXPECT_TRUE(second_has_it());
}

TEST_F(mutex_with_two_waiters, forgets_one_that_is_dropped) {
  drop_first();
  EXPECT_EQ(first_.counter.references(), 0);
  unlock();
  EXPECT_EQ(first_.counter.wakes(), 0);
  EXPECT_EQ(second_.counter.wakes(), 1);
  EXPECT_TRUE(second_has_it());
}

TEST(mutex, the_last_dropped_waiter_leaves_a_free_lock) {
  test::hand_poller hand;
  sync::mutex<> plain;
  auto held = plain.try_lock();
  std::optional<sync::lock_future<void>> one(std::in_place, plain);
  EXPECT_TRUE(hand.poll(*one).is_pending());
  held.reset();
  one.reset();
  EXPECT_TRUE(plain.try_lock().has_value());
}

TEST(mutex, a_waiter_that_moved_to_another_task_wakes_the_latest) {
  test::hand_poller first;
  test::hand_poller second;
  sync::mutex<> plain;
  auto held = plain.try_lock();
  auto waiting = plain.lock();
  EXPECT_TRUE(first.poll(waiting).is_pending());
  EXPECT_TRUE(second.poll(waiting).is_pending());
  EXPECT_EQ(first.counter.references(), 0);
  held.reset();
  EXPECT_EQ(first.counter.wakes(), 0);
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_TRUE(second.poll(waiting).is_ready());
}

TEST(mutex, with_unlocks_when_the_function_throws) {
  test::hand_poller hand;
  sync::mutex<int> guarded(1);
  auto failing = guarded.with([](int&) { throw std::runtime_error("inside"); });
  EXPECT_THROW(static_cast<void>(hand.poll(failing)), std::runtime_error);
  EXPECT_TRUE(guarded.try_lock().has_value());
}

TEST(mutex, with_yields_what_the_function_returns) {
  test::hand_poller hand;
  sync::mutex<std::vector<int>> guarded(3U, 7);
  auto size = guarded.with([](std::vector<int>& values) { return values.size(); });
  EXPECT_EQ(hand.poll(size).value(), 3U);
  sync::mutex<> plain;
  auto nothing = plain.with([] { return std::make_unique<int>(1); });
  EXPECT_EQ(*hand.poll(nothing).value(), 1);
}

// Random: the schedule of real threads. Without exclusion increments are lost; without wakeups it hangs.
TEST_P(mutex_on_runtime, guards_a_counter_of_many_tasks) {
  constexpr int tasks = 8;
  constexpr int rounds = 500;
  runtime rt = make();
  sync::mutex<int> counter(0);
  const auto increments = [](sync::mutex<int>& shared) -> task<> {
    for (int i = 0; i < rounds; ++i) {
      if (i % 2 == 0) {
        co_await shared.with([](int& value) { ++value; });
      } else {
        auto guard = co_await shared.lock();
        const int seen = *guard;
        co_await yield_now();
        *guard = seen + 1;
      }
    }
  };
  const auto body = [](auto inner, sync::mutex<int>& shared) -> task<int> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < tasks; ++i) handles.push_back(spawn(inner(shared)));
    for (join_handle<void>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
    co_return co_await shared.with([](int& value) { return value; });
  };
  EXPECT_EQ(rt.block_on(body(increments, counter)), tasks * rounds);
}

TEST_P(mutex_on_runtime, aborted_waiters_and_holders_lose_no_lock) {
  runtime rt = make();
  sync::mutex<> plain;
  const auto holds = [](sync::mutex<>& shared) -> task<> {
    for (;;) {
      auto guard = co_await shared.lock();
      co_await yield_now();
    }
  };
  const auto body = [](auto inner, sync::mutex<>& shared) -> task<> {
    for (int round = 0; round < 50; ++round) {
      std::vector<join_handle<void>> handles;
      for (int i = 0; i < 4; ++i) handles.push_back(spawn(inner(shared)));
      for (int i = 0; i < round % 5; ++i) co_await yield_now();
      for (join_handle<void>& handle : handles) handle.abort();
      for (join_handle<void>& handle : handles) {
        const auto result = co_await handle;
        EXPECT_TRUE(result.error().is_cancelled());
      }
      auto guard = co_await shared.lock();
    }
  };
  rt.block_on(body(holds, plain));
}

TEST(mutex_death, destroying_a_locked_mutex_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto destroy_locked = [] {
    auto plain = std::make_unique<sync::mutex<>>();
    auto guard = plain->try_lock();
    plain.reset();
  };
  EXPECT_DEATH(destroy_locked(), "destroyed while it is locked");
}

}  // namespace
}  // namespace heddle
