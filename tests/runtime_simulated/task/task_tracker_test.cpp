// Task trackers on the simulated machine: a wait ends, and not before the last task has gone.
#include "drop_counter.hpp"
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drop_counter;
using test::every_operation;

task<> hold(drop_counter) {
  co_await yield_now();
}
task<> close(task_tracker tracker) {
  tracker.close();
  co_return;
}

HEDDLE_TEST_WITH(task_tracker_simulated, wait_ends_after_the_last_frame_is_destroyed, every_operation(3000)) {
  std::atomic<int> drops{0};
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  rt.block_on([](std::atomic<int>& count) -> task<> {
    const task_tracker tracker;
    tracker.spawn(hold(drop_counter(count))).detach();
    tracker.spawn(hold(drop_counter(count))).detach();
    spawn(close(tracker)).detach();
    co_await tracker.wait();
    EXPECT_EQ(count.load(), 2);
  }(drops));
}

// Plain memory: the detector of races would tell.
HEDDLE_TEST_WITH(task_tracker_simulated, wait_shows_what_the_tracked_did, every_operation(1000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  rt.block_on([]() -> task<> {
    int written = 0;
    const task_tracker tracker;
    const auto write = [](int& into) -> task<> {
      co_await yield_now();
      into = 1;
    };
    tracker.spawn(write(written)).detach();
    tracker.close();
    co_await tracker.wait();
    EXPECT_EQ(written, 1);
  }());
}

}  // namespace
}  // namespace heddle
