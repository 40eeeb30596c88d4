// The semaphore: order, many at once, closing, owned permits, cancellation.
#include "heddle/runtime/semaphore.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class semaphore_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(semaphore_on_runtime);

TEST(semaphore, permits_come_back_when_they_are_destroyed) {
  test::hand_poller hand;
  sync::semaphore limited(2);
  auto acquiring = limited.acquire();
  {
    auto permit = hand.poll(acquiring).value();
    EXPECT_EQ(limited.available_permits(), 1U);
    auto second = limited.try_acquire();
    EXPECT_EQ(limited.try_acquire().error(), sync::try_acquire_error::no_permits);
  }
  EXPECT_EQ(limited.available_permits(), 2U);
}

TEST(semaphore, waiters_are_served_first_come_first_served) {
  test::hand_poller first;
  test::hand_poller second;
  sync::semaphore limited(0);
  auto many = limited.acquire_many(3);
  auto one = limited.acquire();
  EXPECT_TRUE(first.poll(many).is_pending());
  EXPECT_TRUE(second.poll(one).is_pending());
  limited.add_permits(2);
  EXPECT_EQ(first.counter.wakes() + second.counter.wakes(), 0) << "who needs few does not overtake";
  EXPECT_EQ(limited.available_permits(), 0U);
  EXPECT_FALSE(limited.try_acquire().has_value());
  limited.add_permits(2);
  EXPECT_EQ(first.counter.wakes(), 1);
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_EQ(first.poll(many).value()->num_permits(), 3U);
  EXPECT_TRUE(second.poll(one).value().has_value());
}

TEST(semaphore, a_dropped_waiter_passes_on_what_it_was_granted) {
  test::hand_poller first;
  test::hand_poller second;
  sync::semaphore limited(0);
  std::optional<sync::acquire_future> one(limited.acquire_many(2));
  auto two = limited.acquire();
  EXPECT_TRUE(first.poll(*one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  limited.add_permits(2);
  EXPECT_EQ(second.counter.wakes(), 0);
  one.reset();
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_TRUE(second.poll(two).is_ready());
  EXPECT_EQ(limited.available_permits(), 2U);
}

TEST(semaphore, a_dropped_waiter_that_needed_many_lets_the_next_pass) {
  test::hand_poller first;
  test::hand_poller second;
  sync::semaphore limited(1);
  std::optional<sync::acquire_future> one(limited.acquire_many(2));
  auto two = limited.acquire();
  EXPECT_TRUE(first.poll(*one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  one.reset();
  EXPECT_EQ(first.counter.references(), 0);
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_TRUE(second.poll(two).is_ready());
}

TEST(semaphore, one_release_serves_more_than_a_batch) {
  constexpr std::size_t waiters = 100;
  sync::semaphore limited(0);
  test::hand_poller hand;
  std::deque<sync::acquire_future> waiting;
  for (std::size_t i = 0; i < waiters; ++i) {
    waiting.push_back(limited.acquire());
    EXPECT_TRUE(hand.poll(waiting.back()).is_pending());
  }
  limited.add_permits(waiters - 1);
  EXPECT_EQ(hand.counter.wakes(), static_cast<int>(waiters) - 1);
  limited.close();
  EXPECT_EQ(hand.counter.wakes(), static_cast<int>(waiters));
  EXPECT_FALSE(hand.poll(waiting.back()).value().has_value());
}

TEST(semaphore, a_closed_one_refuses_and_keeps_what_is_held) {
  test::hand_poller hand;
  sync::semaphore limited(1);
  auto held = limited.try_acquire();
  auto waiting = limited.acquire();
  EXPECT_TRUE(hand.poll(waiting).is_pending());
  limited.close();
  EXPECT_TRUE(limited.is_closed());
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_EQ(hand.poll(waiting).value().error(), sync::acquire_error());
  EXPECT_EQ(limited.try_acquire().error(), sync::try_acquire_error::closed);
  held->release();
  EXPECT_EQ(limited.available_permits(), 1U);
}

TEST(semaphore, permits_are_forgotten_and_merged) {
  sync::semaphore limited(5);
  auto one = limited.try_acquire_many(2);
  auto two = limited.try_acquire();
  one->merge(std::move(*two));
  EXPECT_EQ(one->num_permits(), 3U);
  EXPECT_EQ(limited.forget_permits(10), 2U);
  one->forget();
  limited.add_permits(1);
  EXPECT_EQ(limited.available_permits(), 1U);
}

TEST(semaphore, owned_permits_keep_it_alive) {
  test::hand_poller hand;
  auto limited = std::make_shared<sync::semaphore>(2);
  std::weak_ptr<sync::semaphore> watched = limited;
  auto tried = sync::try_acquire_owned(limited);
  auto acquiring = sync::acquire_owned(std::move(limited));
  {
    auto permit = hand.poll(acquiring).value();
    EXPECT_TRUE(permit.has_value());
    EXPECT_EQ(watched.lock()->available_permits(), 0U);
  }
  EXPECT_EQ(watched.lock()->available_permits(), 1U);
  EXPECT_TRUE(tried.has_value());
}

// Random: the schedule of real threads.
TEST_P(semaphore_on_runtime, lets_so_many_in_and_no_more) {
  runtime rt = make();
  struct shared_state {
    sync::semaphore limited{3};
    std::atomic<int> inside{0};
    std::atomic<int> inside_max{0};
  };
  shared_state shared;
  const auto enters = [](shared_state& state) -> task<> {
    for (int i = 0; i < 200; ++i) {
      const auto permit = co_await state.limited.acquire_many(1 + static_cast<std::size_t>(i) % 3);
      EXPECT_TRUE(permit.has_value());
      const int weight = static_cast<int>(permit->num_permits());
      const int now = state.inside.fetch_add(weight) + weight;
      if (now > state.inside_max.load()) state.inside_max.store(now);
      co_await yield_now();
      state.inside.fetch_sub(weight);
    }
  };
  const auto body = [](auto inner, shared_state& state) -> task<> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 6; ++i) handles.push_back(spawn(inner(state)));
    for (join_handle<void>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
  };
  rt.block_on(body(enters, shared));
  EXPECT_LE(shared.inside_max.load(), 3);
  EXPECT_EQ(shared.limited.available_permits(), 3U);
}

}  // namespace
}  // namespace heddle
