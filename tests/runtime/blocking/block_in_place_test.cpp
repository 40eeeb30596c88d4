// Blocking inside a task: the others of its worker go on, and the task itself does too.
#include "heddle/runtime/block_in_place.hpp"

#include "door.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/sleep.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>
#include <memory>
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

task<> opens(door& gate) {
  gate.open();
  co_return;
}

// One worker, which blocks until a task that is in its own queue has run.
task<> waits_for_its_own_queue() {
  door gate;
  auto opener = spawn(opens(gate));
  auto another = spawn(value_of(1));
  block_in_place([&gate] { gate.pass(); });
  EXPECT_TRUE((co_await opener).has_value());
  EXPECT_TRUE((co_await another).has_value());
}

task<> joins(join_handle<void> inner) {
  EXPECT_TRUE((co_await inner).has_value());
}

TEST(block_in_place, the_tasks_of_its_worker_run_meanwhile) {
  runtime rt = runtime::builder().worker_threads(1).build();
  for (int round = 0; round < 20; ++round) rt.block_on(joins(rt.spawn(waits_for_its_own_queue())));
}

TEST(block_in_place, many_block_at_once_on_one_worker) {
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto body = []() -> task<> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 20; ++i) handles.push_back(spawn(waits_for_its_own_queue()));
    for (join_handle<void>& each : handles) EXPECT_TRUE((co_await each).has_value());
  };
  rt.block_on(joins(rt.spawn(body())));
}

TEST(block_in_place, gives_the_value_and_takes_arguments_by_reference) {
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto body = []() -> task<std::string> {
    auto owned = std::make_unique<std::string>("value");
    const std::string tail = "!";
    std::string made =
        block_in_place([](std::unique_ptr<std::string> text, const std::string& rest) { return *text + rest; },
                       std::move(owned), tail);
    co_await yield_now();
    co_return made;
  };
  const auto outer = [](join_handle<std::string> inner) -> task<std::string> { co_return (co_await inner).value(); };
  EXPECT_EQ(rt.block_on(outer(rt.spawn(body()))), "value!");
  EXPECT_EQ(rt.block_on(body()), "value!") << "in block_on itself";
}

TEST(block_in_place, an_exception_passes_through_and_the_task_goes_on) {
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto body = []() -> task<> {
    EXPECT_THROW(block_in_place([] { throw std::runtime_error("inside"); }), std::runtime_error);
    co_await yield_now();
    co_await sleep(1ms);
  };
  rt.block_on(joins(rt.spawn(body())));
}

TEST(block_in_place, block_on_is_allowed_inside_and_not_after) {
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto body = []() -> task<> {
    const handle own = handle::current();
    const auto inner = [](handle runs) -> task<int> {
      auto spawned = runs.spawn(value_of(5));
      co_return (co_await spawned).value();
    };
    EXPECT_EQ(block_in_place([&own, &inner] { return own.block_on(inner(own)); }), 5);
    EXPECT_THROW(static_cast<void>(own.block_on(value_of(1))), std::logic_error);
    co_return;
  };
  rt.block_on(joins(rt.spawn(body())));
  rt.block_on(body());
}

TEST(block_in_place, nests) {
  runtime rt = runtime::builder().worker_threads(2).build();
  const auto body = []() -> task<> {
    const int value = block_in_place([] { return block_in_place([] { return 3; }) + 1; });
    EXPECT_EQ(value, 4);
    co_await yield_now();
  };
  rt.block_on(joins(rt.spawn(body())));
}

TEST(block_in_place, outside_a_runtime_and_in_a_blocking_call_it_just_calls) {
  EXPECT_EQ(block_in_place([] { return 1; }), 1);
  runtime rt = runtime::builder().current_thread().build();
  const auto body = []() -> task<int> {
    auto call = spawn_blocking([] { return block_in_place([] { return 2; }); });
    co_return (co_await call).value();
  };
  EXPECT_EQ(rt.block_on(body()), 2);
}

TEST(block_in_place, on_a_current_thread_runtime_it_says_so) {
  runtime rt = runtime::builder().current_thread().build();
  const auto body = []() -> task<std::string> {
    try {
      block_in_place([] {});
    } catch (const std::logic_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  EXPECT_NE(rt.block_on(body()).find("use spawn_blocking"), std::string::npos);
}

// Random: the schedule of real threads, and how soon the worker is taken back.
TEST(block_in_place, short_and_long_calls_mix_with_all_that_tasks_do) {
  runtime rt = runtime::builder().worker_threads(2).thread_keep_alive(1ms).build();
  const auto body = [](int id) -> task<int> {
    int sum = 0;
    for (int i = 0; i < 50; ++i) {
      sum += block_in_place([id, i] {
        if ((id + i) % 5 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50 * (i % 3)));
        return 1;
      });
      if (i % 7 == 0) co_await sleep(1ms);
      co_await yield_now();
    }
    co_return sum;
  };
  const auto outer = [](auto inner) -> task<int> {
    std::vector<join_handle<int>> handles;
    for (int id = 0; id < 16; ++id) handles.push_back(spawn(inner(id)));
    int sum = 0;
    for (join_handle<int>& each : handles) {
      const auto result = co_await each;
      sum += result.value();
    }
    co_return sum;
  };
  EXPECT_EQ(rt.block_on(outer(body)), 16 * 50);
}

TEST(block_in_place, shutdown_waits_for_it_and_drops_the_task_after) {
  door gate;
  std::atomic<int> inside = 0;
  std::atomic<int> drops = 0;
  std::thread opener;
  {
    runtime rt = runtime::builder().worker_threads(1).build();
    const auto body = [](door& shared, std::atomic<int>& begun, test::drop_counter) -> task<> {
      block_in_place([&shared, &begun] {
        begun.store(1);
        shared.pass();
        begun.store(2);
      });
      never end;
      co_await end;
    };
    rt.spawn(body(gate, inside, test::drop_counter(drops))).detach();
    while (inside.load() == 0) std::this_thread::yield();
    opener = std::thread([&gate] {
      std::this_thread::sleep_for(1ms);
      gate.open();
    });
  }
  EXPECT_EQ(inside.load(), 2);
  EXPECT_EQ(drops.load(), 1);
  opener.join();
}

}  // namespace
}  // namespace heddle
