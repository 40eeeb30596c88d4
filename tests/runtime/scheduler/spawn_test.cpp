// Spawning, joining, aborting and detaching on every kind of runtime.
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/runtime.hpp"
#include "heddle/runtime/sleep.hpp"
#include "heddle/runtime/yield_now.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using namespace test;

class spawn_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(spawn_test);

TEST_P(spawn_test, a_spawned_task_gives_its_value_to_the_handle) {
  runtime rt = make();
  const auto body = []() -> task<int> {
    join_handle<int> handle = spawn(value_of(1));
    const tl::expected<int, join_error> result = co_await handle;
    EXPECT_TRUE(handle.is_finished());
    co_return result.value();
  };
  EXPECT_EQ(rt.block_on(body()), 1);
}

TEST_P(spawn_test, a_task_spawned_from_outside_runs) {
  runtime rt = make();
  join_handle<int> handle = rt.spawn(value_of(5));
  const auto body = [](join_handle<int> inner) -> task<int> { co_return (co_await inner).value(); };
  EXPECT_EQ(rt.block_on(body(std::move(handle))), 5);
}

TEST_P(spawn_test, an_exception_becomes_a_join_error) {
  runtime rt = make();
  const auto thrower = []() -> task<> {
    throw std::runtime_error("inside");
    co_return;
  };
  const auto body = [](auto inner) -> task<> {
    join_handle<void> handle = spawn_named("thrower", inner());
    const task_id id = handle.id();
    const auto result = co_await handle;
    EXPECT_FALSE(result.has_value());
    EXPECT_FALSE(result.error().is_cancelled());
    EXPECT_EQ(result.error().id(), id);
    EXPECT_EQ(result.error().name(), "thrower");
    EXPECT_THROW(std::rethrow_exception(result.error().exception()), std::runtime_error);
    EXPECT_NE(result.error().message().find("inside"), std::string::npos);
  };
  rt.block_on(body(thrower));
}

TEST_P(spawn_test, ids_count_from_one_in_each_runtime) {
  for (int round = 0; round < 2; ++round) {
    runtime rt = make();
    const join_handle<int> first = rt.spawn(value_of(1));
    const join_handle<int> second = rt.spawn(value_of(1));
    EXPECT_EQ(first.id().number(), 1U);
    EXPECT_EQ(second.id().number(), 2U);
  }
}

TEST_P(spawn_test, abort_drops_a_suspended_task_exactly_once) {
  runtime rt = make();
  std::atomic<int> started = 0;
  std::atomic<int> drops = 0;
  const auto body = [](std::atomic<int>& begun, std::atomic<int>& dropped) -> task<> {
    join_handle<void> handle = spawn(forever(begun, test::drop_counter(dropped)));
    co_await until(begun, 1);
    handle.abort();
    handle.abort();
    const auto result = co_await handle;
    EXPECT_FALSE(result.has_value());
    EXPECT_TRUE(result.error().is_cancelled());
    EXPECT_EQ(dropped.load(), 1) << "the frame is gone before the handle is ready";
  };
  rt.block_on(body(started, drops));
  EXPECT_EQ(drops.load(), 1);
}

TEST_P(spawn_test, abort_of_a_task_that_ended_keeps_its_value) {
  runtime rt = make();
  const auto body = []() -> task<int> {
    join_handle<int> handle = spawn(value_of(3));
    while (!handle.is_finished()) co_await yield_now();
    handle.abort();
    co_return (co_await handle).value();
  };
  EXPECT_EQ(rt.block_on(body()), 3);
}

TEST_P(spawn_test, a_task_that_aborts_itself_is_dropped_at_its_next_suspension) {
  runtime rt = make();
  std::atomic<int> drops = 0;
  const auto aborts_itself = [](oneshot::receiver<abort_handle> own, std::atomic<int>& dropped) -> task<> {
    const test::drop_counter local(dropped);
    (co_await own)->abort();
    never end;
    co_await end;
  };
  const auto body = [](auto inner, std::atomic<int>& dropped) -> task<> {
    auto [tx, rx] = oneshot::channel<abort_handle>();
    join_handle<void> handle = spawn(inner(std::move(rx), dropped));
    EXPECT_TRUE(tx.send(handle.get_abort_handle()).has_value());
    while (!handle.is_finished()) co_await yield_now();
    const auto result = co_await handle;
    EXPECT_TRUE(result.error().is_cancelled());
  };
  rt.block_on(body(aborts_itself, drops));
  EXPECT_EQ(drops.load(), 1);
}

TEST_P(spawn_test, a_detached_task_runs_on) {
  runtime rt = make();
  std::atomic<int> ran = 0;
  const auto increment = [](std::atomic<int>& counter) -> task<> {
    co_await yield_now();
    counter.fetch_add(1);
  };
  const auto body = [](auto inner, std::atomic<int>& counter) -> task<> {
    spawn(inner(counter)).detach();
    co_await until(counter, 1);
  };
  rt.block_on(body(increment, ran));
  EXPECT_EQ(ran.load(), 1);
}

