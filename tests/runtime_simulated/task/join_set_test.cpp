// Join sets on the simulated machine: every outcome once, and aborts and drops that race with the end of a task.
#include "drop_counter.hpp"
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"
#include "small_tasks.hpp"

#include <atomic>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drop_counter;
using test::every_operation;
using test::value_of;

HEDDLE_TEST_WITH(join_set_simulated, yields_every_outcome_once, every_operation(3000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  const int sum = rt.block_on([]() -> task<int> {
    join_set<int> set;
    for (const int value : {1, 10, 100}) set.spawn(value_of(value));
    int total = 0;
    for (;;) {
      auto next = co_await set.join_next();
      if (!next.has_value()) break;
      total += next->value();
    }
    co_return total;
  }());
  EXPECT_EQ(sum, 111);
}

task<> yield_and_hold(drop_counter) {
  co_await yield_now();
  co_await yield_now();
}

HEDDLE_TEST_WITH(join_set_simulated, shutdown_leaves_no_frame_behind, every_operation(3000)) {
  std::atomic<int> drops{0};
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  rt.block_on([](std::atomic<int>& count) -> task<> {
    join_set<> set;
    for (int i = 0; i < 2; ++i) set.spawn(yield_and_hold(drop_counter(count)));
    co_await set.shutdown();
    EXPECT_EQ(count.load(), 2);
  }(drops));
}

HEDDLE_TEST_WITH(join_set_simulated, can_be_dropped_while_its_tasks_end, every_operation(3000)) {
  std::atomic<int> drops{0};
  {
    runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
    rt.block_on([](std::atomic<int>& count) -> task<> {
      join_set<> set;
      for (int i = 0; i < 2; ++i) set.spawn(yield_and_hold(drop_counter(count)));
      auto first = co_await set.join_next();
      EXPECT_TRUE(first->has_value());
    }(drops));
  }
  EXPECT_EQ(drops.load(), 2);
}

HEDDLE_TEST_WITH(join_set_simulated, an_abort_that_comes_late_keeps_the_value, every_operation(3000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  rt.block_on([]() -> task<> {
    join_set<int> set;
    const abort_handle stop = set.spawn(value_of(7));
    stop.abort();
    auto next = co_await set.join_next();
    EXPECT_TRUE(next->has_value() ? next->value() == 7 : next->error().is_cancelled());
    EXPECT_TRUE(stop.is_finished());
  }());
}

}  // namespace
}  // namespace heddle
