// Intervals. What depends on how late a tick is taken is tested where the time is past, so that nothing is measured.
#include "heddle/runtime/interval.hpp"

#include "each_runtime.hpp"
#include "heddle/runtime/timeout.hpp"

#include <chrono>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class interval_test : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(interval_test);

TEST_P(interval_test, ticks_at_once_and_then_no_earlier_than_each_period) {
  runtime rt = make();
  const auto body = []() -> task<> {
    const clock::time_point start = clock::now();
    interval_timer every = interval(2ms);
    const clock::time_point first = co_await every.tick();
    EXPECT_GE(first, start);
    for (int i = 1; i < 5; ++i) {
      const clock::time_point due = co_await every.tick();
      EXPECT_EQ(due, first + i * 2ms);
      EXPECT_GE(clock::now(), due);
    }
  };
  rt.block_on(body());
}

TEST_P(interval_test, a_dropped_tick_is_not_lost) {
  runtime rt = make();
  const auto body = []() -> task<> {
    for (;;) {
      const clock::time_point first = clock::now() + 20ms;
      interval_timer every = interval_at(first, 1h);
      // On a machine that is slow now the tick was not dropped but had: again.
      if ((co_await timeout(1ms, every.tick())).has_value()) continue;
      const clock::time_point due = co_await every.tick();
      EXPECT_EQ(due, first);
      co_return;
    }
  };
  rt.block_on(body());
}

TEST_P(interval_test, burst_makes_up_for_what_was_missed) {
  runtime rt = make();
  const auto body = []() -> task<> {
    const clock::time_point first = clock::now() - 1h;
    interval_timer every = interval_at(first, 10min);
    EXPECT_EQ(every.get_missed_ticks(), missed_ticks::burst);
    for (int i = 0; i <= 6; ++i) {
      const clock::time_point due = co_await every.tick();
      EXPECT_EQ(due, first + i * 10min);
    }
    EXPECT_FALSE((co_await timeout(1ms, every.tick())).has_value());
  };
  rt.block_on(body());
}

TEST_P(interval_test, delay_begins_anew_at_the_late_tick) {
  runtime rt = make();
  const auto body = []() -> task<> {
    const clock::time_point first = clock::now() - 25min;
    interval_timer every = interval_at(first, 10min);
    every.set_missed_ticks(missed_ticks::delay);
    const clock::time_point before = clock::now();
    EXPECT_EQ(co_await every.tick(), first);
    EXPECT_GE(every.next_tick(), before + 10min);
    EXPECT_LE(every.next_tick(), clock::now() + 10min);
  };
  rt.block_on(body());
}

TEST_P(interval_test, skip_goes_on_at_a_multiple_of_the_period) {
  runtime rt = make();
  const auto body = []() -> task<> {
    const clock::time_point first = clock::now() - 25min;
    interval_timer every = interval_at(first, 10min);
    every.set_missed_ticks(missed_ticks::skip);
    EXPECT_EQ(co_await every.tick(), first);
    EXPECT_EQ(every.next_tick(), first + 30min);
  };
  rt.block_on(body());
}

TEST_P(interval_test, resets_say_when_the_next_tick_is) {
  runtime rt = make();
  const auto body = []() -> task<> {
    interval_timer every = interval(1h);
    static_cast<void>(co_await every.tick());
    every.reset_immediately();
    static_cast<void>(co_await every.tick());
    every.reset_after(1ms);
    static_cast<void>(co_await every.tick());
    const clock::time_point deadline = clock::now() + 2ms;
    every.reset_at(deadline);
    EXPECT_EQ(co_await every.tick(), deadline);
    const clock::time_point before = clock::now();
    every.reset();
    EXPECT_GE(every.next_tick(), before + 1h);
    EXPECT_EQ(every.period(), 1h);
  };
  rt.block_on(body());
}

TEST(interval_limits, an_endless_period_ticks_once) {
  runtime rt = runtime::builder().current_thread().build();
  const auto body = []() -> task<> {
    interval_timer every = interval(std::chrono::hours::max());
    static_cast<void>(co_await every.tick());
    EXPECT_EQ(every.next_tick(), clock::time_point::max());
    EXPECT_FALSE((co_await timeout(1ms, every.tick())).has_value());
  };
  rt.block_on(body());
}

TEST(interval_death, a_period_of_zero_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(interval(0ms)), "the period of an interval is more than zero");
}

}  // namespace
}  // namespace heddle
