// block_on, queues, fairness, shutdown and errors on every kind of runtime.
#include "heddle/runtime/runtime.hpp"

#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/sleep.hpp"
#include "heddle/runtime/yield_now.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using namespace test;

class runtime_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(runtime_test);

TEST_P(runtime_test, block_on_returns_the_value) {
  runtime rt = make();
  EXPECT_EQ(rt.block_on(value_of(42)), 42);
  EXPECT_EQ(rt.block_on(value_of(43)), 43);
}

TEST_P(runtime_test, block_on_rethrows) {
  runtime rt = make();
  const auto body = []() -> task<> {
    throw std::runtime_error("inside");
    co_return;
  };
  EXPECT_THROW(rt.block_on(body()), std::runtime_error);
}

TEST_P(runtime_test, shutdown_drops_every_task) {
  constexpr int count = 1000;
  std::atomic<int> started = 0;
  std::atomic<int> drops = 0;
  std::vector<join_handle<void>> handles;
  {
    runtime rt = make();
    for (int i = 0; i < count; ++i) handles.push_back(rt.spawn(forever(started, test::drop_counter(drops))));
    rt.block_on(until(started, count / 2));
  }
  EXPECT_EQ(drops.load(), count);
  for (const join_handle<void>& handle : handles) EXPECT_TRUE(handle.is_finished());
}

TEST_P(runtime_test, a_destructor_may_wake_and_spawn_during_shutdown) {
  struct spawner {
    using declare_send = declared_true<spawner, "the counter is atomic, and outlives the runtime">;
    explicit spawner(std::atomic<int>& counter) : drops(&counter) {}
    spawner(spawner&& other) noexcept : drops(std::exchange(other.drops, nullptr)), tx(std::move(other.tx)) {}
    spawner& operator=(spawner&&) = delete;
    ~spawner() {
      if (drops == nullptr) return;
      if (tx) static_cast<void>(tx->send(1));
      spawn(forever(*drops, test::drop_counter(*drops))).detach();
    }
    std::atomic<int>* drops;
    std::optional<oneshot::sender<int>> tx;
  };
  std::atomic<int> started = 0;
  std::atomic<int> drops = 0;
  {
    runtime rt = make();
    const auto holds = [](std::atomic<int>& begun, spawner) -> task<> {
      begun.fetch_add(1);
      never end;
      co_await end;
    };
    auto [tx, rx] = oneshot::channel<int>();
    spawner last(drops);
    last.tx = std::move(tx);
    const auto receives = [](std::atomic<int>& begun, oneshot::receiver<int> input) -> task<> {
      begun.fetch_add(1);
      static_cast<void>(co_await input);
    };
    // The receiver is newer, so that it is dropped after its sender where the order is fixed.
    rt.spawn(receives(started, std::move(rx))).detach();
    rt.spawn(holds(started, std::move(last))).detach();
    rt.block_on(until(started, 2));
  }
  EXPECT_EQ(drops.load(), 1);
}

TEST_P(runtime_test, wakers_work_after_the_runtime_has_gone) {
  struct keep_waker {
    explicit keep_waker(waker& target) : kept(target) {}
    poll_result<> poll(context& cx) {
      kept = cx.get_waker().clone();
      begun = true;
      return pending;
    }
    waker& kept;
    std::atomic<bool> begun = false;
  };
  waker kept;
  std::atomic<int> started = 0;
  {
    runtime rt = make();
    const auto body = [](waker& target, std::atomic<int>& begun) -> task<> {
      keep_waker keeper(target);
      struct mark_begun {
        using declare_send = declared_true<mark_begun, "it refers to what outlives the runtime">;
        mark_begun(keep_waker& k, std::atomic<int>& b) : inner(k), flag(b) {}
        poll_result<> poll(context& cx) {
          auto result = inner.poll(cx);
          flag.store(1);
          return result;
        }
        keep_waker& inner;
        std::atomic<int>& flag;
      };
      mark_begun both(keeper, begun);
      co_await both;
    };
    rt.spawn(body(kept, started)).detach();
    rt.block_on(until(started, 1));
  }
  kept.wake_by_ref();
  std::move(kept).wake();
}

