// A suite of which nearly every test must fail, each in its own way: failing_suite_test.cpp runs it as a process of its
// own and checks what it prints. A test named Passes... stands behind each that could leave the machine damaged.
#include "heddle/gtest.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using heddle::check::options;

void lose_an_update(std::atomic<int>& count) {
  count.store(count.load() + 1);
}

// The canary: if this test ever passes, the checker finds nothing.
HEDDLE_TEST(Canary, LostUpdate) {
  std::atomic<int> count{0};
  std::thread first([&count] { lose_an_update(count); });
  std::thread second([&count] { lose_an_update(count); });
  first.join();
  second.join();
  EXPECT_EQ(count.load(), 2);
}

HEDDLE_TEST(Failing, Check) {
  std::atomic<int> count{0};
  std::thread other([&count] { lose_an_update(count); });
  lose_an_update(count);
  other.join();
  HEDDLE_CHECK(count.load() == 2);
}

HEDDLE_TEST(Failing, AssertOnAnotherThread) {
  std::thread other([] { ASSERT_EQ(std::string("ripe"), "green") << "apples"; });
  other.join();
}

HEDDLE_TEST(Failing, Deadlock) {
  std::mutex left;
  std::mutex right;
  std::thread other([&] {
    const std::lock_guard first(right);
    const std::lock_guard second(left);
  });
  {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  }
  other.join();
}

HEDDLE_TEST(Failing, LostWakeup) {
  std::mutex mutex;
  std::condition_variable ready;
  std::thread other([&] { ready.notify_one(); });
  {
    std::unique_lock lock(mutex);
    ready.wait(lock);
  }
  other.join();
}

HEDDLE_TEST(Failing, ChoiceOfTheTest) {
  HEDDLE_CHECK(heddle::check::value(1, 2, 3, 4, 5) != 4);
}

// Takes a lock in the first execution of a process only.
int set_up_once() {
  static const int value = [] {
    std::mutex mutex;
    const std::lock_guard lock(mutex);
    return 42;
  }();
  return value;
}

HEDDLE_TEST(Failing, AfterASetUp) {
  EXPECT_EQ(set_up_once(), 42);
  HEDDLE_CHECK(heddle::check::choose(50) != 7);
}

HEDDLE_TEST(Failing, ThrowingBody) {
  throw std::runtime_error("no more apples");
}
HEDDLE_TEST(Intact, PassesAfterAThrowingBody) {
  EXPECT_TRUE(true);
}

HEDDLE_TEST(Failing, ThrowingThread) {
  std::thread other([] { throw std::runtime_error("no more pears"); });
  other.join();
}

[[gnu::noinline]] int overflow(unsigned depth) {
  volatile char page[4096];
  page[0] = 1;
  return depth == 0 ? 0 : overflow(depth - 1) + page[0];
}

HEDDLE_TEST(Failing, StackOverflow) {
  overflow(1U << 30);
}
HEDDLE_TEST(Intact, PassesAfterAStackOverflow) {
  std::thread other([] {});
  other.join();
}

HEDDLE_TEST(Failing, StackOverflowOfAThread) {
  std::thread other([] { overflow(1U << 30); });
  other.join();
}

HEDDLE_TEST(Failing, Exit) {
  std::exit(0);
}
HEDDLE_TEST(Intact, PassesAfterExit) {
  EXPECT_TRUE(true);
}

HEDDLE_TEST_WITH(Failing, NeverEnds, options{.steps_max = 5000}) {
  for (std::atomic<unsigned> turns{0};; turns.fetch_add(1)) std::this_thread::yield();
}

HEDDLE_TEST(Failing, Spins) {
  while (true) std::this_thread::yield();
}
HEDDLE_TEST(Intact, PassesAfterAnEndlessTest) {
  EXPECT_TRUE(true);
}

HEDDLE_TEST_WITH(Failing, Stuck, options{.stuck_after = std::chrono::seconds(1)}) {
  for (volatile bool forever = true; forever;) {
  }
}
HEDDLE_TEST(Intact, PassesAfterAStuckTest) {
  EXPECT_TRUE(true);
}

int runs = 0;

HEDDLE_TEST(Failing, Nondeterminism) {
  std::atomic<int> count{0};
  if (++runs % 2 == 0) count.fetch_add(1);
  count.fetch_add(1);
}

HEDDLE_TEST(Failing, Nested) {
  static_cast<void>(heddle::check::explore(options{}, [] {}));
}

HEDDLE_TEST_WITH(Failing, TooManyThreads, options{.threads_max = 4}) {
  std::array<std::thread, 8> many;
  for (std::thread& one : many) one = std::thread([] {});
  for (std::thread& one : many) one.join();
}

TEST(Failing, SecondExplorationOfOneTest) {
  EXPECT_FALSE(heddle::check::explore(options{}, [] {}).failed());
  const auto second = heddle::check::explore(options{}, [] { HEDDLE_CHECK(heddle::check::choose(3) != 2); });
  EXPECT_FALSE(second.failed()) << second.text();
}

// Two bugs behind each other: who stops at the first never sees the other.
HEDDLE_TEST(Several, Bugs) {
  const bool other = heddle::check::choose(5) == 3;
  if (other) {
    HEDDLE_CHECK(heddle::check::value(false));
  } else {
    HEDDLE_CHECK(heddle::check::choose(5) != 3);
  }
}

void forget(std::size_t size) {
  [[maybe_unused]] char* volatile lost = new char[size];
  lost = nullptr;
}

HEDDLE_TEST(Several, LeakThenBug) {
  forget(1000);
  HEDDLE_CHECK(heddle::check::choose(20) != 7);
}

// A crash ends the process, so this one is run by itself.
int* volatile nowhere = nullptr;

HEDDLE_TEST(Crash, NullPointer) {
  std::thread other([] { *nowhere = 1; });
  other.join();
}

// Rarely, and in most other schedules it fails.
HEDDLE_TEST(Crash, BesideABug) {
  if (heddle::check::choose(40) == 7) *nowhere = 1;
  HEDDLE_CHECK(heddle::check::choose(5) != 3);
}

HEDDLE_TEST(Crash, Abort) {
  std::abort();
}

// In code that is not instrumented: the machine's own, and a library's.
template <typename Operation>
void on_a_thread(Operation operation) {
  std::thread other(operation);
  other.join();
}

std::atomic<int>* volatile no_number = nullptr;
const char* volatile no_text = nullptr;
volatile std::size_t length = 0;
int expected = 0;

HEDDLE_TEST(Crash, Load) {
  on_a_thread([] { return no_number->load(); });
}

HEDDLE_TEST(Crash, Store) {
  on_a_thread([] { no_number->store(1); });
}

HEDDLE_TEST(Crash, FetchAdd) {
  on_a_thread([] { return no_number->fetch_add(1); });
}

HEDDLE_TEST(Crash, Exchange) {
  on_a_thread([] { return no_number->exchange(1); });
}

HEDDLE_TEST(Crash, CompareExchange) {
  on_a_thread([] { return no_number->compare_exchange_strong(expected, 1); });
}

HEDDLE_TEST(Crash, Library) {
  on_a_thread([] { length = std::strlen(no_text); });
}

}  // namespace
