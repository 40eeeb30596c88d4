#include "../support.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

TEST(Clock, an_hour_of_sleep_takes_an_hour_of_simulated_time) {
  const execution_result result = run_once([] {
    const auto before = steady::now();
    std::this_thread::sleep_for(1h);
    check(steady::now() - before == 1h, "not an hour");
  });
  EXPECT_EQ(first_message(result), "");
  EXPECT_EQ(result.clock, 1h);
}

TEST(Clock, every_execution_starts_at_the_same_moment) {
  std::set<std::int64_t> starts;
  run_schedules(5, [&] {
    const auto now = std::chrono::system_clock::now();
    const host_scope host;
    starts.insert(now.time_since_epoch().count());
  });
  EXPECT_EQ(starts.size(), 1u);
}

TEST(Clock, sleeps_end_in_the_order_of_their_deadlines_in_every_schedule) {
  const summary all = run_schedules(200, [] {
    std::atomic<int> order{0};
    std::thread late([&] {
      std::this_thread::sleep_for(2s);
      check(order.fetch_add(1) == 1, "the later sleep ended first");
    });
    std::thread early([&] {
      std::this_thread::sleep_for(1s);
      check(order.fetch_add(1) == 0, "the earlier sleep ended last");
    });
    late.join();
    early.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Clock, deadlines_at_one_instant_end_in_either_order) {
  std::set<int> first;
  run_schedules(100, [&] {
    std::atomic<int> winner{0};
    const auto racer = [&](int number) {
      std::this_thread::sleep_for(1s);
      int nobody = 0;
      winner.compare_exchange_strong(nobody, number);
    };
    std::thread one([&] { racer(1); });
    std::thread two([&] { racer(2); });
    one.join();
    two.join();
    const int who = winner.load();
    const host_scope host;
    first.insert(who);
  });
  EXPECT_EQ(first, (std::set<int>{1, 2}));
}

TEST(Clock, time_does_not_pass_while_a_thread_can_run) {
  const summary all = run_schedules(100, [] {
    std::atomic<bool> timed_out{false};
    std::thread sleeper([&] {
      std::this_thread::sleep_for(1ms);
      timed_out = true;
    });
    std::atomic<int> work{0};
    for (int i = 0; i < 500; ++i) work.fetch_add(1);
    check(!timed_out.load(), "a sleep ended while there was work to do");
    sleeper.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Clock, a_loop_that_polls_the_clock_ends) {
  const execution_result result = run_once([] {
    const auto deadline = steady::now() + 1h;
    while (steady::now() < deadline) {
    }
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(Clock, a_loop_that_polls_the_clock_and_yields_ends) {
  const execution_result result = run_once([] {
    std::atomic<bool> never{false};
    const auto deadline = steady::now() + 1h;
    while (steady::now() < deadline && !never.load()) std::this_thread::yield();
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(Clock, looking_at_the_clock_between_work_does_not_move_it) {
  const execution_result result = run_once([] {
    const auto before = steady::now();
    std::atomic<int> work{0};
    for (int i = 0; i < 1000; ++i) {
      work.fetch_add(1);
      check(steady::now() == before, "the clock moved although the thread was working");
    }
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(Clock, spinning_on_a_flag_that_a_sleeper_sets_ends) {
  const summary all = run_schedules(10, [] {
    std::atomic<bool> ready{false};
    std::thread sleeper([&] {
      std::this_thread::sleep_for(1h);
      ready = true;
    });
    while (!ready.load()) {
    }
    sleeper.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Clock, a_timed_wait_runs_out_at_its_deadline) {
  const summary all = run_schedules(50, [] {
    std::mutex mutex;
    std::condition_variable condition;
    const auto before = steady::now();
    std::unique_lock lock(mutex);
    check(condition.wait_for(lock, 1h) == std::cv_status::timeout, "nobody notified");
    check(steady::now() - before == 1h, "the wait took another time");
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Clock, a_deadline_that_did_not_come_disturbs_no_later_wait) {
  const summary all = run_schedules(50, [] {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    std::thread notifier([&] {
      const std::lock_guard lock(mutex);
      ready = true;
      condition.notify_all();
    });
    {
      std::unique_lock lock(mutex);
      check(condition.wait_for(lock, 1s, [&] { return ready; }), "not notified in time");
    }
    const auto before = steady::now();
    std::this_thread::sleep_for(1h);
    check(steady::now() - before == 1h, "an old deadline ended a later sleep");
    notifier.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Clock, c_functions_agree_with_each_other) {
  const execution_result result = run_once([] {
    timespec a{};
    timespec b{};
    clock_gettime(CLOCK_REALTIME, &a);
    timespec_get(&b, TIME_UTC);
    check(a.tv_sec == b.tv_sec && time(nullptr) == a.tv_sec, "the wall clocks differ");
    timespec span{.tv_sec = 5, .tv_nsec = 0};
    check(nanosleep(&span, nullptr) == 0, "nanosleep failed");
    check(time(nullptr) == a.tv_sec + 5, "nanosleep slept another time");
    span.tv_nsec = -1;
    check(nanosleep(&span, nullptr) == -1 && errno == EINVAL, "a bad time was taken");
  });
  EXPECT_EQ(first_message(result), "");
}

}  // namespace
}  // namespace heddle::sim::testing
