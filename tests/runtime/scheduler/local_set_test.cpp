// Local tasks: they run on the thread of their set, are woken from others, and are dropped there.
#include "heddle/runtime/local_set.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/sleep.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

local_task<int> value_here(std::shared_ptr<int> value, std::thread::id thread) {
  for (int i = 0; i < 5; ++i) {
    co_await yield_now();
    EXPECT_EQ(std::this_thread::get_id(), thread);
  }
  co_return ++*value;
}
local_task<> hold(test::drop_counter, std::thread::id* dropped_on) {
  struct note {
    explicit note(std::thread::id* to) noexcept : out(to) {}
    note(const note&) = delete;
    note& operator=(const note&) = delete;
    ~note() { *out = std::this_thread::get_id(); }
    std::thread::id* out;
  };
  const note local(dropped_on);
  test::never end;
  co_await end;
}

class local_set_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(local_set_on);

TEST_P(local_set_on, runs_its_tasks_on_its_thread_inside_run_until) {
  runtime rt = make();
  local_set set;
  auto value = std::make_shared<int>(0);
  const auto body = [](std::shared_ptr<int> shared) -> local_task<int> {
    std::vector<join_handle<int>> handles;
    for (int i = 0; i < 100; ++i) handles.push_back(spawn_local(value_here(shared, std::this_thread::get_id())));
    int last = 0;
    for (auto& each : handles) last = std::max(last, (co_await each).value());
    co_return last;
  };
  auto running = set.run_until(body(value));
  const int last = rt.block_on([](auto& future) -> task<int> { co_return co_await future; }(running));
  EXPECT_EQ(last, 100);
}

TEST_P(local_set_on, its_tasks_are_woken_from_other_threads) {
  runtime rt = make();
  local_set set;
  auto [tx, rx] = oneshot::channel<int>();
  const auto receive = [](oneshot::receiver<int> end) -> local_task<int> { co_return (co_await end).value(); };
  auto handle = set.spawn_local(receive(std::move(rx)));
  std::thread other([sender = std::move(tx)]() mutable {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    static_cast<void>(sender.send(9));
  });
  const int value = rt.block_on([](local_set& all, join_handle<int> result) -> task<int> {
    co_await all;  // until every task has ended
    co_return (co_await result).value();
  }(set, std::move(handle)));
  EXPECT_EQ(value, 9);
  other.join();
}

TEST_P(local_set_on, a_task_that_never_waits_starves_neither_its_set_nor_the_runtime) {
  runtime rt = make();
  local_set set;
  std::atomic<bool> stop{false};
  const auto spin = [](std::atomic<bool>& end) -> local_task<> {
    while (!end.load()) co_await yield_now();
  };
  set.spawn_local(spin(stop)).detach();
  const auto wait = []() -> local_task<> { co_await sleep(std::chrono::milliseconds(2)); };
  auto running = set.run_until(wait());
  rt.block_on([](auto& future) -> task<> { co_await future; }(running));
  stop.store(true);
}

TEST(local_set, destroying_it_drops_its_tasks) {
  std::atomic<int> drops{0};
  std::thread::id dropped_on;
  join_handle<void> handle;
  {
    test::hand_poller hand;
    local_set set;
    handle = set.spawn_local(hold(test::drop_counter(drops), &dropped_on));
    EXPECT_TRUE(hand.poll(set).is_pending());
    EXPECT_EQ(drops.load(), 0);
  }
  EXPECT_EQ(drops.load(), 1);
  EXPECT_EQ(dropped_on, std::this_thread::get_id());
  test::hand_poller hand;
  EXPECT_TRUE(hand.poll(handle).value().error().is_cancelled());
}

TEST(local_set, an_abort_from_another_thread_drops_the_task_on_the_thread_of_the_set) {
  std::atomic<int> drops{0};
  std::thread::id dropped_on;
  test::hand_poller hand;
  local_set set;
  auto handle = set.spawn_local(hold(test::drop_counter(drops), &dropped_on));
  EXPECT_TRUE(hand.poll(set).is_pending());
  std::thread([&handle] { handle.abort(); }).join();
  EXPECT_EQ(drops.load(), 0);
  EXPECT_EQ(hand.counter.wakes(), 1);
  EXPECT_TRUE(hand.poll(set).is_ready());
  EXPECT_EQ(drops.load(), 1);
  EXPECT_EQ(dropped_on, std::this_thread::get_id());
}

TEST(spawn_local, works_in_a_current_thread_runtime_without_a_set) {
  runtime rt = runtime::builder().current_thread().build();
  const int value = rt.block_on([]() -> task<int> {
    auto handle = spawn_local(value_here(std::make_shared<int>(4), std::this_thread::get_id()));
    co_return (co_await handle).value();
  }());
  EXPECT_EQ(value, 5);
}

TEST(spawn_local, elsewhere_is_an_error) {
  EXPECT_THROW(static_cast<void>(spawn_local(value_here(nullptr, {}))), std::logic_error);
  runtime rt = runtime::builder().multi_thread().worker_threads(1).build();
  EXPECT_THROW(rt.block_on([]() -> task<> {
    static_cast<void>(spawn_local(value_here(nullptr, {})));
    co_return;
  }()),
               std::logic_error);
}

}  // namespace
}  // namespace heddle
