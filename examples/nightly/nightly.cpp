// Ten bugs of ten kinds, for a night's work: `heddle fuzz` finds each once, and goes on.
//
// NIGHTLY_FIVE_FIXED mends the first five. Run over the same corpus, the next night says that exactly those are fixed.
#include "heddle/gtest.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

#ifdef NIGHTLY_FIVE_FIXED
constexpr bool fixed = true;
#else
constexpr bool fixed = false;
#endif

using heddle::check::options;

// assertion: two increments, each in two steps.
HEDDLE_TEST(Night, LostUpdate) {
  std::atomic<int> count{0};
  const auto add = [&] {
    if (fixed) {
      count.fetch_add(1);
    } else {
      count.store(count.load() + 1);
    }
  };
  std::thread other(add);
  add();
  other.join();
  HEDDLE_CHECK(count.load() == 2);
}

// data-race: a flag that is no atomic.
HEDDLE_TEST(Night, PlainFlag) {
  bool done = false;
  std::mutex mutex;
  std::thread other([&] {
    const std::lock_guard lock(mutex);
    done = true;
  });
  if (fixed) {
    const std::lock_guard lock(mutex);
    static_cast<void>(done);
  } else {
    volatile bool seen = done;
    static_cast<void>(seen);
  }
  other.join();
}

// deadlock: two locks in two orders.
HEDDLE_TEST(Night, TwoLocks) {
  std::mutex left;
  std::mutex right;
  std::thread other([&] {
    const std::lock_guard first(fixed ? left : right);
    const std::lock_guard second(fixed ? right : left);
  });
  {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  }
  other.join();
}

// lost-wakeup: a wait without a condition.
HEDDLE_TEST(Night, ForgetfulWait) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::thread other([&] {
    const std::lock_guard lock(mutex);
    ready = true;
    changed.notify_one();
  });
  {
    std::unique_lock lock(mutex);
    if (fixed) {
      changed.wait(lock, [&] { return ready; });
    } else {
      changed.wait(lock);
    }
  }
  other.join();
}

// use-after-free: the owner leaves before the borrower. Where the two race it is a data race as well, which is not
// looked for here.
HEDDLE_TEST_WITH(Night, EarlyOwner, options{.races = false}) {
  auto value = std::make_shared<std::atomic<int>>(7);
  std::thread other([keeps = fixed ? value : nullptr, borrows = value.get()] { borrows->fetch_add(1); });
  value.reset();
  other.join();
}

// memory-leak: whoever comes second replaces what the first one made.
HEDDLE_TEST(Night, TwoMakers) {
  std::atomic<int*> made{nullptr};
  const auto make = [&] {
    if (made.load() == nullptr) made.store(new int(1));
  };
  std::thread other(make);
  make();
  other.join();
  delete made.load();
}

// crash: a pointer that is not there yet.
HEDDLE_TEST(Night, TooEarly) {
  int value = 0;
  std::atomic<int*> place{nullptr};
  std::thread other([&] { place.store(&value); });
  *place.load() = 1;
  other.join();
}

// livelock: each waits for the other to begin.
HEDDLE_TEST_WITH(Night, AfterYou, options{.steps_max = 20'000}) {
  std::atomic<bool> mine{false};
  std::atomic<bool> theirs{false};
  const auto polite = [](std::atomic<bool>& own, const std::atomic<bool>& other) {
    while (!other.load()) std::this_thread::yield();
    own.store(true);
  };
  std::thread first(polite, std::ref(mine), std::cref(theirs));
  std::thread second(polite, std::ref(theirs), std::cref(mine));
  first.join();
  second.join();
}

// exception: nobody catches it on that thread.
HEDDLE_TEST(Night, Uncaught) {
  std::atomic<int> stock{1};
  const auto buy = [&] {
    if (stock.fetch_sub(1) <= 0) throw std::runtime_error("sold out");
  };
  std::thread other(buy);
  try {
    buy();
  } catch (const std::runtime_error&) {
    // Here it is expected.
  }
  other.join();
}

// blocking-stall: a task that sleeps with its worker.
heddle::task<> sleep_with_the_worker() {
  std::this_thread::sleep_for(std::chrono::seconds(1));
  co_return;
}

HEDDLE_ASYNC_TEST(Night, SleepyTask) {
  auto sleeper = heddle::spawn(sleep_with_the_worker());
  EXPECT_TRUE(co_await sleeper);
}

}  // namespace
