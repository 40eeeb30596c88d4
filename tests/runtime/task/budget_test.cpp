// The cooperative budget: no future that is always ready keeps other tasks from running.
#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/select.hpp"
#include "heddle/runtime/spawn.hpp"
#include "heddle/runtime/timeout.hpp"
#include "heddle/runtime/unconstrained.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>

#include <gtest/gtest.h>

namespace heddle {
namespace {

constexpr int many = 100'000;

struct always_ready {
  poll_result<> poll(context&) noexcept { return ready; }
};
struct ready_value {
  poll_result<int> poll(context&) { return 1; }
};

task<int> count_ready(int times) {
  int count = 0;
  for (; count < times; ++count) {
    co_await always_ready();
  }
  co_return count;
}
task<int> sum_ready(int times) {
  int sum = 0;
  while (sum < times) sum += co_await ready_value();
  co_return sum;
}
task<> set(std::atomic<bool>& flag) {
  flag.store(true);
  co_return;
}

// How many polls `body` takes with a budget for each.
template <class T>
int polls_of(task<T> body) {
  const test::counting_waker counter;
  for (int polls = 1;; ++polls) {
    const waker current = counter.make();
    poll_budget budget;
    context cx(current, budget);
    if (body.poll(cx).is_ready()) return polls;
    EXPECT_EQ(counter.wakes(), polls);  // it asked to be polled again
  }
}

TEST(budget, is_128_ready_awaits_for_each_poll) {
  EXPECT_EQ(polls_of(count_ready(128)), 1);
  EXPECT_EQ(polls_of(count_ready(129)), 2);
  EXPECT_EQ(polls_of(sum_ready(1280)), 10);
}

TEST(budget, is_shared_by_the_branches_of_a_select_and_the_tasks_it_awaits) {
  const auto outer = []() -> task<> {
    for (int i = 0; i < 64; ++i) co_await count_ready(2);
  };
  EXPECT_EQ(polls_of(outer()), 1);
  const auto selecting = []() -> task<> {
    for (int i = 0; i < 64; ++i) {
      auto race = select_biased(count_ready(2), test::never());
      static_cast<void>(co_await race);
    }
  };
  EXPECT_EQ(polls_of(selecting()), 2);
}

// A combinator that wants to know which of its branches was woken.
struct with_a_waker_of_its_own {
  task<int> inner;

  poll_result<int> poll(context& cx) {
    const waker own = cx.get_waker().clone();
    context another(own, cx);
    return inner.poll(another);
  }
};

TEST(budget, goes_on_in_a_context_with_another_waker) {
  const auto awaits = [](int times) -> task<int> {
    with_a_waker_of_its_own counting{count_ready(times)};
    co_return co_await counting;
  };
  EXPECT_EQ(polls_of(awaits(128)), 1);
  EXPECT_EQ(polls_of(awaits(129)), 2);
}

TEST(budget, does_not_concern_tasks_that_are_polled_by_hand) {
  test::hand_poller hand;
  auto body = count_ready(many);
  EXPECT_EQ(hand.poll(body).value(), many);
}

TEST(budget, does_not_concern_what_is_unconstrained) {
  const auto body = []() -> task<int> {
    auto inner = unconstrained(count_ready(many));
    co_return co_await inner;
  };
  EXPECT_EQ(polls_of(body()), 1);
}

TEST(budget, a_timeout_ends_a_future_that_is_always_ready) {
  runtime rt = runtime::builder().current_thread().build();
  const bool ended = rt.block_on([]() -> task<bool> {
    auto limited = timeout(std::chrono::milliseconds(1), count_ready(2'000'000'000));
    co_return !(co_await limited).has_value();
  }());
  EXPECT_TRUE(ended);
}

class budget_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(budget_on);

TEST_P(budget_on, a_task_that_never_waits_lets_others_run) {
  runtime rt = make();
  std::atomic<bool> flag{false};
  const bool ran = rt.block_on([](std::atomic<bool>& seen) -> task<bool> {
    auto greedy = [](std::atomic<bool>& flag_seen) -> task<bool> {
      spawn(set(flag_seen)).detach();
      for (int i = 0; i < 2'000'000'000 && !flag_seen.load(); ++i) co_await always_ready();
      co_return flag_seen.load();
    };
    auto handle = spawn(greedy(seen));
    co_return (co_await handle).value();
  }(flag));
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace heddle
