// The numbers of a runtime, where they can be known exactly: when it is idle, or a task holds it still.
#include "heddle/runtime/runtime_metrics.hpp"

#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/sleep.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using namespace test;

class runtime_metrics_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(runtime_metrics_test);

std::uint64_t polls_of_all(const runtime_metrics& metrics) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < metrics.worker_threads(); ++i) sum += metrics.worker(i).polls;
  return sum;
}

TEST_P(runtime_metrics_test, alive_tasks_are_those_that_have_not_ended) {
  runtime rt = make();
  const runtime_metrics metrics = rt.metrics();
  EXPECT_EQ(metrics.alive_tasks(), 0U);
  std::atomic<int> started = 0;
  std::atomic<int> drops = 0;
  const auto body = [](runtime_metrics seen, std::atomic<int>& begun, std::atomic<int>& dropped) -> task<> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 10; ++i) handles.push_back(spawn(forever(begun, test::drop_counter(dropped))));
    EXPECT_EQ(seen.alive_tasks(), 10U);
    co_await until(begun, 10);
    EXPECT_EQ(seen.alive_tasks(), 10U);
    for (join_handle<void>& each : handles) {
      each.abort();
      static_cast<void>(co_await each);
    }
    while (seen.alive_tasks() != 0) co_await yield_now();
  };
  rt.block_on(body(metrics, started, drops));
}

TEST_P(runtime_metrics_test, polls_are_counted_once_each) {
  runtime rt = make();
  const runtime_metrics metrics = rt.metrics();
  const auto five_polls = []() -> task<> {
    for (int i = 0; i < 4; ++i) co_await yield_now();
  };
  const auto body = [](auto inner) -> task<> {
    for (int i = 0; i < 20; ++i) {
      auto spawned = spawn(inner());
      const auto result = co_await spawned;
      EXPECT_TRUE(result.has_value());
    }
  };
  rt.block_on(body(five_polls));
  EXPECT_EQ(polls_of_all(metrics), 100U);
}

TEST_P(runtime_metrics_test, a_worker_that_waits_has_parked_and_was_busy_before) {
  runtime rt = make();
  const auto nap = []() -> task<> { co_await sleep(2ms); };
  const auto body = [](auto inner) -> task<> {
    auto spawned = spawn(inner());
    static_cast<void>(co_await spawned);
  };
  rt.block_on(body(nap));
  std::uint64_t parks = 0;
  std::chrono::nanoseconds busy{0};
  for (std::size_t i = 0; i < rt.metrics().worker_threads(); ++i) {
    parks += rt.metrics().worker(i).parks;
    busy += rt.metrics().worker(i).busy;
  }
  EXPECT_GE(parks, 1U);
  EXPECT_GT(busy, 0ns);
}

// The tasks block their workers, as no task should: what is in the queues then stays there.
TEST(runtime_metrics, queues_are_counted) {
  runtime rt = runtime::builder().worker_threads(1).build();
  std::atomic<int> begun = 0;
  std::atomic<int> go_on = 0;
  const auto holds = [](std::atomic<int>& started, const std::atomic<int>& gate) -> task<> {
    // The first goes to the LIFO slot and is pushed out by the next: three stay in the queue.
    for (int i = 0; i < 4; ++i) spawn(value_of(i)).detach();
    started.store(1);
    while (gate.load() == 0) std::this_thread::yield();
    co_return;
  };
  rt.spawn(holds(begun, go_on)).detach();
  while (begun.load() == 0) std::this_thread::yield();
  for (int i = 0; i < 5; ++i) rt.spawn(value_of(i)).detach();
  EXPECT_EQ(rt.metrics().worker(0).queue_depth, 3U);
  EXPECT_EQ(rt.metrics().injection_depth(), 5U);
  EXPECT_EQ(rt.metrics().alive_tasks(), 10U);
  go_on.store(1);
  while (rt.metrics().alive_tasks() != 0) std::this_thread::yield();
  EXPECT_EQ(rt.metrics().worker(0).queue_depth, 0U);
  EXPECT_EQ(rt.metrics().injection_depth(), 0U);
}

TEST(runtime_metrics, a_steal_is_counted_by_the_thief) {
  runtime rt = runtime::builder().worker_threads(2).build();
  // Holds its worker until the other one has run the task in its queue.
  const auto holds = []() -> task<> {
    std::atomic<int> ran = 0;
    const auto mark = [](std::atomic<int>& done) -> task<> {
      done.fetch_add(1);
      co_return;
    };
    auto first = spawn(mark(ran));
    auto second = spawn(mark(ran));
    while (ran.load() == 0) std::this_thread::yield();
    static_cast<void>(co_await first);
    static_cast<void>(co_await second);
  };
  join_handle<void> held = rt.spawn(holds());
  const auto body = [](join_handle<void> inner) -> task<> { static_cast<void>(co_await inner); };
  rt.block_on(body(std::move(held)));
  EXPECT_GE(rt.metrics().worker(0).steals + rt.metrics().worker(1).steals, 1U);
}

TEST(runtime_metrics, threads_for_blocking_calls_are_counted) {
  runtime rt = runtime::builder().worker_threads(1).max_blocking_threads(2).build();
  const runtime_metrics metrics = rt.metrics();
  EXPECT_EQ(metrics.blocking_threads(), 0U);
  std::atomic<int> begun = 0;
  std::atomic<int> go_on = 0;
  const auto holds = [&begun, &go_on] {
    begun.fetch_add(1);
    while (go_on.load() == 0) std::this_thread::yield();
  };
  for (int i = 0; i < 3; ++i) rt.spawn_blocking(assume_send(holds, "the test waits for it")).detach();
  while (begun.load() != 2) std::this_thread::yield();
  EXPECT_EQ(metrics.blocking_threads(), 2U);
  EXPECT_EQ(metrics.idle_blocking_threads(), 0U);
  EXPECT_EQ(metrics.blocking_queue_depth(), 1U);
  go_on.store(1);
  while (metrics.idle_blocking_threads() != 2) std::this_thread::yield();
  EXPECT_EQ(metrics.blocking_queue_depth(), 0U);
  EXPECT_EQ(begun.load(), 3);
}

TEST(runtime_metrics, can_be_read_after_the_runtime_has_gone) {
  std::optional<runtime_metrics> metrics;
  {
    runtime rt = runtime::builder().worker_threads(2).build();
    rt.block_on(value_of(1));
    rt.spawn_blocking([] {}).detach();
    metrics.emplace(rt.metrics());
  }
  EXPECT_EQ(metrics->alive_tasks(), 0U);
  EXPECT_EQ(metrics->blocking_threads(), 0U);
  EXPECT_EQ(metrics->worker_threads(), 2U);
}

}  // namespace
}  // namespace heddle
