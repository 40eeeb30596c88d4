// In which order one worker runs its tasks: depth first what they spawn, and nobody waits for ever meanwhile.
#include "heddle/runtime/join_handle.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/runtime.hpp"
#include "heddle/runtime/sleep.hpp"
#include "heddle/runtime/spawn.hpp"
#include "small_tasks.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;

runtime one_worker() {
  return runtime::builder().worker_threads(1).build();
}

task<> joins(join_handle<void> handle) {
  EXPECT_TRUE((co_await handle).has_value());
}

TEST(turns, what_was_spawned_last_runs_first) {
  runtime rt = one_worker();
  std::atomic<int> order = 0;  // a decimal digit each
  const auto notes = [](std::atomic<int>& out, int number) -> task<> {
    out.store(out.load() * 10 + number);
    co_return;
  };
  const auto body = [](auto inner, std::atomic<int>& out) -> task<> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 5; ++i) handles.push_back(spawn(inner(out, i)));
    for (join_handle<void>& each : handles) static_cast<void>(co_await each);
  };
  rt.block_on(joins(rt.spawn(body(notes, order))));
  EXPECT_EQ(order.load(), 43210);
}

// But for the one that was woken last, whose data is in the cache.
TEST(turns, what_was_woken_runs_in_the_order_of_the_wakes) {
  runtime rt = one_worker();
  std::atomic<int> order = 0;
  const auto waits = [](oneshot::receiver<int> number, std::atomic<int>& out) -> task<> {
    const auto received = co_await number;
    out.store(out.load() * 10 + received.value());
  };
  const auto body = [](auto inner, std::atomic<int>& out) -> task<> {
    std::vector<join_handle<void>> handles;
    std::vector<oneshot::sender<int>> senders;
    for (int i = 0; i < 4; ++i) {
      auto [sender, receiver] = oneshot::channel<int>();
      senders.push_back(std::move(sender));
      handles.push_back(spawn(inner(std::move(receiver), out)));
    }
    co_await yield_now();
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(std::move(senders[static_cast<std::size_t>(i)]).send(i + 1).has_value());
    for (join_handle<void>& each : handles) static_cast<void>(co_await each);
  };
  rt.block_on(joins(rt.spawn(body(waits, order))));
  EXPECT_EQ(order.load(), 4123);
}

// How many tasks have begun and not ended.
struct alive_count {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
};

task<int> leaves_of(int depth, alive_count& alive) {
  alive.most.store(std::max(alive.most.load(), ++alive.now));
  int sum = 1;
  if (depth > 0) {
    join_handle<int> left = spawn(leaves_of(depth - 1, alive));
    join_handle<int> right = spawn(leaves_of(depth - 1, alive));
    sum = (co_await left).value();
    sum += (co_await right).value();
  }
  --alive.now;
  co_return sum;
}

// Breadth first it would be all of them. The oldest has its turn now and then, which begins another branch.
TEST(turns, a_job_that_divides_itself_has_few_tasks_that_have_begun) {
  runtime rt = one_worker();
  alive_count alive;
  const auto body = [](alive_count& count) -> task<int> { co_return (co_await spawn(leaves_of(14, count))).value(); };
  EXPECT_EQ(rt.block_on(body(alive)), 1 << 14);
  EXPECT_LT(alive.most.load(), 2'000);
}

// Spawns its successor, for ever: there is always a newest task.
task<> chain_of_tasks(std::atomic<bool>& stop) {
  if (!stop.load()) spawn(chain_of_tasks(stop)).detach();
  co_return;
}

TEST(turns, the_queue_has_every_eighth) {
  runtime rt = one_worker();
  std::atomic<int> links = 0;
  std::atomic<bool> stop = false;
  const auto link = [](auto self, std::atomic<int>& count, std::atomic<bool>& end) -> task<> {
    ++count;
    if (!end.load()) spawn(self(self, count, end)).detach();
    co_return;
  };
  const auto yields = [](auto chain, std::atomic<int>& count, std::atomic<bool>& end) -> task<> {
    spawn(chain(chain, count, end)).detach();
    for (int i = 0; i < 1000; ++i) co_await yield_now();
    end.store(true);
  };
  rt.block_on(joins(rt.spawn(yields(link, links, stop))));
  EXPECT_GT(links.load(), 5'000);
  EXPECT_LT(links.load(), 8'500);
}

// The same, and leaves more than it takes: the deque and the queue overflow.
task<> flood_of_tasks(std::atomic<bool>& stop, int width) {
  if (!stop.load()) {
    for (int i = 0; i < width; ++i) spawn(flood_of_tasks(stop, i == 0 ? width : 0)).detach();
  }
  co_return;
}

// The parameter is how many tasks each spawns.
class beside_spawners : public testing::TestWithParam<int> {
 protected:
  // Runs `body` on the one worker, beside those that spawn.
  void run(task<> (*body)()) {
    runtime rt = one_worker();
    std::atomic<bool> stop = false;
    const auto all = [](task<> (*inner)(), std::atomic<bool>& end, int width) -> task<> {
      join_handle<void> first = spawn(inner());
      spawn(width == 1 ? chain_of_tasks(end) : flood_of_tasks(end, width)).detach();
      EXPECT_TRUE((co_await first).has_value());
      end.store(true);
    };
    rt.block_on(joins(rt.spawn(all(body, stop, GetParam()))));
  }
};
INSTANTIATE_TEST_SUITE_P(widths, beside_spawners, testing::Values(1, 3));

TEST_P(beside_spawners, the_oldest_runs) {
  run([]() -> task<> { co_return; });
}

TEST_P(beside_spawners, one_that_yields_runs) {
  run([]() -> task<> {
    for (int i = 0; i < 100; ++i) co_await yield_now();
  });
}

TEST_P(beside_spawners, one_that_sleeps_runs) {
  run([]() -> task<> { co_await sleep(1ms); });
}

TEST_P(beside_spawners, one_that_another_thread_spawned_runs) {
  run([]() -> task<> {
    const handle here = handle::current();
    std::atomic<int> done = 0;
    std::thread other([&] {
      const auto sets = [](std::atomic<int>& flag) -> task<> {
        flag.store(1);
        co_return;
      };
      here.spawn(sets(done)).detach();
    });
    co_await test::until(done, 1);
    other.join();
  });
}

constexpr int tasks_of_a_spawner = 500;

task<std::vector<task_id>> spawner() {
  std::vector<task_id> ids;
  for (int i = 0; i < tasks_of_a_spawner; ++i) {
    join_handle<int> one = spawn(test::value_of(i));
    ids.push_back(one.id());
    static_cast<void>(co_await one);
  }
  co_return ids;
}

TEST(turns, ids_differ_on_whatever_worker_a_task_is_spawned) {
  runtime rt = runtime::builder().worker_threads(4).build();
  constexpr int spawners = 8;
  const auto body = []() -> task<std::set<task_id>> {
    std::vector<join_handle<std::vector<task_id>>> handles;
    std::set<task_id> all;
    for (int i = 0; i < spawners; ++i) {
      handles.push_back(spawn(spawner()));
      all.insert(handles.back().id());
    }
    for (join_handle<std::vector<task_id>>& handle : handles) {
      const auto ids = co_await handle;
      all.insert(ids->begin(), ids->end());
    }
    co_return all;
  };
  const std::set<task_id> all = rt.block_on(body());
  EXPECT_EQ(all.size(), spawners * (tasks_of_a_spawner + 1U));
  EXPECT_GT(all.begin()->number(), 0U);
}

}  // namespace
}  // namespace heddle
