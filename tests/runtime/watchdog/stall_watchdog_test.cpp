// The watchdog for long polls: what it reports, how often, and where it finds the thread.
#include "watchdog/stall_watchdog.hpp"

#include "heddle/runtime.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// What a runtime reported, as it comes.
class reports {
 public:
  using declare_send = declared_true<reports, "all of it is under its mutex">;
  stall_options options(std::chrono::milliseconds threshold) {
    return {.threshold = threshold, .on_stall = [this](const stall& what) { add(what); }};
  }
  std::vector<stall> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  bool has(stall_cause cause) const {
    for (const stall& one : all()) {
      if (one.cause == cause) return true;
    }
    return false;
  }

 private:
  void add(const stall& what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(what);
  }

  mutable std::mutex mutex_;
  std::vector<stall> all_;  // under mutex_
};

runtime watched_runtime(reports& seen, std::chrono::milliseconds threshold = 20ms) {
  return runtime::builder().worker_threads(2).watch_stalls(seen.options(threshold)).build();
}

TEST(stall_cause_test, is_where_most_of_the_time_went) {
  EXPECT_EQ(detail::cause_of(100ms, 2ms, 1ms), stall_cause::blocked);
  EXPECT_EQ(detail::cause_of(100ms, 90ms, 5ms), stall_cause::busy);
  EXPECT_EQ(detail::cause_of(100ms, 10ms, 85ms), stall_cause::starved);
  EXPECT_EQ(detail::cause_of(100ms, 110ms, 0ms), stall_cause::busy) << "the two clocks are read one after the other";
}

TEST(minute_limit_test, admits_so_many_in_any_minute) {
  detail::minute_limit limit(2);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(limit.admits(begin));
  EXPECT_TRUE(limit.admits(begin + 10s));
  EXPECT_FALSE(limit.admits(begin + 59s));
  EXPECT_TRUE(limit.admits(begin + 60s));
  EXPECT_FALSE(limit.admits(begin + 61s));
  EXPECT_TRUE(limit.admits(begin + 70s));
}

TEST(thread_probe_test, knows_the_system_call_and_the_stack_of_a_blocked_thread) {
  detail::prepare_stacks();
  std::promise<int> thread_id;
  std::atomic<bool> ends{false};
  std::thread sleeper([&] {
    thread_id.set_value(static_cast<int>(::syscall(SYS_gettid)));
    while (!ends) std::this_thread::sleep_for(50ms);
  });
  const int id = thread_id.get_future().get();
  std::string call;
  while (call.empty()) call = detail::system_call_of(id);
  EXPECT_THAT(call, testing::AnyOf(HasSubstr("nanosleep"), HasSubstr("futex")));
  EXPECT_TRUE(detail::processor_time_of(id));
  std::vector<void*> stack;
  for (int tries = 0; stack.empty() && tries < 50; ++tries) stack = detail::stack_of(id);
  EXPECT_GT(stack.size(), 1U);
  ends = true;
  sleeper.join();
  EXPECT_TRUE(detail::stack_of(id).empty()) << "it has ended";
}

#if !HEDDLE_CHECKED

void use_the_processor(std::chrono::milliseconds least) {
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < least) std::atomic_signal_fence(std::memory_order_seq_cst);
}

TEST(stall_watchdog_test, tells_a_blocked_worker_with_its_system_call_and_stack) {
  reports seen;
  runtime rt = watched_runtime(seen);
  const auto body = [](reports& all) -> task<> {
    while (!all.has(stall_cause::blocked)) std::this_thread::sleep_for(200ms);
    co_return;
  };
  rt.block_on([](runtime& here, task<> blocks) -> task<> { static_cast<void>(co_await here.spawn(std::move(blocks))); }(
                                                   rt, body(seen)));
  for (const stall& one : seen.all()) {
    if (one.cause != stall_cause::blocked) continue;
    EXPECT_GE(one.lasted, 20ms);
    EXPECT_THAT(one.system_call, testing::AnyOf("", HasSubstr("nanosleep")));
    EXPECT_THAT(one.text(), HasSubstr("has been in one poll for "));
    EXPECT_THAT(one.text(), HasSubstr(": it blocks"));
    return;
  }
}