TEST_P(spawn_test, an_outcome_nobody_takes_is_destroyed) {
  std::atomic<int> drops = 0;
  {
    runtime rt = make();
    const auto make_value = [](std::atomic<int>& dropped) -> task<test::drop_counter> {
      co_return test::drop_counter(dropped);
    };
    const auto body = [](auto inner, std::atomic<int>& dropped) -> task<> {
      spawn(inner(dropped)).detach();
      join_handle<test::drop_counter> late = spawn(inner(dropped));
      while (!late.is_finished()) co_await yield_now();
      late.detach();
      co_await until(dropped, 2);
    };
    rt.block_on(body(make_value, drops));
  }
  EXPECT_EQ(drops.load(), 2);
}

TEST_P(spawn_test, spawn_of_a_function_that_takes_a_view_keeps_what_is_viewed) {
  runtime rt = make();
  const auto body = []() -> task<std::string> {
    const auto reads = [](std::string_view text) -> task<std::string> {
      co_await yield_now();
      co_return std::string(text);
    };
    auto handle = spawn(reads, std::string("kept alive beyond the small string buffer"));
    auto result = co_await handle;
    co_return std::move(result).value();
  };
  EXPECT_EQ(rt.block_on(body()), "kept alive beyond the small string buffer");
}

// A closure whose captures can be seen.
struct prefixes {
  test::drop_counter owned;
  std::string prefix;

  task<std::string> operator()(const std::string& by_reference) const {
    co_await yield_now();
    co_return prefix + by_reference;
  }
};

TEST_P(spawn_test, spawn_of_a_function_owns_its_arguments_and_its_closure) {
  runtime rt = make();
  std::atomic<int> drops = 0;
  const auto body = [](std::atomic<int>& dropped) -> task<std::string> {
    join_handle<std::string> handle;
    {
      std::string text = "kept alive beyond the small string buffer";
      prefixes closure{test::drop_counter(dropped), "so: "};
      handle = spawn(std::move(closure), text);
      text.assign(text.size(), 'x');
    }
    auto result = co_await handle;
    co_return std::move(result).value();
  };
  EXPECT_EQ(rt.block_on(body(drops)), "so: kept alive beyond the small string buffer");
  EXPECT_EQ(drops.load(), 1);
}

TEST_P(spawn_test, a_handle_can_be_awaited_by_another_runtime) {
  runtime rt = make();
  runtime other = runtime::builder().current_thread().build();
  const auto sleeper = []() -> task<int> {
    co_await sleep(1ms);
    co_return 8;
  };
  join_handle<int> handle = rt.spawn(sleeper());
  const auto body = [](join_handle<int> inner) -> task<int> { co_return (co_await inner).value(); };
  if (GetParam() == 0) {
    std::thread driver([&rt] {
      const auto wait = []() -> task<> { co_await sleep(20ms); };
      rt.block_on(wait());
    });
    EXPECT_EQ(other.block_on(body(std::move(handle))), 8);
    driver.join();
  } else {
    EXPECT_EQ(other.block_on(body(std::move(handle))), 8);
  }
}

TEST_P(spawn_test, aborts_race_with_completion_and_nothing_is_lost) {
  constexpr int count = 2000;
  std::atomic<int> drops = 0;
  std::atomic<int> joined = 0;
  {
    runtime rt = make();
    const auto short_task = [](test::drop_counter) -> task<> {
      co_await yield_now();
      co_await yield_now();
    };
    const auto body = [](auto make_task, std::atomic<int>& dropped, std::atomic<int>& ended) -> task<> {
      std::vector<join_handle<void>> handles;
      for (int i = 0; i < count; ++i) {
        handles.push_back(spawn(make_task(test::drop_counter(dropped))));
        if (i % 3 == 0) handles.back().abort();
        if (i % 7 == 0) co_await yield_now();
        if (i % 5 == 0) handles[static_cast<std::size_t>(i) / 2].abort();
      }
      for (join_handle<void>& handle : handles) {
        const auto result = co_await handle;
        EXPECT_TRUE(result.has_value() || result.error().is_cancelled());
        ended.fetch_add(1);
      }
    };
    rt.block_on(body(short_task, drops, joined));
  }
  EXPECT_EQ(joined.load(), count);
  EXPECT_EQ(drops.load(), count);
}

TEST(spawn_errors, spawn_outside_a_runtime_says_so) {
  try {
    static_cast<void>(spawn(value_of(1)));
    FAIL() << "nothing was thrown";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("spawn was called outside a runtime"), std::string::npos);
  }
}

}  // namespace
}  // namespace heddle
