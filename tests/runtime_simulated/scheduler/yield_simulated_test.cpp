// A task that yields alone on its worker goes on without a turn in the queue: aborts, shutdowns and other tasks at
// every moment in between. The timers are looked at so seldom that nothing else can end its turn.
#include "drive.hpp"
#include "drop_counter.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drop_counter;
using test::every_operation;

runtime one_worker() {
  return runtime::builder().worker_threads(1).event_interval(1'000'000'000).build();
}

task<> yields_for_ever(drop_counter) {
  for (;;) co_await yield_now();
}

HEDDLE_TEST_WITH(yield_simulated, an_abort_at_any_moment_drops_the_frame_once, every_operation(2000)) {
  std::atomic<int> drops = 0;
  {
    runtime rt = one_worker();
    auto handle = rt.spawn(yields_for_ever(drop_counter(drops)));
    handle.abort();
    const auto body = [](join_handle<void> ends, std::atomic<int>& count) -> task<> {
      HEDDLE_CHECK((co_await ends).error().is_cancelled());
      HEDDLE_CHECK(count.load() == 1);
    };
    rt.block_on(body(std::move(handle), drops));
  }
  HEDDLE_CHECK(drops.load() == 1);
}

HEDDLE_TEST_WITH(yield_simulated, a_shutdown_at_any_moment_drops_the_frame_once, every_operation(2000)) {
  std::atomic<int> drops = 0;
  {
    runtime rt = one_worker();
    rt.spawn(yields_for_ever(drop_counter(drops))).detach();
  }
  HEDDLE_CHECK(drops.load() == 1);
}

HEDDLE_TEST_WITH(yield_simulated, a_task_of_another_thread_has_its_turn, every_operation(2000)) {
  std::atomic<bool> flag = false;
  runtime rt = one_worker();
  const auto waits = [](const std::atomic<bool>& seen) -> task<> {
    while (!seen.load()) co_await yield_now();
  };
  const auto sets = [](std::atomic<bool>& shown) -> task<> {
    shown.store(true);
    co_return;
  };
  auto waiting = rt.spawn(waits(flag));
  std::thread other([&] { rt.spawn(sets(flag)).detach(); });
  const auto joins = [](join_handle<void> handle) -> task<> { HEDDLE_CHECK((co_await handle).has_value()); };
  rt.block_on(joins(std::move(waiting)));
  other.join();
}

}  // namespace
}  // namespace heddle
