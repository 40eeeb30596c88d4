// Leaked memory and coroutines that are never destroyed, as findings: what a report says of them, and what they leave
// to worse ones.
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

struct session {
  int requests = 0;
  std::shared_ptr<session> peer;
};

[[gnu::noinline]] std::shared_ptr<session> open_session() {
  return std::make_shared<session>();
}

template <bool Fixed>
void connect() {
  const std::shared_ptr<session> client = open_session();
  const std::shared_ptr<session> server = open_session();
  client->peer = server;
  if (!Fixed) server->peer = client;
}

TEST(MemoryLeak, IsReportedWithThePlaceOfTheAllocation) {
  const report result = explore(options{}, connect<false>);
  ASSERT_THAT(result.findings, SizeIs(1)) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::memory_leak);
  const std::string text = result.text();
  EXPECT_THAT(text, HasSubstr("memory-leak in "));
  EXPECT_THAT(text, ContainsRegex("a block of [0-9]+ bytes is leaked: nothing leads to it when the execution ends, nor "
                                  "to a block of [0-9]+ bytes but by way of it"));
  EXPECT_THAT(text, ContainsRegex("at [^\n]*leaks_explore_test.cpp:[0-9]+\n"));
  EXPECT_THAT(text, ContainsRegex("stack of thread 0, where it allocated a block of [0-9]+ bytes:\n"
                                  "[^:]*leaks_explore_test.cpp:[0-9]+  open_session\n"
                                  ".*leaks_explore_test.cpp:[0-9]+  connect"));
  EXPECT_THAT(text, Not(HasSubstr("nondeterminism")));
  EXPECT_FALSE(result.replay_command.empty());
}

TEST(MemoryLeak, PassesTheProgramWithoutTheCycle) {
  const report result = explore(options{}, connect<true>);
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(MemoryLeak, IsNoneWhereItIsNotAskedFor) {
  const report result = explore(options{.leaks = false}, connect<false>);
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(MemoryLeak, OfATaskIsFound) {
  const auto body = [](bool broken) {
    return [broken] {
      heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
      on.block_on([](bool leaks) -> task<> {
        auto spawned = heddle::spawn([](bool leaks_too) -> task<> {
          const std::shared_ptr<session> one = open_session();
          co_await heddle::yield_now();
          if (leaks_too) one->peer = one;
        }(leaks));
        co_await spawned;
      }(broken));
    };
  };
  const report found = explore(options{.schedules = 50}, body(true));
  ASSERT_THAT(found.findings, SizeIs(1)) << found.text();
  EXPECT_EQ(found.findings[0].kind, finding_kind::memory_leak);
  EXPECT_THAT(found.text(), HasSubstr("open_session"));
  const report passed = explore(options{.schedules = 50}, body(false));
  EXPECT_FALSE(passed.failed()) << passed.text();
}

TEST(MemoryLeak, LeavesTheReportToAnotherFinding) {
  const auto body = [] {
    connect<false>();
    std::atomic<int> counter{0};
    const auto add_one = [&] { counter.store(counter.load() + 1); };
    std::thread other(add_one);
    add_one();
    other.join();
    HEDDLE_CHECK(counter.load() == 2);
  };
  const report result = explore(options{}, body);
  ASSERT_THAT(result.findings, SizeIs(1)) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::assertion) << result.text();
}

TEST(MemoryLeak, IsReportedAfterAllSchedulesWithTheFirstThatLeaked) {
  const report result = explore(options{.schedules = 100, .tokens = heddle::check::token_form::full}, connect<false>);
  ASSERT_THAT(result.findings, SizeIs(1)) << result.text();
  EXPECT_EQ(result.findings[0].schedule, 0U);
  EXPECT_EQ(result.schedules, 100U);
}

// ---------------------------------------------------------------- coroutines

// The handle of whoever waits for a button that nobody presses.
struct button {
  std::coroutine_handle<> waiting;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiting = handle; }
  void await_resume() const noexcept {}
  void press() { std::exchange(waiting, nullptr).resume(); }
};

