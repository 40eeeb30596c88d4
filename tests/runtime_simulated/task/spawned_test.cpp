// Spawned tasks on the simulated machine: their ends against joins, aborts, wakes and drops, at every moment; and what
// is left of a frame whose header lives on.
#include "drive.hpp"
#include "drop_counter.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drop_counter;
using test::every_operation;
using test::tracked;

runtime two_workers() {
  return runtime::builder().worker_threads(2).build();
}

task<tracked> makes(std::atomic<int>& alive) {
  co_return tracked(alive, 7);
}

HEDDLE_TEST_WITH(spawned_simulated, a_joiner_is_woken_whenever_the_task_ends, every_operation(3000)) {
  std::atomic<int> alive = 0;
  {
    runtime rt = runtime::builder().worker_threads(1).build();
    const auto body = [](join_handle<tracked> handle) -> task<int> { co_return (co_await handle).value().number(); };
    HEDDLE_CHECK(rt.block_on(body(rt.spawn(makes(alive)))) == 7);
  }
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(spawned_simulated, a_handle_dropped_while_the_task_ends_leaves_one_to_destroy_the_value,
                 every_operation(5000)) {
  std::atomic<int> alive = 0;
  {
    runtime rt = runtime::builder().worker_threads(1).build();
    rt.spawn(makes(alive)).detach();
  }
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(spawned_simulated, an_await_dropped_while_the_task_ends_loses_no_wake, every_operation(5000)) {
  std::atomic<int> alive = 0;
  {
    runtime rt = runtime::builder().worker_threads(1).build();
    join_handle<tracked> handle = rt.spawn(makes(alive));
    // Another waker takes the place of the first, while the task may be waking that.
    test::driver first;
    if (first.poll(handle).is_pending()) {
      auto value = test::drive(handle);
      HEDDLE_CHECK(value.value().number() == 7);
    }
  }
  HEDDLE_CHECK(alive.load() == 0);
}

task<> holds(drop_counter) {
  co_await yield_now();
  co_await yield_now();
}

HEDDLE_TEST_WITH(spawned_simulated, an_abort_at_any_moment_drops_the_frame_once, every_operation(5000)) {
  std::atomic<int> drops = 0;
  {
    runtime rt = two_workers();
    auto handle = rt.spawn(holds(drop_counter(drops)));
    handle.abort();
    const auto body = [](join_handle<void> ends, std::atomic<int>& count) -> task<> {
      static_cast<void>(co_await ends);
      HEDDLE_CHECK(count.load() == 1);
    };
    rt.block_on(body(std::move(handle), drops));
  }
  HEDDLE_CHECK(drops.load() == 1);
}

// Ready when it was woken; leaves its waker where other threads find it.
class told {
 public:
  using declare_send = declared_true<told, "what it refers to is in the frame that awaits it">;
  explicit told(std::atomic<int>& step, std::optional<waker>& out) noexcept : step_(&step), out_(&out) {}
  poll_result<> poll(context& cx) {
    if (is_waiting_) return ready;
    is_waiting_ = true;
    out_->emplace(cx.get_waker().clone());
    step_->store(1);
    step_->notify_all();
    return pending;
  }

 private:
  std::atomic<int>* step_;
  std::optional<waker>* out_;
  bool is_waiting_ = false;
};

HEDDLE_TEST_WITH(spawned_simulated, a_waker_is_good_at_any_time_also_when_the_runtime_has_gone, every_operation(5000)) {
  std::atomic<int> step = 0;
  std::optional<waker> wakes;
  std::optional<runtime> rt(std::in_place, runtime::builder().worker_threads(1).build());
  const auto body = [](std::atomic<int>& at, std::optional<waker>& out) -> task<> {
    told waits(at, out);
    co_await waits;
  };
  rt->spawn(body(step, wakes)).detach();
  step.wait(0);
  std::thread other([&] {
    wakes->wake_by_ref();
    std::move(*wakes).wake();
  });
  rt.reset();
  other.join();
}

// ---------------------------------------------------------------- frames whose header lives on

task<> shows_a_local(std::atomic<int*>& shown) {
  int local = 1;
  shown.store(&local);
  co_await yield_now();
}

// Reads a local variable of a task, while its task is suspended or after it has ended.
task<> reads_it(bool is_ended) {
  std::atomic<int*> shown = nullptr;
  auto handle = spawn(shows_a_local(shown));
  while (shown.load() == nullptr || handle.is_finished() != is_ended) {
    if (handle.is_finished() && !is_ended) co_return;
    co_await yield_now();
  }
  HEDDLE_CHECK(*shown.load() == 1);
  static_cast<void>(co_await handle);
}

check::report explore_reading(bool is_ended) {
  return check::explore({.schedules = 20}, [is_ended] {
    runtime rt = runtime::builder().current_thread().build();
    rt.block_on(reads_it(is_ended));
  });
}

TEST(spawned_simulated, a_local_of_an_ended_task_may_not_be_used_though_its_handle_is_there) {
  const check::report result = explore_reading(true);
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.findings.front().kind, check::finding_kind::use_after_free) << result.text();
}

TEST(spawned_simulated, a_local_of_a_suspended_task_may_be_used) {
  const check::report result = explore_reading(false);
  EXPECT_FALSE(result.failed()) << result.text();
}

// A value that outlives its frame is taken by who joins; the block goes with the last waker, on any thread.
HEDDLE_TEST_WITH(spawned_simulated, who_frees_a_task_last_races_with_nobody, check::options{.schedules = 2000}) {
  runtime rt = two_workers();
  const auto body = []() -> task<> {
    const auto text = []() -> task<std::string> {
      std::string made(100, 'x');
      co_await yield_now();
      co_return made;
    };
    auto handle = spawn(text());
    abort_handle other = handle.get_abort_handle();
    const auto drops = [](abort_handle last) -> task<> {
      co_await yield_now();
      static_cast<void>(last.is_finished());
    };
    auto dropping = spawn(drops(std::move(other)));
    const auto made = co_await handle;
    HEDDLE_CHECK(made.value().size() == 100);
    static_cast<void>(co_await dropping);
  };
  rt.block_on(body());
}

}  // namespace
}  // namespace heddle
