// Ending a runtime that will not end by itself: with a limit, at once, and from inside its own tasks.
#include "blocking/door.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/block_in_place.hpp"
#include "heddle/runtime/runtime.hpp"
#include "heddle/runtime/sleep.hpp"
#include "small_tasks.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using namespace test;

class shutdown_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(shutdown_test);

// What threads that outlive their runtime use.
struct shared_state {
  door gate;
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  std::atomic<int> drops = 0;
};

void wait_until(const std::atomic<int>& value, int goal) {
  while (value.load() != goal) std::this_thread::yield();
}

TEST_P(shutdown_test, a_timeout_leaves_a_blocking_call_behind) {
  const auto shared = std::make_shared<shared_state>();
  runtime rt = make();
  const auto call = [](const std::shared_ptr<shared_state>& state) {
    state->begun.fetch_add(1);
    state->gate.pass();
    state->ended.fetch_add(1);
  };
  rt.spawn_blocking(call, shared).detach();
  wait_until(shared->begun, 1);
  std::move(rt).shutdown_timeout(1ms);
  EXPECT_EQ(shared->ended.load(), 0);
  shared->gate.open();
  wait_until(shared->ended, 1);
}

TEST_P(shutdown_test, a_timeout_waits_for_what_ends_in_time) {
  const auto shared = std::make_shared<shared_state>();
  runtime rt = make();
  const auto call = [](const std::shared_ptr<shared_state>& state) {
    state->begun.fetch_add(1);
    std::this_thread::sleep_for(2ms);
    state->ended.fetch_add(1);
  };
  rt.spawn_blocking(call, shared).detach();
  wait_until(shared->begun, 1);
  std::move(rt).shutdown_timeout(1h);
  EXPECT_EQ(shared->ended.load(), 1);
}

TEST_P(shutdown_test, in_the_background_drops_tasks_and_queued_calls_at_once) {
  const auto shared = std::make_shared<shared_state>();
  runtime rt = make();
  rt.spawn(forever(shared->begun, test::drop_counter(shared->drops))).detach();
  rt.block_on(until(shared->begun, 1));
  std::move(rt).shutdown_background();
  // A worker may still be dropping it.
  wait_until(shared->drops, 1);
}

TEST(shutdown, a_poll_that_is_left_behind_ends_and_its_task_is_dropped) {
  const auto shared = std::make_shared<shared_state>();
  runtime rt = runtime::builder().worker_threads(2).build();
  const auto body = [](std::shared_ptr<shared_state> state, test::drop_counter) -> task<> {
    state->begun.store(1);
    // It blocks its worker, as no task should.
    state->gate.pass();
    state->ended.store(1);
    co_await sleep(1h);
    state->ended.store(2);
  };
  join_handle<void> left = rt.spawn(body(shared, test::drop_counter(shared->drops)));
  wait_until(shared->begun, 1);
  std::move(rt).shutdown_timeout(1ms);
  EXPECT_EQ(shared->drops.load(), 0);
  EXPECT_FALSE(left.is_finished());
  shared->gate.open();
  wait_until(shared->drops, 1);
  EXPECT_EQ(shared->ended.load(), 1);
}

TEST(shutdown, in_the_background_may_be_asked_by_a_task_of_the_runtime) {
  const auto shared = std::make_shared<shared_state>();
  auto rt = std::make_shared<std::optional<runtime>>(runtime::builder().worker_threads(2).build());
  const auto body = [](std::shared_ptr<std::optional<runtime>> own, std::shared_ptr<shared_state> state,
                       test::drop_counter) -> task<> {
    std::move(**own).shutdown_background();
    state->ended.store(1);
    never end;
    co_await end;
  };
  (*rt)->spawn(body(rt, shared, test::drop_counter(shared->drops))).detach();
  wait_until(shared->drops, 1);
  EXPECT_EQ(shared->ended.load(), 1);
}

// Workers take references to the scheduler for many tasks at once, and give back what tasks from elsewhere bring them.
TEST_P(shutdown_test, frees_the_runtime_whoever_spawned_its_tasks) {
  const auto kept = std::make_shared<int>(0);
  {
    runtime rt = builder().on_thread_stop([kept] {}).build();
    const auto body = [](const handle& here) -> task<> {
      for (int i = 0; i < 1000; ++i) {
        join_handle<int> from_elsewhere = here.spawn(value_of(1));
        static_cast<void>(co_await from_elsewhere);
      }
      const auto spawns = []() -> task<> {
        for (int i = 0; i < 1000; ++i) static_cast<void>(co_await spawn(value_of(1)));
      };
      static_cast<void>(co_await spawn(spawns()));
    };
    rt.block_on(body(rt.handle()));
  }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(shutdown, a_worker_that_was_handed_over_and_never_resumed_is_emptied) {
  const auto shared = std::make_shared<shared_state>();
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto body = [](std::shared_ptr<shared_state> state) -> task<> {
    for (int i = 0; i < 10; ++i) spawn(forever(state->begun, test::drop_counter(state->drops))).detach();
    block_in_place([&state] {
      state->ended.store(1);
      state->gate.pass();
    });
    co_return;
  };
  rt.spawn(body(shared)).detach();
  wait_until(shared->ended, 1);
  std::move(rt).shutdown_timeout(1ms);
  wait_until(shared->drops, 10);
  shared->gate.open();
}

}  // namespace
}  // namespace heddle
