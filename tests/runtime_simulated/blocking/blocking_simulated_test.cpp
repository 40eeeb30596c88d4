// Blocking calls on the simulated machine: the end of a keep-alive, and workers that change hands.
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using test::every_operation;

task<> joined(join_handle<void> work) {
  HEDDLE_CHECK((co_await work).has_value());
}

// One thread at most, so that a call which is left in the queue of an ended thread is found by nobody else.
HEDDLE_TEST_WITH(blocking_simulated, a_call_at_the_end_of_a_keep_alive_is_run, every_operation(4000)) {
  runtime rt = runtime::builder().current_thread().max_blocking_threads(1).thread_keep_alive(1ms).build();
  std::atomic<int> ran = 0;
  const auto body = [](std::atomic<int>& counter) -> task<> {
    auto first = spawn_blocking(assume_send([&counter] { counter.fetch_add(1); }, "the test waits for it"));
    static_cast<void>(co_await first);
    co_await sleep(1ms);
    auto second = spawn_blocking(assume_send([&counter] { counter.fetch_add(1); }, "the test waits for it"));
    static_cast<void>(co_await second);
  };
  rt.block_on(body(ran));
  HEDDLE_CHECK(ran.load() == 2);
}

HEDDLE_TEST_WITH(blocking_simulated, an_idle_pool_has_no_threads_after_its_keep_alive, every_operation(500)) {
  runtime rt = runtime::builder().current_thread().thread_keep_alive(10s).build();
  const auto body = []() -> task<> {
    auto one = spawn_blocking([] {});
    auto two = spawn_blocking([] {});
    static_cast<void>(co_await one);
    static_cast<void>(co_await two);
    co_await sleep(11s);
    HEDDLE_CHECK(handle::current().metrics().blocking_threads() == 0);
  };
  rt.block_on(body());
}

task<> sets(std::atomic<int>& flag) {
  flag.store(1);
  flag.notify_all();
  co_return;
}

// Its worker is the only one: what it waits for runs on the stand-in.
task<> waits_in_place() {
  std::atomic<int> flag = 0;
  auto other = spawn(sets(flag));
  block_in_place([&flag] { flag.wait(0); });
  HEDDLE_CHECK((co_await other).has_value());
}

HEDDLE_TEST_WITH(blocking_simulated, a_task_that_blocks_in_place_lets_the_others_run, every_operation(3000)) {
  runtime rt = runtime::builder().worker_threads(1).build();
  rt.block_on(joined(rt.spawn(waits_in_place())));
}

HEDDLE_TEST_WITH(blocking_simulated, a_worker_that_is_handed_over_and_taken_back_loses_nothing, every_operation(3000)) {
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto blocks = []() -> task<> {
    block_in_place([] {});
    co_await yield_now();
    block_in_place([] {});
  };
  auto one = rt.spawn(blocks());
  auto two = rt.spawn(blocks());
  rt.block_on(joined(std::move(one)));
  rt.block_on(joined(std::move(two)));
}

}  // namespace
}  // namespace heddle
