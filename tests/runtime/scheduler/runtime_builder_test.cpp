// Settings of a runtime: what is refused, and what they do.
#include "heddle/runtime/runtime_builder.hpp"

#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/sleep.hpp"
#include "small_tasks.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using namespace test;

std::string name_of_this_thread() {
  std::array<char, 16> name{};
  EXPECT_EQ(::pthread_getname_np(::pthread_self(), name.data(), name.size()), 0);
  return name.data();
}

task<std::string> name_of_its_thread() {
  co_return name_of_this_thread();
}

std::string name_of_a_worker(runtime& rt) {
  const auto body = []() -> task<std::string> {
    auto spawned = spawn(name_of_its_thread());
    co_return (co_await spawned).value();
  };
  return rt.block_on(body());
}

TEST(runtime_builder, refuses_what_is_out_of_range) {
  EXPECT_THROW(runtime::builder().worker_threads(0), std::invalid_argument);
  EXPECT_THROW(runtime::builder().worker_threads(1025), std::invalid_argument);
  EXPECT_THROW(runtime::builder().max_blocking_threads(0), std::invalid_argument);
  EXPECT_THROW(runtime::builder().max_blocking_threads(65537), std::invalid_argument);
  EXPECT_THROW(runtime::builder().thread_keep_alive(0s), std::invalid_argument);
  EXPECT_THROW(runtime::builder().thread_keep_alive(-1s), std::invalid_argument);
  EXPECT_THROW(runtime::builder().thread_name(""), std::invalid_argument);
  EXPECT_THROW(runtime::builder().thread_name(std::string("a\0b", 3)), std::invalid_argument);
  EXPECT_THROW(runtime::builder().thread_name(std::function<std::string()>()), std::invalid_argument);
  EXPECT_THROW(runtime::builder().on_thread_start({}), std::invalid_argument);
  EXPECT_THROW(runtime::builder().on_thread_stop({}), std::invalid_argument);
  EXPECT_THROW(runtime::builder().event_interval(0), std::invalid_argument);
  EXPECT_THROW(runtime::builder().global_queue_interval(0), std::invalid_argument);
}

TEST(runtime_builder, an_error_names_the_setting_and_keeps_what_was_set) {
  runtime_builder builder = runtime::builder();
  builder.worker_threads(2);
  try {
    builder.worker_threads(0);
    FAIL() << "nothing was thrown";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "heddle: worker_threads takes 1 to 1024 threads");
  }
  EXPECT_EQ(builder.build().metrics().worker_threads(), 2U);
}

TEST(runtime_builder, names_workers_and_threads_for_blocking_calls) {
  runtime rt = runtime::builder().worker_threads(1).thread_name("shop").build();
  EXPECT_EQ(name_of_a_worker(rt), "shop");
  const auto body = []() -> task<std::string> {
    auto call = spawn_blocking(&name_of_this_thread);
    co_return (co_await call).value();
  };
  EXPECT_EQ(rt.block_on(body()), "shop");
}

TEST(runtime_builder, names_threads_by_a_function_and_cuts_long_names) {
  std::atomic<int> made = 0;
  runtime rt = runtime::builder()
                   .worker_threads(1)
                   .thread_name([&made] { return std::to_string(made.fetch_add(1)) + "-a-name-that-is-too-long"; })
                   .build();
  EXPECT_EQ(name_of_a_worker(rt), "0-a-name-that-i");
}

TEST(runtime_builder, threads_have_a_name_by_default) {
  runtime rt = runtime::builder().worker_threads(1).build();
  EXPECT_EQ(name_of_a_worker(rt), "heddle-worker");
}

TEST(runtime_builder, callbacks_enclose_the_life_of_each_thread) {
  std::atomic<int> started = 0;
  std::atomic<int> stopped = 0;
  {
    runtime rt = runtime::builder()
                     .worker_threads(3)
                     .on_thread_start([&started] {
                       EXPECT_TRUE(handle::try_current().has_value());
                       started.fetch_add(1);
                     })
                     .on_thread_stop([&stopped] { stopped.fetch_add(1); })
                     .build();
    rt.block_on(until(started, 3));
    const auto body = [](std::atomic<int>& starts) -> task<> {
      auto call = spawn_blocking(assume_send([&starts] { return starts.load(); }, "the test waits for it"));
      EXPECT_EQ((co_await call).value(), 4);
    };
    rt.block_on(body(started));
    EXPECT_EQ(stopped.load(), 0);
  }
  EXPECT_EQ(stopped.load(), 4);
}

TEST(runtime_builder, one_builder_builds_several_runtimes) {
  const runtime_builder builder = runtime::builder().worker_threads(1);
  runtime first = builder.build();
  runtime second = builder.build();
  EXPECT_EQ(first.block_on(value_of(1)) + second.block_on(value_of(2)), 3);
  EXPECT_NE(first.handle(), second.handle());
}

// With the queue of the driving thread always full, only a look at the shared queue lets the task of another thread
// run.
TEST(runtime_builder, global_queue_interval_is_when_tasks_of_other_threads_come_first) {
  runtime rt = runtime::builder().current_thread().global_queue_interval(7).build();
  const auto spin = [](std::atomic<int>& turns, std::atomic<int>& end) -> task<> {
    while (end.load() == 0) {
      turns.fetch_add(1);
      co_await yield_now();
    }
  };
  const auto stop = [](const std::atomic<int>& turns, std::atomic<int>& end, int& at) -> task<> {
    at = turns.load();
    end.store(1);
    co_return;
  };
  std::atomic<int> turns = 0;
  std::atomic<int> end = 0;
  int at = 0;
  const auto body = [](auto spinner, auto stopper, std::atomic<int>& counter, std::atomic<int>& over,
                       int& when) -> task<> {
    auto spins = spawn(spinner(counter, over));
    std::thread other([own = handle::current(), stopper, &counter, &over, &when] {
      own.spawn(stopper(counter, over, when)).detach();
    });
    other.join();
    static_cast<void>(co_await spins);
  };
  rt.block_on(body(spin, stop, turns, end, at));
  EXPECT_LE(at, 7);
}

// The timers come first every so many turns, although the thread never runs out of tasks.
TEST(runtime_builder, event_interval_lets_timers_fire_under_load) {
  runtime rt = runtime::builder().current_thread().event_interval(1).build();
  std::atomic<int> end = 0;
  const auto spin = [](const std::atomic<int>& over) -> task<> {
    while (over.load() == 0) co_await yield_now();
  };
  const auto body = [](auto spinner, std::atomic<int>& over) -> task<> {
    auto spins = spawn(spinner(over));
    co_await sleep(1ms);
    over.store(1);
    static_cast<void>(co_await spins);
  };
  rt.block_on(body(spin, end));
}

}  // namespace
}  // namespace heddle
