// Task-locals on the simulated machine: a task keeps its value on whatever worker it goes on.
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <gtest/gtest.h>

namespace heddle {
namespace {

constinit const task_local<int> number;

task<> read(int expected) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(number.get(), expected);
    co_await yield_now();
  }
}

HEDDLE_TEST_WITH(task_local_simulated, follows_its_task_from_worker_to_worker, test::every_operation(1000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  rt.block_on([]() -> task<> {
    const auto body = [](int own) -> task<> {
      auto scoped = number.scope(own, read(own));
      co_await scoped;
      EXPECT_EQ(number.try_get(), nullptr);
    };
    auto both = try_join(spawn(body(1)), spawn(body(2)));
    EXPECT_TRUE((co_await both).has_value());
  }());
}

}  // namespace
}  // namespace heddle
