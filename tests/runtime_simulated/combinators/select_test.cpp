// Select on the simulated machine: no wakeup of a branch is lost, no value either, and every start is tried.
#include "drop_counter.hpp"
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <set>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::every_operation;

task<int> first_of(oneshot::receiver<int> one, oneshot::receiver<int> two) {
  int sum = 0;
  bool one_waits = true;
  bool two_waits = true;
  // Both as lvalues: the one that loses is awaited again.
  while (one_waits || two_waits) {
    auto first = co_await select(when(one_waits, one), when(two_waits, two));
    if (first.is<0>()) {
      sum += first.get<0>().value();
      one_waits = false;
    } else {
      sum += first.get<1>().value();
      two_waits = false;
    }
  }
  co_return sum;
}

task<> send(oneshot::sender<int> end, int value) {
  EXPECT_TRUE(end.send(value).has_value());
  co_return;
}

HEDDLE_TEST_WITH(select_simulated, in_a_loop_loses_no_wakeup_and_no_value, every_operation(3000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  const int sum = rt.block_on([]() -> task<int> {
    auto [tx1, rx1] = oneshot::channel<int>();
    auto [tx2, rx2] = oneshot::channel<int>();
    auto handle = spawn(first_of(std::move(rx1), std::move(rx2)));
    spawn(send(std::move(tx1), 1)).detach();
    spawn(send(std::move(tx2), 2)).detach();
    co_return (co_await handle).value();
  }());
  EXPECT_EQ(sum, 3);
}

task<int> held(oneshot::receiver<int> end, std::atomic<int>& started, std::atomic<int>& drops) {
  started.fetch_add(1);
  const test::drop_counter local(drops);
  co_return (co_await end).value_or(-1);
}

HEDDLE_TEST_WITH(select_simulated, drops_the_loser_before_it_goes_on, every_operation(3000)) {
  std::atomic<int> started{0};
  std::atomic<int> drops{0};
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  const std::size_t winner = rt.block_on([](std::atomic<int>& begun, std::atomic<int>& ended) -> task<std::size_t> {
    auto [tx1, rx1] = oneshot::channel<int>();
    auto [tx2, rx2] = oneshot::channel<int>();
    auto one = spawn(send(std::move(tx1), 1));
    auto race = select(held(std::move(rx1), begun, ended), held(std::move(rx2), begun, ended));
    auto first = co_await race;
    EXPECT_EQ(ended.load(), begun.load());
    EXPECT_TRUE(tx2.is_closed());
    co_await one;
    co_return first.index();
  }(started, drops));
  EXPECT_EQ(winner, 0U);
  EXPECT_EQ(drops.load(), started.load());
}

TEST(select_simulated, where_a_fair_select_begins_is_a_decision) {
  std::set<std::size_t> winners;
  const check::report report = check::explore(test::every_schedule(), [&winners] {
    runtime rt = runtime::builder().current_thread().build();
    const std::size_t winner = rt.block_on([]() -> task<std::size_t> {
      auto value = []() -> task<int> { co_return 1; };
      auto race = select(value(), value(), value());
      auto first = co_await race;
      co_return first.index();
    }());
    winners.insert(winner);
  });
  EXPECT_FALSE(report.failed()) << report.text();
  EXPECT_TRUE(report.proved) << report.summary();
  EXPECT_EQ(winners, (std::set<std::size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace heddle
