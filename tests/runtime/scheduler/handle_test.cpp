// Handles: spawning from plain threads, finding the current runtime, several runtimes at a time, outliving one.
#include "heddle/runtime/handle.hpp"

#include "each_runtime.hpp"
#include "heddle/runtime/sleep.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using namespace test;

class handle_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(handle_test);

TEST_P(handle_test, spawns_from_plain_threads) {
  runtime rt = make();
  std::atomic<int> ran = 0;
  const auto increment = [](std::atomic<int>& counter) -> task<> {
    counter.fetch_add(1);
    co_return;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([own = rt.handle(), increment, &ran] {
      for (int j = 0; j < 100; ++j) own.spawn(increment(ran)).detach();
    });
  }
  rt.block_on(until(ran, 400));
  for (std::thread& thread : threads) thread.join();
}

TEST_P(handle_test, current_is_the_runtime_that_polls) {
  runtime rt = make();
  const auto mine = []() -> task<handle> { co_return handle::current(); };
  const auto body = [](auto inner) -> task<handle> {
    auto spawned = spawn(inner());
    auto result = co_await spawned;
    EXPECT_EQ(*result, handle::current());
    co_return *result;
  };
  EXPECT_EQ(rt.block_on(body(mine)), rt.handle());
  EXPECT_FALSE(handle::try_current().has_value());
}

TEST_P(handle_test, current_in_a_blocking_call_is_its_runtime) {
  runtime rt = make();
  const auto body = []() -> task<> {
    auto call = spawn_blocking([] { return handle::current(); });
    const auto result = co_await call;
    EXPECT_EQ(*result, handle::current());
  };
  rt.block_on(body());
}

TEST_P(handle_test, block_on_waits_beside_the_runtime) {
  runtime rt = make();
  std::atomic<int> done = 0;
  const auto nap = []() -> task<int> {
    co_await sleep(1ms);
    co_return 7;
  };
  const auto body = [](auto inner) -> task<int> {
    join_handle<int> spawned = spawn(inner());
    const auto result = co_await spawned;
    co_return result.value();
  };
  std::thread beside([own = rt.handle(), body, nap, &done] {
    EXPECT_EQ(own.block_on(body(nap)), 7);
    done.store(1);
  });
  // A current-thread runtime needs somebody who drives it.
  rt.block_on(until(done, 1));
  beside.join();
}

TEST_P(handle_test, block_on_inside_async_code_says_so) {
  runtime rt = make();
  const auto body = []() -> task<> {
    EXPECT_THROW(static_cast<void>(handle::current().block_on(value_of(1))), std::logic_error);
    co_return;
  };
  rt.block_on(body());
}

TEST_P(handle_test, after_its_runtime_what_it_spawns_is_cancelled) {
  std::optional<handle> kept;
  {
    runtime rt = make();
    kept = rt.handle();
  }
  std::atomic<int> drops = 0;
  join_handle<void> lost = kept->spawn([](test::drop_counter) -> task<> { co_return; }, test::drop_counter(drops));
  join_handle<void> lost_call = kept->spawn_blocking([](const test::drop_counter&) {}, test::drop_counter(drops));
  EXPECT_TRUE(lost.is_finished());
  EXPECT_TRUE(lost_call.is_finished());
  EXPECT_EQ(drops.load(), 2);
  const auto body = [](join_handle<void> first) -> task<bool> { co_return (co_await first).error().is_cancelled(); };
  EXPECT_TRUE(kept->block_on(body(std::move(lost))));
  EXPECT_EQ(kept->metrics().alive_tasks(), 0U);
}

TEST_P(handle_test, a_task_stays_on_the_runtime_it_was_spawned_on) {
  runtime rt = make();
  runtime other = runtime::builder().worker_threads(1).thread_name("other").build();
  const auto mine = []() -> task<bool> {
    const handle before = handle::current();
    co_await sleep(1ms);
    co_return before == handle::current();
  };
  const auto body = [](auto inner, handle elsewhere) -> task<> {
    auto there = elsewhere.spawn(inner());
    auto here = spawn(inner());
    const auto stayed_there = co_await there;
    const auto stayed_here = co_await here;
    EXPECT_TRUE(stayed_there.value());
    EXPECT_TRUE(stayed_here.value());
    EXPECT_NE(elsewhere, handle::current());
  };
  rt.block_on(body(mine, other.handle()));
}

TEST(handle_errors, current_outside_a_runtime_says_so) {
  try {
    static_cast<void>(handle::current());
    FAIL() << "nothing was thrown";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("handle::current was called outside a runtime"), std::string::npos);
  }
}

}  // namespace
}  // namespace heddle