struct fire_and_forget {
  struct promise_type {
    fire_and_forget get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

[[gnu::noinline]] fire_and_forget count_presses(button& of, int& presses) {
  co_await of;
  ++presses;
}

template <bool Fixed>
void wait_for_button() {
  button one;
  int presses = 0;
  count_presses(one, presses);
  if (Fixed) one.press();
}

TEST(FrameLeak, OfACoroutineThatIsNeverResumedNamesItAndItsCaller) {
  const report result = explore(options{.schedules = 10}, wait_for_button<false>);
  ASSERT_THAT(result.findings, SizeIs(1)) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::frame_leak);
  const std::string text = result.text();
  EXPECT_THAT(text, ContainsRegex("frame-leak in [^:]*: a coroutine frame of [0-9]+ bytes is never destroyed: nothing "
                                  "leads to it when the execution ends\n *whoever is given the handle"));
  EXPECT_THAT(text,
              ContainsRegex("stack of thread 0, where it called a coroutine that is suspended since, with a frame "
                            "of [0-9]+ bytes:\n"
                            "[^:]*leaks_explore_test.cpp:[0-9]+  count_presses\n"
                            ".*leaks_explore_test.cpp:[0-9]+  wait_for_button"));
}

TEST(FrameLeak, PassesTheCoroutineThatIsResumed) {
  const report result = explore(options{.schedules = 10}, wait_for_button<true>);
  EXPECT_FALSE(result.failed()) << result.text();
}

// A task that owns the object which owns it.
struct connection {
  std::optional<task<>> reader;
};

task<> read_from([[maybe_unused]] std::shared_ptr<connection> kept) {
  co_await heddle::yield_now();
}

template <bool Fixed>
task<> serve() {
  const auto one = std::make_shared<connection>();
  one->reader.emplace(read_from(one));
  if (Fixed) {
    task<> reader = std::move(*one->reader);
    one->reader.reset();
    co_await reader;
  }
}

template <bool Fixed>
void run_server() {
  heddle::runtime::builder().multi_thread().worker_threads(2).build().block_on(serve<Fixed>());
}

TEST(FrameLeak, OfATaskThatOwnsItsOwnerIsFound) {
  const report result = explore(options{.schedules = 50}, run_server<false>);
  ASSERT_THAT(result.findings, SizeIs(1)) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::frame_leak);
  const std::string text = result.text();
  EXPECT_THAT(text, HasSubstr("with a block of "));
  EXPECT_THAT(text, ContainsRegex("leaks_explore_test.cpp:[0-9]+  read_from\n.*leaks_explore_test.cpp:[0-9]+  serve"));
  const report passed = explore(options{.schedules = 50}, run_server<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// An awaitable of another library that forgets who waits for it.
struct forgetful {
  bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] void await_suspend(std::coroutine_handle<> handle) const noexcept {
    void* volatile known = handle.address();
    HEDDLE_CHECK(known != nullptr);
  }
  void await_resume() const noexcept {}
};

TEST(FrameLeak, OfAForeignAwaitableThatForgetsItsHandleIsFound) {
  const report result = explore(options{.schedules = 50}, [] {
    heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on([]() -> task<> {
      auto waiting = heddle::spawn([]() -> task<> {
        auto never = heddle::from_awaitable(forgetful());
        co_await never;
      }());
      co_await heddle::yield_now();
      waiting.abort();
      static_cast<void>(co_await waiting);
    }());
  });
  // In a schedule that aborts the task before its first poll, nothing was awaited.
  ASSERT_THAT(result.findings, SizeIs(1)) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::frame_leak) << result.text();
}

// A runtime of one thread that nobody destroys, with a task in it.
TEST(FrameLeak, OfATaskThatItsRuntimeNeverEndsTellsWhereItWasSpawnedAndWhatItAwaits) {
  const auto body = [](bool broken) {
    return [broken] {
      auto on = std::make_unique<heddle::runtime>(heddle::runtime::builder().current_thread().build());
      on->block_on([]() -> task<> {
        static_cast<void>(heddle::spawn([]() -> task<> { co_await heddle::sleep(std::chrono::hours(1)); }()));
        co_await heddle::yield_now();
      }());
      if (broken) static_cast<void>(on.release());
    };
  };
  const report result = explore(options{.schedules = 20}, body(true));
  ASSERT_THAT(result.findings, SizeIs(1)) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::frame_leak);
  const std::string text = result.text();
  EXPECT_THAT(text, ContainsRegex("frame-leak in [^:]*: task [0-9]+ never ends: nothing leads to it when the execution "
                                  "ends"));
  EXPECT_THAT(text, ContainsRegex("unfinished tasks:\n *task [0-9]+ waits for [^\n]*, spawned at "
                                  "[^\n]*leaks_explore_test.cpp:[0-9]+\n *at [^\n]*leaks_explore_test.cpp:[0-9]+"));
  const report passed = explore(options{.schedules = 20}, body(false));
  EXPECT_FALSE(passed.failed()) << passed.text();
}

}  // namespace