TEST(stall_watchdog_test, tells_a_worker_that_computes) {
  reports seen;
  runtime rt = watched_runtime(seen);
  detail::processor_time used;
  const auto body = [](reports& all, detail::processor_time& its) -> task<> {
    const int self = detail::own_thread_id();
    const auto before = detail::processor_time_of(self).value();
    const auto give_up = std::chrono::steady_clock::now() + 5s;
    while (!all.has(stall_cause::busy) && std::chrono::steady_clock::now() < give_up) use_the_processor(100ms);
    const auto after = detail::processor_time_of(self).value();
    its = {.used = after.used - before.used, .waited = after.waited - before.waited};
    co_return;
  };
  rt.block_on([](runtime& here, task<> computes) -> task<> {
    static_cast<void>(co_await here.spawn(std::move(computes)));
  }(rt, body(seen, used)));
  if (!seen.has(stall_cause::busy)) {
    EXPECT_GT(used.waited * 2, used.used) << "only a host with little to give may keep it from being told";
  }
  for (const stall& one : seen.all()) {
    if (one.cause != stall_cause::busy) continue;
    EXPECT_GT(one.on_cpu, 0ms);
    EXPECT_EQ(one.system_call, "");
    EXPECT_THAT(one.text(), HasSubstr("it computes"));
  }
}

TEST(stall_watchdog_test, watches_the_thread_of_a_current_thread_runtime) {
  reports seen;
  runtime rt = runtime::builder().current_thread().watch_stalls(seen.options(20ms)).build();
  rt.block_on([](reports& all) -> task<> {
    while (!all.has(stall_cause::blocked)) std::this_thread::sleep_for(200ms);
    co_return;
  }(seen));
  EXPECT_TRUE(seen.has(stall_cause::blocked));
}

TEST(stall_watchdog_test, says_nothing_of_polls_that_end_in_time_and_of_workers_that_are_idle) {
  reports seen;
  // Long enough that a busy machine does not make a stall of a poll.
  runtime rt = watched_runtime(seen, 2000ms);
  rt.block_on([](runtime& here) -> task<> {
    for (int i = 0; i < 20; ++i) {
      static_cast<void>(co_await here.spawn([]() -> task<> {
        use_the_processor(1ms);
        co_return;
      }()));
      co_await sleep(10ms);
    }
  }(rt));
  std::this_thread::sleep_for(2500ms);
  EXPECT_TRUE(seen.all().empty()) << seen.all().front().text();
}

TEST(stall_watchdog_test, lets_a_task_block_that_says_so) {
  reports seen;
  runtime rt = watched_runtime(seen, 500ms);
  rt.block_on([](runtime& here) -> task<> {
    static_cast<void>(co_await here.spawn([]() -> task<> {
      block_in_place([] { std::this_thread::sleep_for(2000ms); });
      co_return;
    }()));
  }(rt));
  EXPECT_TRUE(seen.all().empty()) << seen.all().front().text();
}

TEST(stall_watchdog_test, reports_a_stall_that_goes_on_in_doubling_times) {
  reports seen;
  runtime rt = watched_runtime(seen, 50ms);
  rt.block_on([](runtime& here) -> task<> {
    static_cast<void>(co_await here.spawn([]() -> task<> {
      std::this_thread::sleep_for(1500ms);
      co_return;
    }()));
  }(rt));
  // After 50, 100, 200, 400 and 800 ms, or fewer on a machine that does not run the watchdog in time.
  EXPECT_LE(seen.all().size(), 5U);
  EXPECT_GE(seen.all().size(), 1U);
}

#else

TEST(stall_watchdog_test, watches_nothing_in_a_build_for_checking) {
  reports seen;
  runtime rt = watched_runtime(seen, 1ms);
  rt.block_on([](runtime& here) -> task<> {
    static_cast<void>(co_await here.spawn([]() -> task<> {
      std::this_thread::sleep_for(100ms);
      co_return;
    }()));
  }(rt));
  EXPECT_TRUE(seen.all().empty());
}

#endif

TEST(stall_watchdog_test, settings_that_make_no_sense_are_refused) {
  EXPECT_THROW(runtime::builder().watch_stalls({.threshold = 0ms}), std::invalid_argument);
  EXPECT_THROW(runtime::builder().watch_stalls({.reports_per_minute_max = 0}), std::invalid_argument);
}

TEST(stall_text_test, says_what_was_left_out) {
  stall one;
  one.worker = 1;
  one.thread = 77;
  one.lasted = 52ms;
  one.system_call = "futex";
  one.suppressed = 3;
  one.starved = 2;
  EXPECT_EQ(one.text(),
            "heddle: worker 1 (thread 77) has been in one poll for 52 ms: it blocks in futex; 3 reports were left out "
            "before this one; the host starved workers 2 times\n");
}

}  // namespace
}  // namespace heddle
