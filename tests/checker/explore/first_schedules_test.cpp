// What the fixed schedules of a portfolio find, whatever the seed: on threads, and on tasks of two workers.
#include "heddle/check.hpp"
#include "heddle/runtime.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace {

namespace check = heddle::check;
using heddle::task;

// Whether the default strategy finds a failure in so many schedules, with each of 20 seeds.
bool is_found_within(std::uint64_t schedules, const std::function<void()>& body) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const check::options how{.schedules = schedules, .seed = seed, .races = false, .audit = 0, .minimise = false};
    if (!check::explore(how, body).failed()) return false;
  }
  return true;
}

// The two of a pair: the second is the first put right.
template <typename Program>
void expect_found_within(std::uint64_t schedules, Program program) {
  EXPECT_TRUE(is_found_within(schedules, [&] { program(true); }));
  EXPECT_FALSE(check::explore({.schedules = 200}, [&] { program(false); }).failed());
}

template <typename Root>
void on_two_workers(Root root) {
  auto on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
  on.block_on(root());
}

// ---------------------------------------------------------------- threads

void with_two_threads(const std::function<void()>& first, const std::function<void()>& second) {
  std::thread one(first);
  std::thread two(second);
  one.join();
  two.join();
}

TEST(FirstSchedules, ACheckThatIsOutOfDateIsFoundByTheFirst) {
  expect_found_within(1, [](bool broken) {
    std::atomic<int> balance{100};
    const auto withdraw = [&] {
      int seen = balance.load();
      if (broken) {
        if (seen >= 80) balance.fetch_sub(80);
      } else {
        while (seen >= 80 && !balance.compare_exchange_weak(seen, seen - 80)) {
        }
      }
    };
    with_two_threads(withdraw, withdraw);
    HEDDLE_CHECK(balance.load() >= 0);
  });
}

// One of many stands between its two stores while another looks.
TEST(FirstSchedules, WhatOneOfManyLeavesHalfDoneIsFoundByTheSecond) {
  expect_found_within(2, [](bool broken) {
    std::mutex lock;
    std::atomic<int> a{0};
    std::atomic<int> b{0};
    const auto whole = [&](auto work) {
      std::unique_lock held(lock, std::defer_lock);
      if (!broken) held.lock();
      work();
    };
    std::array<std::thread, 10> writers;
    for (std::thread& one : writers) one = std::thread([&] { whole([&] { b.store(a.fetch_add(1) + 1); }); });
    std::thread reader([&] {
      whole([&] {
        const int seen = a.load();
        HEDDLE_CHECK(seen == 0 || b.load() > 0);
      });
    });
    for (std::thread& one : writers) one.join();
    reader.join();
  });
}

TEST(FirstSchedules, AThreadThatRunsFarAheadIsFoundByTheFifth) {
  expect_found_within(5, [](bool broken) {
    std::atomic<int> steps{0};
    int seen = 0;
    const auto step = [&] {
      for (int i = 1; i <= 21; ++i) steps.store(i);
    };
    with_two_threads(step, [&] { seen = steps.load(); });
    HEDDLE_CHECK(!broken || seen != 21);
  });
}

TEST(FirstSchedules, AFlagThatIsSeenBeforeWhatItStandsForIsFoundByTheFifth) {
  expect_found_within(5, [](bool broken) {
    std::atomic<int> value{0};
    std::atomic<bool> made{false};
    const auto publishing = broken ? std::memory_order_relaxed : std::memory_order_release;
    const auto looking = broken ? std::memory_order_relaxed : std::memory_order_acquire;
    with_two_threads(
        [&] {
          value.store(42, std::memory_order_relaxed);
          made.store(true, publishing);
        },
        [&] {
          if (made.load(looking)) HEDDLE_CHECK(value.load(std::memory_order_relaxed) == 42);
        });
  });
}

