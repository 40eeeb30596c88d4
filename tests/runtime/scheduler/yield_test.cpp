// A task that yields where nothing else waits goes on at once: what may come in between all the same.
#include "each_runtime.hpp"
#include "heddle/runtime/block_in_place.hpp"
#include "heddle/runtime/sleep.hpp"
#include "heddle/runtime/spawn.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;

task<> yields_for_ever(std::atomic<int>& started, test::drop_counter) {
  started.store(1);
  for (;;) co_await yield_now();
}

// With one worker, there is nobody else to run what waits.
class yield_alone : public test::each_runtime {};
INSTANTIATE_TEST_SUITE_P(runtimes, yield_alone, testing::Values(0U, 1U), test::runtime_name);

TEST_P(yield_alone, can_be_aborted) {
  runtime rt = make();
  std::atomic<int> started = 0;
  std::atomic<int> drops = 0;
  const auto body = [](std::atomic<int>& begun, std::atomic<int>& dropped) -> task<> {
    auto handle = spawn(yields_for_ever(begun, test::drop_counter(dropped)));
    co_await test::until(begun, 1);
    handle.abort();
    EXPECT_TRUE((co_await handle).error().is_cancelled());
    EXPECT_EQ(dropped.load(), 1);
  };
  rt.block_on(body(started, drops));
}

TEST_P(yield_alone, ends_with_its_runtime) {
  std::atomic<int> started = 0;
  std::atomic<int> drops = 0;
  {
    runtime rt = make();
    rt.spawn(yields_for_ever(started, test::drop_counter(drops))).detach();
    rt.block_on(test::until(started, 1));
  }
  EXPECT_EQ(drops.load(), 1);
}

TEST_P(yield_alone, lets_timers_fire) {
  runtime rt = make();
  std::atomic<int> started = 0;
  std::atomic<int> drops = 0;
  const auto naps = []() -> task<> { co_await sleep(1ms); };
  const auto body = [naps](std::atomic<int>& begun, std::atomic<int>& dropped) -> task<> {
    auto nap = spawn(naps());
    auto handle = spawn(yields_for_ever(begun, test::drop_counter(dropped)));
    EXPECT_TRUE((co_await nap).has_value());
    handle.abort();
    static_cast<void>(co_await handle);
  };
  rt.block_on(body(started, drops));
}

TEST_P(yield_alone, lets_a_task_of_another_thread_run) {
  runtime rt = make();
  std::atomic<int> value = 0;
  const auto sets = [](std::atomic<int>& flag) -> task<> {
    flag.store(1);
    co_return;
  };
  auto waits = rt.spawn(test::until(value, 1));
  std::thread other([&rt, &value, sets] { rt.spawn(sets(value)).detach(); });
  const auto joins = [](join_handle<void> handle) -> task<> { EXPECT_TRUE((co_await handle).has_value()); };
  rt.block_on(joins(std::move(waits)));
  other.join();
}

TEST(yield, after_a_call_that_blocks_it_goes_on_wherever_its_worker_is) {
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto body = []() -> task<int> {
    int yields = 0;
    for (; yields < 100; ++yields) {
      if (yields % 10 == 0) block_in_place([] { std::this_thread::sleep_for(100us); });
      co_await yield_now();
    }
    co_return yields;
  };
  const auto joins = [](join_handle<int> handle) -> task<int> { co_return (co_await handle).value(); };
  EXPECT_EQ(rt.block_on(joins(rt.spawn(body()))), 100);
}

}  // namespace
}  // namespace heddle
