// Dumps of tasks: where each is suspended, by coroutine and co_await, and what it waits for.
#include "heddle/runtime/task_dump.hpp"

#include "each_runtime.hpp"
#include "heddle/runtime/join_set.hpp"
#include "heddle/runtime/notify.hpp"
#include "heddle/runtime/runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using signal = std::shared_ptr<sync::notify>;
using condition = task_dump::condition;

task<> waits_for(signal go) {
  co_await go->notified();
}
task<> awaits_one_that_waits(signal go) {
  co_await waits_for(go);
}
// Lets the tasks that were spawned come to their awaits, on a current-thread runtime.
task<> let_others_run() {
  for (int i = 0; i < 3; ++i) co_await yield_now();
}

template <typename Body>
void on_one_thread(Body body) {
  runtime::builder().current_thread().build().block_on(body());
}

TEST(task_dump, tells_of_each_waiting_task_its_coroutines_and_what_it_awaits) {
  on_one_thread([]() -> task<> {
    auto go = std::make_shared<sync::notify>();
    auto one = spawn_named("listener", awaits_one_that_waits(go));
    auto same = spawn(awaits_one_that_waits(go));
    auto other = spawn(waits_for(go));
    co_await let_others_run();
    const std::vector<task_dump> all = handle::current().dump_tasks();
    EXPECT_EQ(all.size(), 3U);
    if (all.size() == 3) {
      EXPECT_EQ(all[0].name, "listener");
      EXPECT_EQ(all[0].id, one.id());
      EXPECT_EQ(all[0].state, condition::waiting);
      EXPECT_EQ(all[0].coroutines.size(), 2U);
      EXPECT_EQ(all[0].coroutines, all[1].coroutines) << "they stand in the same functions";
      EXPECT_EQ(all[0].awaited, all[2].awaited);
      EXPECT_EQ(all[2].coroutines.size(), 1U);
      EXPECT_EQ(all[0].coroutines.back(), all[2].coroutines.front()) << "the outermost comes first";
    }
    const std::string text = to_text(all);
    EXPECT_NE(text.find("task 1 (listener) waits\n    at "), std::string::npos) << text;
    EXPECT_NE(text.find("task_dump_test.cpp:"), std::string::npos) << text;
    EXPECT_NE(text.find("waits_for  "), std::string::npos) << text;
    EXPECT_NE(text.find("\n    for "), std::string::npos) << text;
    EXPECT_NE(text.find(" +0x"), std::string::npos) << text;
    go->notify_waiters();
    co_await one;
    co_await same;
    co_await other;
    EXPECT_TRUE(handle::current().dump_tasks().empty());
  });
}

using lines_of_awaits = std::shared_ptr<std::array<unsigned, 2>>;

task<> waits_twice(signal first, signal second, lines_of_awaits lines) {
  (*lines)[0] = __LINE__ + 1;
  co_await first->notified();
  for (int i = 0; i < 2; ++i) {
    (*lines)[1] = __LINE__ + 1;
    co_await waits_for(second);
  }
}

TEST(task_dump, tells_at_which_await_each_coroutine_stands) {
  on_one_thread([]() -> task<> {
    auto first = std::make_shared<sync::notify>();
    auto second = std::make_shared<sync::notify>();
    auto lines = std::make_shared<std::array<unsigned, 2>>();
    auto waiting = spawn(waits_twice(first, second, lines));
    co_await let_others_run();
    const std::vector<task_dump> before = handle::current().dump_tasks();
    first->notify_one();
    co_await let_others_run();
    const std::vector<task_dump> after = handle::current().dump_tasks();
    second->notify_one();
    co_await let_others_run();
    const std::vector<task_dump> again = handle::current().dump_tasks();
    EXPECT_EQ(before.at(0).places.size(), 1U);
    EXPECT_EQ(before.at(0).places.at(0).line, (*lines)[0]);
    EXPECT_EQ(after.at(0).places.size(), 2U);
    EXPECT_EQ(after.at(0).places.at(0).line, (*lines)[1]);
    EXPECT_TRUE(std::string_view(after.at(0).places.at(1).function).find("waits_for") != std::string_view::npos);
    EXPECT_EQ(again.at(0).places.at(0).line, (*lines)[1]);
    second->notify_one();
    co_await waiting;
  });
}

TEST(task_dump, tells_those_that_run_and_those_that_are_ready_from_those_that_wait) {
  on_one_thread([]() -> task<> {
    auto all = std::make_shared<std::vector<task_dump>>();
    auto looks = spawn(
        [](std::shared_ptr<std::vector<task_dump>> into) -> task<> {
          *into = handle::current().dump_tasks();
          co_return;
        },
        all);
    auto go = std::make_shared<sync::notify>();
    auto later = spawn(waits_for(go));
    co_await looks;
    go->notify_one();
    co_await later;
    EXPECT_EQ(all->size(), 2U);
    if (all->size() != 2) co_return;
    EXPECT_EQ((*all)[0].state, condition::running);
    EXPECT_EQ((*all)[1].state, condition::queued);
    EXPECT_TRUE((*all)[1].coroutines.empty());
    EXPECT_EQ(to_text(*all), "task 1 runs\ntask 2 is ready to run\n");
  });
}

TEST(task_dump, follows_a_call_with_its_arguments_into_its_coroutine) {
  on_one_thread([]() -> task<> {
    auto go = std::make_shared<sync::notify>();
    auto with_state = [go](int) -> task<> { co_await go->notified(); };
    auto called = spawn(with_state, 1);
    auto plain = spawn(waits_for(go));
    co_await let_others_run();
    const std::vector<task_dump> all = handle::current().dump_tasks();
    EXPECT_EQ(all.size(), 2U);
    if (all.size() == 2) {
      EXPECT_EQ(all[0].coroutines.size(), 1U);
      EXPECT_EQ(all[0].awaited, all[1].awaited);
    }
    go->notify_waiters();
    co_await called;
    co_await plain;
  });
}

class task_dumps : public test::each_runtime {};

// Random: the schedule of real threads. A lost wakeup hangs, a frame read while it runs is seen by ThreadSanitizer.
TEST_P(task_dumps, disturb_nobody_who_is_woken_aborted_or_ends_meanwhile) {
  runtime rt = make();
  std::atomic<bool> done{false};
  std::thread looks([&done, handle = rt.handle()] {
    while (!done) EXPECT_LE(handle.dump_tasks().size(), 64U);
  });
  const auto bounce = [](int times) -> task<> {
    for (int i = 0; i < times; ++i) co_await yield_now();
  };
  const auto body = [](auto work) -> task<> {
    for (int round = 0; round < 20; ++round) {
      join_set<void> all;
      auto go = std::make_shared<sync::notify>();
      for (int i = 0; i < 20; ++i) all.spawn(work(i));
      for (int i = 0; i < 20; ++i) all.spawn(awaits_one_that_waits(go));
      auto dropped = spawn(awaits_one_that_waits(go));
      co_await yield_now();
      dropped.abort();
      for (int i = 0; i < 20; ++i) go->notify_one();
      std::size_t ended = 0;
      while (auto next = co_await all.join_next()) {
        ++ended;
        go->notify_one();
      }
      EXPECT_EQ(ended, 40U);
      co_await dropped;
    }
  };
  rt.block_on(body(bounce));
  done = true;
  looks.join();
}

HEDDLE_EACH_RUNTIME(task_dumps);

}  // namespace
}  // namespace heddle
