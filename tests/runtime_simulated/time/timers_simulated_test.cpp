// Sleeps and intervals on the simulated machine, where an hour takes no time and ties are decided both ways.
#include "drive.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using test::every_operation;

task<> naps_until(clock::time_point deadline, char name, std::string& order) {
  co_await sleep_until(deadline);
  order.push_back(name);
}

std::string order_of_two(clock::duration first, clock::duration second) {
  runtime rt = runtime::builder().current_thread().build();
  std::string order;
  const auto body = [](clock::duration a, clock::duration b, std::string& out) -> task<> {
    const clock::time_point start = clock::now() + 1h;
    auto one = spawn(naps_until(start + a, 'a', out));
    auto two = spawn(naps_until(start + b, 'b', out));
    static_cast<void>(co_await one);
    static_cast<void>(co_await two);
  };
  rt.block_on(body(first, second, order));
  return order;
}

TEST(timers_simulated, sleeps_that_are_due_at_one_tick_end_in_either_order) {
  static std::set<std::string> seen;
  seen.clear();
  const check::report result = check::explore(every_operation(200), [] { seen.insert(order_of_two(1h, 1h)); });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(seen, (std::set<std::string>{"ab", "ba"}));
}

HEDDLE_TEST_WITH(timers_simulated, an_earlier_tick_comes_first, every_operation(500)) {
  HEDDLE_CHECK(order_of_two(1h, 1h + 2ms) == "ab");
  HEDDLE_CHECK(order_of_two(100h, 1h) == "ba");
}

HEDDLE_TEST_WITH(timers_simulated, a_sleep_ends_within_a_millisecond_of_its_deadline, every_operation(200)) {
  runtime rt = runtime::builder().worker_threads(2).build();
  const auto body = []() -> task<> {
    for (const clock::duration delay : std::vector<clock::duration>{1us, 700us, 64ms, 5s, 10h, 26'280h}) {
      const clock::time_point deadline = clock::now() + delay;
      co_await sleep_until(deadline);
      const clock::duration late = clock::now() - deadline;
      // Threads of the simulated machine take no time but that of their clock reads.
      HEDDLE_CHECK(late >= 0ns && late <= 2ms);
    }
  };
  rt.block_on(body());
}

HEDDLE_TEST_WITH(timers_simulated, a_new_earliest_deadline_is_not_slept_over, every_operation(3000)) {
  runtime rt = runtime::builder().worker_threads(2).build();
  const auto nap = [](clock::duration delay) -> task<> {
    const clock::time_point deadline = clock::now() + delay;
    co_await sleep_until(deadline);
    HEDDLE_CHECK(clock::now() - deadline < 1min);
  };
  auto late = rt.spawn(nap(10h));
  auto soon = rt.spawn(nap(1h));
  const auto body = [](join_handle<void> one, join_handle<void> two) -> task<> {
    static_cast<void>(co_await one);
    static_cast<void>(co_await two);
  };
  rt.block_on(body(std::move(late), std::move(soon)));
}

HEDDLE_TEST_WITH(timers_simulated, a_sleep_dropped_while_it_fires_is_left_alone, every_operation(3000)) {
  runtime rt = runtime::builder().worker_threads(2).build();
  const auto nap = []() -> task<> { co_await sleep(1ms); };
  const auto body = [](auto inner) -> task<> {
    auto dropped = spawn(inner());
    auto kept = spawn(inner());
    co_await sleep(1ms);
    dropped.abort();
    static_cast<void>(co_await dropped);
    const auto ended = co_await kept;
    HEDDLE_CHECK(ended.has_value());
  };
  rt.block_on(body(nap));
}

HEDDLE_TEST_WITH(timers_simulated, a_reset_races_with_the_old_deadline_and_the_new_one_holds, every_operation(3000)) {
  runtime rt = runtime::builder().worker_threads(2).build();
  const auto body = []() -> task<> {
    sleep_future moved = sleep(1ms);
    static_cast<void>(co_await timeout(1ms, moved));
    const clock::time_point deadline = clock::now() + 1h;
    moved.reset(deadline);
    co_await moved;
    HEDDLE_CHECK(clock::now() >= deadline);
  };
  auto spawned = rt.spawn(body());
  const auto outer = [](join_handle<void> inner) -> task<> { HEDDLE_CHECK((co_await inner).has_value()); };
  rt.block_on(outer(std::move(spawned)));
}

// Whoever is last destroys the timers: the runtime, or a sleep that was registered with it.
HEDDLE_TEST_WITH(timers_simulated, sleeps_that_outlive_their_runtime_keep_its_timers, every_operation(2000)) {
  sleep_future first = sleep(1h);
  std::optional<sleep_future> second(sleep(1h));
  std::thread dropping;
  {
    runtime rt = runtime::builder().current_thread().build();
    const auto polls = [](sleep_future& one, sleep_future& two) -> task<> {
      static_cast<void>(co_await timeout(1ms, one));
      static_cast<void>(co_await timeout(1ms, two));
    };
    rt.block_on(polls(first, *second));
    dropping = std::thread([&second] { second.reset(); });
  }
  first.reset(clock::now() + 2h);
  test::driver driver;
  EXPECT_THROW(static_cast<void>(driver.poll(first)), std::logic_error);
  dropping.join();
}

// The table in interval.hpp, in seconds. A take is rounded down to them.
std::vector<long> taken_at(missed_ticks behaviour) {
  runtime rt = runtime::builder().current_thread().build();
  std::vector<long> taken;
  const auto body = [](missed_ticks how, std::vector<long>& out) -> task<> {
    const clock::time_point start = clock::now();
    interval_timer every = interval_at(start, 10s);
    every.set_missed_ticks(how);
    for (int i = 0; i < 6; ++i) {
      static_cast<void>(co_await every.tick());
      out.push_back(std::chrono::duration_cast<std::chrono::seconds>(clock::now() - start).count());
      if (i == 1) co_await sleep_until(start + 35s);
    }
  };
  rt.block_on(body(behaviour, taken));
  return taken;
}

HEDDLE_TEST_WITH(timers_simulated, an_interval_goes_on_after_missed_ticks_as_it_is_told, every_operation(20)) {
  EXPECT_EQ(taken_at(missed_ticks::burst), (std::vector<long>{0, 10, 35, 35, 40, 50}));
  EXPECT_EQ(taken_at(missed_ticks::delay), (std::vector<long>{0, 10, 35, 45, 55, 65}));
  EXPECT_EQ(taken_at(missed_ticks::skip), (std::vector<long>{0, 10, 35, 40, 50, 60}));
}

}  // namespace
}  // namespace heddle
