// The barrier: generations, one leader of each, cancellation.
#include "heddle/runtime/barrier.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"

#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class barrier_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(barrier_on_runtime);

TEST(barrier, the_last_one_leads_and_wakes_the_others) {
  test::hand_poller first;
  test::hand_poller second;
  sync::barrier phase(2);
  for (int generation = 1; generation <= 3; ++generation) {
    auto one = phase.wait();
    auto two = phase.wait();
    EXPECT_TRUE(first.poll(one).is_pending());
    EXPECT_TRUE(first.poll(one).is_pending()) << "a second poll does not arrive again";
    EXPECT_TRUE(second.poll(two).value().is_leader());
    EXPECT_EQ(first.counter.wakes(), generation);
    EXPECT_FALSE(first.poll(one).value().is_leader());
  }
}

TEST(barrier, nobody_waits_for_himself) {
  test::hand_poller hand;
  sync::barrier none(0);
  sync::barrier one(1);
  auto waiting_none = none.wait();
  auto waiting_one = one.wait();
  EXPECT_TRUE(hand.poll(waiting_none).value().is_leader());
  EXPECT_TRUE(hand.poll(waiting_one).value().is_leader());
}

TEST(barrier, a_dropped_wait_has_not_arrived) {
  test::hand_poller first;
  test::hand_poller second;
  sync::barrier phase(2);
  std::optional<sync::barrier_wait_future> dropped(phase.wait());
  EXPECT_TRUE(first.poll(*dropped).is_pending());
  dropped.reset();
  EXPECT_EQ(first.counter.references(), 0);
  auto one = phase.wait();
  EXPECT_TRUE(first.poll(one).is_pending());
  auto two = phase.wait();
  EXPECT_TRUE(second.poll(two).is_ready());
  EXPECT_TRUE(first.poll(one).is_ready());
}

TEST(barrier, a_wait_dropped_after_its_generation_takes_nothing_from_the_next) {
  test::hand_poller hand;
  sync::barrier phase(2);
  std::optional<sync::barrier_wait_future> released(phase.wait());
  EXPECT_TRUE(hand.poll(*released).is_pending());
  auto leading = phase.wait();
  EXPECT_TRUE(hand.poll(leading).is_ready());
  auto next = phase.wait();
  EXPECT_TRUE(hand.poll(next).is_pending());
  released.reset();
  auto last = phase.wait();
  EXPECT_TRUE(hand.poll(last).is_ready());
}

// Random: the schedule of real threads.
TEST_P(barrier_on_runtime, nobody_is_a_phase_ahead) {
  constexpr int parties = 4;
  constexpr int phases = 200;
  runtime rt = make();
  struct shared_state {
    sync::barrier phase{parties};
    std::atomic<int> arrived{0};
    std::atomic<int> leaders{0};
  };
  shared_state shared;
  const auto takes_part = [](shared_state& state) -> task<> {
    for (int i = 1; i <= phases; ++i) {
      state.arrived.fetch_add(1);
      const auto result = co_await state.phase.wait();
      EXPECT_GE(state.arrived.load(), i * parties);
      if (result.is_leader()) state.leaders.fetch_add(1);
    }
  };
  const auto body = [](auto inner, shared_state& state) -> task<> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < parties; ++i) handles.push_back(spawn(inner(state)));
    for (join_handle<void>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
  };
  rt.block_on(body(takes_part, shared));
  EXPECT_EQ(shared.leaders.load(), phases);
}

}  // namespace
}  // namespace heddle
