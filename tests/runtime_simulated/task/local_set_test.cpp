// Local sets on the simulated machine: a wake or an abort from another thread is never lost, and drops nothing there.
#include "drop_counter.hpp"
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::every_operation;

local_task<int> receive(oneshot::receiver<int> end) {
  const std::thread::id here = std::this_thread::get_id();
  const int value = (co_await end).value();
  EXPECT_EQ(std::this_thread::get_id(), here);
  co_return value;
}

HEDDLE_TEST_WITH(local_set_simulated, a_wake_from_another_thread_is_not_lost, every_operation(3000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(1).build();
  local_set set;
  auto [tx1, rx1] = oneshot::channel<int>();
  auto [tx2, rx2] = oneshot::channel<int>();
  auto one = set.spawn_local(receive(std::move(rx1)));
  auto two = set.spawn_local(receive(std::move(rx2)));
  std::thread other([first = std::move(tx1), second = std::move(tx2)]() mutable {
    static_cast<void>(first.send(1));
    static_cast<void>(second.send(2));
  });
  const int sum = rt.block_on([](local_set& all, join_handle<int> a, join_handle<int> b) -> task<int> {
    co_await all;
    const int first = (co_await a).value();
    co_return first + (co_await b).value();
  }(set, std::move(one), std::move(two)));
  EXPECT_EQ(sum, 3);
  other.join();
}

local_task<> hold(test::drop_counter, std::thread::id thread) {
  struct checker {
    explicit checker(std::thread::id expected) noexcept : thread(expected) {}
    checker(const checker&) = delete;
    checker& operator=(const checker&) = delete;
    ~checker() { EXPECT_EQ(std::this_thread::get_id(), thread); }
    std::thread::id thread;
  };
  const checker local(thread);
  for (;;) co_await yield_now();
}

HEDDLE_TEST_WITH(local_set_simulated, an_abort_from_another_thread_ends_the_task_on_its_own, every_operation(3000)) {
  std::atomic<int> drops{0};
  runtime rt = runtime::builder().current_thread().build();
  local_set set;
  auto handle = set.spawn_local(hold(test::drop_counter(drops), std::this_thread::get_id()));
  const abort_handle stop = handle.get_abort_handle();
  handle.detach();
  std::thread other([&stop] { stop.abort(); });
  rt.block_on([](local_set& all) -> task<> { co_await all; }(set));
  EXPECT_EQ(drops.load(), 1);
  other.join();
}

HEDDLE_TEST_WITH(local_set_simulated, can_be_destroyed_while_its_tasks_are_woken, every_operation(3000)) {
  std::atomic<int> drops{0};
  auto [tx, rx] = oneshot::channel<int>();
  std::thread other([end = std::move(tx)]() mutable { static_cast<void>(end.send(1)); });
  {
    runtime rt = runtime::builder().current_thread().build();
    local_set set;
    const auto body = [](oneshot::receiver<int> end, test::drop_counter) -> local_task<> {
      static_cast<void>(co_await end);
    };
    set.spawn_local(body(std::move(rx), test::drop_counter(drops))).detach();
    const auto once = []() -> local_task<> { co_await yield_now(); };
    auto running = set.run_until(once());
    rt.block_on([](auto& future) -> task<> { co_await future; }(running));
  }
  EXPECT_EQ(drops.load(), 1);
  other.join();
}

}  // namespace
}  // namespace heddle
