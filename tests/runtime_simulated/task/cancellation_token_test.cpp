// Cancellation tokens on the simulated machine: no wait misses a cancel, whoever drops what meanwhile.
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::every_operation;

task<> wait_for(cancellation_token token) {
  co_await token.cancelled();
  EXPECT_TRUE(token.is_cancelled());
}
task<> cancel(cancellation_token token) {
  token.cancel();
  co_return;
}

HEDDLE_TEST_WITH(cancellation_simulated, no_wait_below_a_token_misses_its_cancel, every_operation(3000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  rt.block_on([]() -> task<> {
    const cancellation_token token;
    auto self = spawn(wait_for(token));
    auto child = spawn(wait_for(token.child_token()));
    spawn(cancel(token)).detach();
    auto both = try_join(self, child);
    EXPECT_TRUE((co_await both).has_value());
  }());
}

// Plain threads: the token needs no runtime.
HEDDLE_TEST_WITH(cancellation_simulated, a_child_that_comes_or_goes_during_a_cancel_is_cancelled_or_forgotten,
                 every_operation(3000)) {
  const cancellation_token root;
  std::thread other([&root] {
    const cancellation_token child = root.child_token();
    cancellation_token dropped = child.child_token();
    const cancellation_token grandchild = dropped.child_token();
    dropped = cancellation_token();
    while (!root.is_cancelled()) std::this_thread::yield();
    EXPECT_TRUE(child.is_cancelled());
    EXPECT_TRUE(grandchild.is_cancelled());
  });
  root.cancel();
  other.join();
}

task<bool> run_until(cancellation_token token, oneshot::receiver<int> end) {
  auto running = token.run_until_cancelled(end);
  co_return (co_await running).has_value();
}
task<> send(oneshot::sender<int> end) {
  static_cast<void>(end.send(1));
  co_return;
}

HEDDLE_TEST_WITH(cancellation_simulated, run_until_cancelled_ends_by_the_value_or_by_the_cancel,
                 every_operation(3000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  rt.block_on([]() -> task<> {
    const cancellation_token token;
    auto [tx, rx] = oneshot::channel<int>();
    auto running = spawn(run_until(token, std::move(rx)));
    spawn(send(std::move(tx))).detach();
    spawn(cancel(token)).detach();
    EXPECT_TRUE((co_await running).has_value());
  }());
}

// What was written before cancel() is seen by who sees it cancelled: the race detector would object.
HEDDLE_TEST_WITH(cancellation_simulated, publishes_what_was_done_before_the_cancel, check::options{.schedules = 500}) {
  const cancellation_token token;
  int plain = 0;
  std::thread other([&token, &plain] {
    plain = 1;
    token.cancel();
  });
  if (token.is_cancelled()) {
    EXPECT_EQ(plain, 1);
  }
  other.join();
}

TEST(cancellation_simulated, every_schedule_of_one_wait_and_one_cancel_ends) {
  const check::report report = check::explore(test::every_schedule(), [] {
    const cancellation_token token;
    runtime rt = runtime::builder().current_thread().build();
    std::thread other([copy = token] { copy.cancel(); });
    rt.block_on(wait_for(token.child_token()));
    other.join();
  });
  EXPECT_FALSE(report.failed()) << report.text();
  EXPECT_TRUE(report.proved) << report.summary();
}

}  // namespace
}  // namespace heddle
