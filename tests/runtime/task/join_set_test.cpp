// Sets of tasks on every runtime: outcomes in the order of ending, aborts, what is left behind.
#include "heddle/runtime/join_set.hpp"

#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/select.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drop_counter;
using test::forever;
using test::until;
using test::value_of;

class join_set_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(join_set_on);

task<int> fail() {
  throw std::runtime_error("x");
  co_return 0;
}
task<int> receive(oneshot::receiver<int> end) {
  co_return (co_await end).value();
}

TEST_P(join_set_on, yields_every_outcome_once) {
  runtime rt = make();
  const int sum = rt.block_on([]() -> task<int> {
    join_set<int> set;
    for (int i = 0; i < 1000; ++i) set.spawn(value_of(i));
    EXPECT_EQ(set.len(), 1000U);
    int total = 0;
    for (;;) {
      auto next = co_await set.join_next();
      if (!next.has_value()) break;
      total += next->value();
    }
    EXPECT_TRUE(set.is_empty());
    co_return total;
  }());
  EXPECT_EQ(sum, 999 * 1000 / 2);
}

TEST_P(join_set_on, yields_them_in_the_order_in_which_the_tasks_end) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    join_set<int> set;
    std::vector<oneshot::sender<int>> senders;
    for (int i = 0; i < 3; ++i) {
      auto [tx, rx] = oneshot::channel<int>();
      senders.push_back(std::move(tx));
      set.spawn(receive(std::move(rx)));
    }
    for (const std::size_t i : {2U, 0U, 1U}) {
      EXPECT_TRUE(senders[i].send(static_cast<int>(i)).has_value());
      auto next = co_await set.join_next();
      EXPECT_EQ(next->value(), static_cast<int>(i));
    }
  }());
}

TEST_P(join_set_on, passes_on_exceptions_and_aborts_as_join_errors) {
  runtime rt = make();
  std::atomic<int> started{0};
  std::atomic<int> drops{0};
  rt.block_on([](std::atomic<int>& begun, std::atomic<int>& ended) -> task<> {
    join_set<int> failing;
    failing.spawn(fail());
    auto failed = co_await failing.join_next();
    EXPECT_FALSE(failed->error().is_cancelled());

    join_set<> waiting;
    abort_handle one = waiting.spawn(forever(begun, drop_counter(ended)));
    co_await until(begun, 1);
    one.abort();
    auto aborted = co_await waiting.join_next();
    EXPECT_TRUE(aborted->error().is_cancelled());
    EXPECT_EQ(aborted->error().id(), one.id());
    EXPECT_TRUE(one.is_finished());
    EXPECT_EQ(ended.load(), 1);
  }(started, drops));
}

TEST_P(join_set_on, dropping_it_aborts_all_tasks) {
  std::atomic<int> started{0};
  std::atomic<int> drops{0};
  runtime rt = make();
  rt.block_on([](std::atomic<int>& begun, std::atomic<int>& ended) -> task<> {
    {
      join_set<> set;
      for (int i = 0; i < 10; ++i) set.spawn(forever(begun, drop_counter(ended)));
      co_await until(begun, 10);
    }
    co_await until(ended, 10);
  }(started, drops));
  EXPECT_EQ(drops.load(), 10);
}

TEST_P(join_set_on, shutdown_waits_until_every_frame_is_destroyed) {
  std::atomic<int> started{0};
  std::atomic<int> drops{0};
  runtime rt = make();
  rt.block_on([](std::atomic<int>& begun, std::atomic<int>& ended) -> task<> {
    join_set<> set;
    for (int i = 0; i < 10; ++i) set.spawn(forever(begun, drop_counter(ended)));
    co_await set.shutdown();
    EXPECT_EQ(ended.load(), 10);
    EXPECT_TRUE(set.is_empty());
  }(started, drops));
}

TEST_P(join_set_on, detach_all_lets_tasks_go_on) {
  std::atomic<int> value{0};
  runtime rt = make();
  rt.block_on([](std::atomic<int>& count) -> task<> {
    join_set<> set;
    auto add = [](std::atomic<int>& to) -> task<> {
      co_await yield_now();
      to.fetch_add(1);
    };
    for (int i = 0; i < 5; ++i) set.spawn(add(count));
    set.detach_all();
    EXPECT_TRUE(set.is_empty());
    auto next = co_await set.join_next();
    EXPECT_FALSE(next.has_value());
    co_await until(count, 5);
  }(value));
}

TEST_P(join_set_on, a_join_next_that_loses_a_select_loses_no_outcome) {
  runtime rt = make();
  const int sum = rt.block_on([]() -> task<int> {
    join_set<int> set;
    for (int i = 1; i <= 100; ++i) set.spawn(value_of(1));
    int total = 0;
    while (!set.is_empty()) {
      auto first = co_await select(set.join_next(), yield_now());
      if (first.is<0>()) total += first.get<0>()->value();
    }
    co_return total;
  }());
  EXPECT_EQ(sum, 100);
}

TEST_P(join_set_on, try_join_next_does_not_wait) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    join_set<int> set;
    EXPECT_FALSE(set.try_join_next().has_value());
    abort_handle ending = set.spawn(value_of(3));
    while (!ending.is_finished()) co_await yield_now();
    std::optional<tl::expected<int, join_error>> ended = set.try_join_next();
    while (!ended.has_value()) {
      co_await yield_now();
      ended = set.try_join_next();
    }
    EXPECT_EQ(ended->value(), 3);
  }());
}

TEST_P(join_set_on, spawns_functions_and_blocking_closures) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    join_set<std::size_t> set;
    set.spawn([](std::string text) -> task<std::size_t> { co_return text.size(); }, std::string("abc"));
    set.spawn_blocking([](const std::string& text) { return text.size(); }, std::string("abcd"));
    std::size_t total = 0;
    for (int i = 0; i < 2; ++i) {
      auto next = co_await set.join_next();
      total += next->value();
    }
    EXPECT_EQ(total, 7U);
  }());
}

TEST(join_set, can_be_moved_with_tasks_in_it) {
  runtime rt = runtime::builder().current_thread().build();
  rt.block_on([]() -> task<> {
    join_set<int> one;
    one.spawn(value_of(1));
    join_set<int> two = std::move(one);
    auto next = co_await two.join_next();
    EXPECT_EQ(next->value(), 1);
  }());
}

TEST(abort_handle, outlives_handle_and_task) {
  std::atomic<int> started{0};
  std::atomic<int> drops{0};
  abort_handle survivor;
  {
    runtime rt = runtime::builder().current_thread().build();
    rt.block_on([](std::atomic<int>& begun, std::atomic<int>& ended, abort_handle& out) -> task<> {
      auto handle = spawn(forever(begun, drop_counter(ended)));
      out = handle.get_abort_handle();
      handle.detach();
      co_await until(begun, 1);
      EXPECT_FALSE(out.is_finished());
      abort_handle second = out.clone();
      second.abort();
      co_await until(ended, 1);
    }(started, drops, survivor));
  }
  EXPECT_TRUE(survivor.is_finished());
  survivor.abort();
}

}  // namespace
}  // namespace heddle
