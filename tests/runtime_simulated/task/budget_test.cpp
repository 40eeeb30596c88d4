// The cooperative budget on the simulated machine: on one worker a task that never waits ends no other's progress.
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>

#include <gtest/gtest.h>

namespace heddle {
namespace {

struct always_ready {
  poll_result<> poll(context&) noexcept { return ready; }
};
task<> greedy(const std::atomic<bool>& stop) {
  while (!stop.load()) co_await always_ready();
}
task<> end(std::atomic<bool>& stop) {
  stop.store(true);
  co_return;
}

// Without the budget the loop never ends (step-limit).
HEDDLE_TEST_WITH(budget_simulated, lets_the_other_task_of_the_worker_run, check::options{.schedules = 300}) {
  std::atomic<bool> stop{false};
  runtime rt = runtime::builder().current_thread().build();
  rt.block_on([](std::atomic<bool>& flag) -> task<> {
    auto first = spawn(greedy(flag));
    auto second = spawn(end(flag));
    auto both = try_join(first, second);
    EXPECT_TRUE((co_await both).has_value());
  }(stop));
}

}  // namespace
}  // namespace heddle
