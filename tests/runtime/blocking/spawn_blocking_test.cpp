// Blocking calls: values, the cap on threads, cancellation, shutdown.
#include "heddle/runtime/spawn_blocking.hpp"

#include "door.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class spawn_blocking_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(spawn_blocking_test);

using test::door;

TEST_P(spawn_blocking_test, runs_elsewhere_and_gives_its_value) {
  runtime rt = make();
  const auto body = []() -> task<> {
    const std::thread::id here = std::this_thread::get_id();
    auto handle = spawn_blocking([] { return std::this_thread::get_id(); });
    EXPECT_NE((co_await handle).value(), here);
  };
  rt.block_on(body());
}

TEST_P(spawn_blocking_test, owns_its_arguments) {
  runtime rt = make();
  const auto body = []() -> task<std::string> {
    auto pointer = std::make_unique<std::string>("owned");
    auto handle =
        spawn_blocking([](std::unique_ptr<std::string> text, const std::string& tail) { return *text + tail; },
                       std::move(pointer), std::string("!"));
    auto result = co_await handle;
    co_return std::move(result).value();
  };
  EXPECT_EQ(rt.block_on(body()), "owned!");
}

TEST_P(spawn_blocking_test, an_exception_becomes_a_join_error) {
  runtime rt = make();
  const auto body = []() -> task<> {
    auto handle = spawn_blocking([] { throw std::runtime_error("inside"); });
    const auto result = co_await handle;
    EXPECT_FALSE(result.has_value());
    EXPECT_THROW(std::rethrow_exception(result.error().exception()), std::runtime_error);
  };
  rt.block_on(body());
}

TEST_P(spawn_blocking_test, a_blocking_call_may_spawn_and_block_on) {
  runtime rt = make();
  const auto body = [](runtime& outer) -> task<int> {
    static_cast<void>(outer);
    auto handle = spawn_blocking([] {
      runtime inner = runtime::builder().current_thread().build();
      const auto three = []() -> task<int> { co_return 3; };
      spawn(three()).detach();
      return inner.block_on(three());
    });
    co_return (co_await handle).value();
  };
  EXPECT_EQ(rt.block_on(body(rt)), 3);
}

TEST(spawn_blocking, runs_at_most_its_cap_at_once) {
  runtime rt = runtime::builder().worker_threads(1).max_blocking_threads(2).build();
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  const auto body = [](std::atomic<int>& running, std::atomic<int>& highest) -> task<> {
    const auto call = [&running, &highest] {
      const int count = running.fetch_add(1) + 1;
      int seen = highest.load();
      while (seen < count && !highest.compare_exchange_weak(seen, count)) {
      }
      std::this_thread::yield();
      running.fetch_sub(1);
    };
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 200; ++i) handles.push_back(spawn_blocking(assume_send(call, "the test waits for it")));
    for (join_handle<void>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
  };
  rt.block_on(body(now, most));
  EXPECT_LE(most.load(), 2);
  EXPECT_GE(most.load(), 1);
}

TEST(spawn_blocking, uses_a_second_thread_while_the_first_is_blocked) {
  runtime rt = runtime::builder().current_thread().max_blocking_threads(2).build();
  door gate;
  const auto body = [](door& shared) -> task<> {
    auto waits = spawn_blocking(assume_send([&shared] { shared.pass(); }, "the test waits for it"));
    auto opens = spawn_blocking(assume_send([&shared] { shared.open(); }, "the test waits for it"));
    EXPECT_TRUE((co_await waits).has_value());
    EXPECT_TRUE((co_await opens).has_value());
  };
  rt.block_on(body(gate));
}

TEST(spawn_blocking, abort_keeps_a_queued_call_from_starting) {
  runtime rt = runtime::builder().current_thread().max_blocking_threads(1).build();
  door gate;
  std::atomic<int> ran = 0;
  const auto body = [](door& shared, std::atomic<int>& counter) -> task<> {
    auto first = spawn_blocking(assume_send([&shared] { shared.pass(); }, "the test waits for it"));
    auto second = spawn_blocking(assume_send([&counter] { counter.fetch_add(1); }, "the test waits for it"));
    second.abort();
    first.abort();
    shared.open();
    EXPECT_TRUE((co_await second).error().is_cancelled());
    static_cast<void>(co_await first);
  };
  rt.block_on(body(gate, ran));
  EXPECT_EQ(ran.load(), 0);
}

TEST(spawn_blocking, shutdown_waits_for_running_calls_and_drops_queued_ones) {
  door gate;
  std::atomic<int> drops = 0;
  std::atomic<int> started = 0;
  std::atomic<int> ended = 0;
  join_handle<void> queued;
  std::thread opener;
  {
    runtime rt = runtime::builder().current_thread().max_blocking_threads(1).build();
    const auto call = [&] {
      started.fetch_add(1);
      gate.pass();
      ended.fetch_add(1);
    };
    rt.spawn_blocking(assume_send(call, "the test waits for it")).detach();
    while (started.load() == 0) std::this_thread::yield();
    queued = rt.spawn_blocking([](const test::drop_counter&) {}, test::drop_counter(drops));
    opener = std::thread([&gate] { gate.open(); });
  }
  EXPECT_EQ(ended.load(), 1);
  EXPECT_EQ(drops.load(), 1);
  EXPECT_TRUE(queued.is_finished());
  opener.join();
}

TEST(spawn_blocking, a_thread_without_calls_ends_after_the_keep_alive) {
  runtime rt = runtime::builder().current_thread().thread_keep_alive(std::chrono::milliseconds(1)).build();
  const auto body = []() -> task<> {
    for (int i = 0; i < 3; ++i) {
      auto call = spawn_blocking([] {});
      EXPECT_TRUE((co_await call).has_value());
      while (handle::current().metrics().blocking_threads() != 0) co_await yield_now();
    }
  };
  rt.block_on(body());
  EXPECT_EQ(rt.metrics().idle_blocking_threads(), 0U);
}

// Random: the schedule of real threads. A call that is queued while the last thread ends must not be left there.
TEST(spawn_blocking, calls_at_the_end_of_a_keep_alive_are_all_run) {
  runtime rt = runtime::builder().current_thread().thread_keep_alive(std::chrono::microseconds(20)).build();
  const auto body = []() -> task<> {
    for (int i = 0; i < 500; ++i) {
      auto call = spawn_blocking([] {});
      EXPECT_TRUE((co_await call).has_value());
      std::this_thread::sleep_for(std::chrono::microseconds(i % 50));
    }
  };
  rt.block_on(body());
}

TEST(spawn_blocking, outside_a_runtime_says_so) {
  EXPECT_THROW(static_cast<void>(spawn_blocking([] {})), std::logic_error);
}

}  // namespace
}  // namespace heddle