TEST_P(runtime_test, block_on_inside_async_code_says_so) {
  runtime rt = make();
  const auto body = [](runtime& outer) -> task<std::string> {
    try {
      outer.block_on(value_of(1));
    } catch (const std::logic_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  EXPECT_NE(rt.block_on(body(rt)).find("block_on was called inside async code"), std::string::npos);
}

// Random: the schedule of real threads. A lost wakeup hangs, a double poll is seen by ThreadSanitizer.
TEST_P(runtime_test, many_tasks_that_yield_spawn_and_join_all_end) {
  struct tree {
    static task<int> node(int levels) {
      co_await yield_now();
      if (levels == 0) co_return 1;
      join_handle<int> left = spawn(node(levels - 1));
      join_handle<int> right = spawn(node(levels - 1));
      int sum = (co_await left).value();
      sum += (co_await right).value();
      co_return sum;
    }
  };
  runtime rt = make();
  for (int round = 0; round < 5; ++round) EXPECT_EQ(rt.block_on(tree::node(10)), 1024);
}

TEST_P(runtime_test, more_tasks_than_the_local_queue_holds_all_run) {
  constexpr int count = 2000;
  runtime rt = make();
  std::atomic<int> ran = 0;
  const auto increment = [](std::atomic<int>& counter) -> task<> {
    counter.fetch_add(1);
    co_return;
  };
  const auto body = [](auto inner, std::atomic<int>& counter) -> task<> {
    for (int i = 0; i < count; ++i) spawn(inner(counter)).detach();
    co_await until(counter, count);
  };
  // On a worker, whose own queue overflows, and on the thread of block_on.
  join_handle<void> on_a_worker = rt.spawn(body(increment, ran));
  const auto both = [](join_handle<void> first, auto second, auto inner, std::atomic<int>& counter) -> task<> {
    const auto result = co_await first;
    EXPECT_TRUE(result.has_value());
    counter.store(0);
    co_await second(inner, counter);
  };
  rt.block_on(both(std::move(on_a_worker), body, increment, ran));
  EXPECT_EQ(ran.load(), count);
}

TEST_P(runtime_test, a_task_that_yields_lets_the_others_run) {
  runtime rt = make();
  std::atomic<int> turns = 0;
  std::atomic<int> stop = 0;
  const auto spinner = [](std::atomic<int>& counter, std::atomic<int>& end) -> task<> {
    while (end.load() == 0) {
      counter.fetch_add(1);
      co_await yield_now();
    }
  };
  const auto body = [](auto inner, std::atomic<int>& counter, std::atomic<int>& end) -> task<> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 8; ++i) handles.push_back(spawn(inner(counter, end)));
    co_await until(counter, 100);
    co_await sleep(1ms);
    end.store(1);
    for (join_handle<void>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
  };
  rt.block_on(body(spinner, turns, stop));
}

// Random: the schedule of real threads. Each woken worker must wake the next one, or the barrier never opens and the
// test hangs. The tasks block their workers, as no task should.
TEST(runtime_workers, the_last_searcher_to_find_work_wakes_another) {
  runtime rt = runtime::builder().worker_threads(4).build();
  const auto meets = [](std::barrier<>& all) -> task<> {
    all.arrive_and_wait();
    co_return;
  };
  const auto spawner = [](auto inner, std::barrier<>& all) -> task<std::vector<join_handle<void>>> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 4; ++i) handles.push_back(spawn(inner(all)));
    co_return handles;
  };
  const auto body = [](auto outer, auto inner) -> task<> {
    std::barrier<> all(4);
    join_handle<std::vector<join_handle<void>>> on_a_worker = spawn(outer(inner, all));
    auto handles = co_await on_a_worker;
    for (join_handle<void>& handle : *handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
  };
  for (int round = 0; round < 200; ++round) rt.block_on(body(spawner, meets));
}

TEST(runtime_errors, a_second_driver_of_a_current_thread_runtime_says_so) {
  runtime rt = runtime::builder().current_thread().build();
  const auto body = [](runtime& shared) -> task<> {
    std::thread second([&shared] { EXPECT_THROW(shared.block_on(value_of(1)), std::logic_error); });
    second.join();
    co_return;
  };
  rt.block_on(body(rt));
}

TEST(runtime_errors, counts_out_of_range_are_refused) {
  EXPECT_THROW(runtime::builder().worker_threads(0), std::invalid_argument);
  EXPECT_THROW(runtime::builder().max_blocking_threads(0), std::invalid_argument);
  EXPECT_THROW(runtime::builder().worker_threads(100'000), std::invalid_argument);
}

TEST(runtime_death, destroying_a_runtime_inside_async_code_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto destroy_inside = [] {
    runtime rt = runtime::builder().current_thread().build();
    const auto body = []() -> task<> {
      {
        runtime inner = runtime::builder().current_thread().build();
      }
      co_return;
    };
    rt.block_on(body());
  };
  EXPECT_DEATH(destroy_inside(), "a runtime is destroyed inside async code");
}

TEST(runtime_alone, run_is_a_runtime_around_one_task) {
  EXPECT_EQ(run(value_of(9)), 9);
}

TEST(runtime_alone, can_be_moved) {
  runtime first = runtime::builder().worker_threads(1).build();
  runtime second = std::move(first);
  EXPECT_EQ(second.block_on(value_of(2)), 2);
  second = runtime::builder().current_thread().build();
  EXPECT_EQ(second.block_on(value_of(3)), 3);
}

}  // namespace
}  // namespace heddle