// What was started begins although its creator never waits for it.
TEST(FirstSchedules, WhoSpinsForWhatItStartedIsNoFinding) {
  const check::report report = check::explore({.schedules = 20, .steps_max = 10'000}, [] {
    std::atomic<int> ready{0};
    std::thread one([&] { ready.fetch_add(1); });
    std::thread two([&] { ready.fetch_add(1); });
    while (ready.load() != 2) {
    }
    one.join();
    two.join();
  });
  EXPECT_FALSE(report.failed());
}

// ---------------------------------------------------------------- tasks

using number = std::shared_ptr<std::atomic<int>>;

task<> withdraw(number balance, bool broken) {
  int seen = balance->load();
  if (broken) {
    if (seen >= 80) balance->fetch_sub(80);
  } else {
    while (seen >= 80 && !balance->compare_exchange_weak(seen, seen - 80)) {
    }
  }
  co_return;
}

TEST(FirstSchedules, ACheckThatAnotherTaskOutdatesIsFoundByTheSecond) {
  expect_found_within(2, [](bool broken) {
    on_two_workers([broken]() -> task<> {
      auto balance = std::make_shared<std::atomic<int>>(100);
      auto one = heddle::spawn(withdraw(balance, broken));
      auto two = heddle::spawn(withdraw(balance, broken));
      static_cast<void>(co_await one);
      static_cast<void>(co_await two);
      HEDDLE_CHECK(balance->load() >= 0);
    });
  });
}

TEST(FirstSchedules, AnUpdateThatIsLostOverAnAwaitIsFoundByTheSecond) {
  const auto add = [](number to, bool broken) -> task<> {
    const int seen = to->load();
    co_await heddle::yield_now();
    if (broken) {
      to->store(seen + 1);
    } else {
      to->fetch_add(1);
    }
  };
  expect_found_within(2, [add](bool broken) {
    on_two_workers([add, broken]() -> task<> {
      auto sum = std::make_shared<std::atomic<int>>(0);
      auto one = heddle::spawn(add(sum, broken));
      auto two = heddle::spawn(add(sum, broken));
      static_cast<void>(co_await one);
      static_cast<void>(co_await two);
      HEDDLE_CHECK(sum->load() == 2);
    });
  });
}

// Done once, by somebody else. Broken: it looks first, and keeps the waker then.
struct event {
  void set() {
    done.store(true);
    std::optional<heddle::waker> woken;
    {
      const std::lock_guard held(lock);
      woken = std::exchange(waiting, std::nullopt);
    }
    if (woken) std::move(*woken).wake();
  }
  heddle::poll_result<> poll(heddle::context& cx) {
    if (done.load()) return heddle::ready;
    {
      const std::lock_guard held(lock);
      waiting = cx.get_waker().clone();
    }
    return !broken && done.load() ? heddle::poll_result<>(heddle::ready) : heddle::poll_result<>(heddle::pending);
  }

  bool broken = false;
  std::atomic<bool> done{false};
  std::mutex lock;
  std::optional<heddle::waker> waiting;  // under lock
};

std::shared_ptr<event> made(bool broken) {
  auto result = std::make_shared<event>();
  result->broken = broken;
  return result;
}

task<> wait_for(std::shared_ptr<event> what) {
  co_await *what;
}

task<> set(std::shared_ptr<event> what) {
  what->set();
  co_return;
}

template <typename First, typename Second>
task<> spawn_both(std::shared_ptr<event> what, First first, Second second) {
  auto one = heddle::spawn(first(what));
  auto two = heddle::spawn(second(what));
  static_cast<void>(co_await one);
  static_cast<void>(co_await two);
}

TEST(FirstSchedules, AWakerThatIsKeptTooLateIsFoundByTheSecond) {
  expect_found_within(
      2, [](bool broken) { on_two_workers([broken] { return spawn_both(made(broken), &wait_for, &set); }); });
}

TEST(FirstSchedules, AWakerThatIsKeptTooLateByTheYoungerTaskIsFoundByTheEleventh) {
  expect_found_within(
      11, [](bool broken) { on_two_workers([broken] { return spawn_both(made(broken), &set, &wait_for); }); });
}

}  // namespace
