// The first door: everything the C++ standard library needs of the system for threads arrives at the
// machine, although libstdc++.so was compiled by others. Each body here waits for simulated threads or
// simulated time, so that it could not end, or not in time, if a call reached the real function.
#include "../support.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

using namespace std::chrono_literals;

template <typename Body>
void expect_sound(Body body, std::uint64_t schedules = 100) {
  const summary all = run_schedules(schedules, body);
  EXPECT_EQ(all.failed, 0u) << (all.failures.empty() ? "" : all.failures[0].message);
}

template <typename Mutex>
void expect_mutual_exclusion() {
  expect_sound([] {
    Mutex mutex;
    std::atomic<int> inside{0};
    const auto enter = [&] {
      for (int i = 0; i < 3; ++i) {
        const std::lock_guard lock(mutex);
        check(inside.fetch_add(1) == 0, "two threads are inside");
        inside.fetch_sub(1);
      }
    };
    std::thread one(enter);
    std::thread two(enter);
    enter();
    one.join();
    two.join();
  });
}

TEST(StandardLibrary, mutexes_exclude) {
  expect_mutual_exclusion<std::mutex>();
  expect_mutual_exclusion<std::recursive_mutex>();
  expect_mutual_exclusion<std::timed_mutex>();
  expect_mutual_exclusion<std::recursive_timed_mutex>();
  expect_mutual_exclusion<std::shared_mutex>();
  expect_mutual_exclusion<std::shared_timed_mutex>();
}

TEST(StandardLibrary, recursive_mutexes_count) {
  expect_sound([] {
    std::recursive_mutex mutex;
    mutex.lock();
    mutex.lock();
    std::thread other([&] { check(!mutex.try_lock(), "taken by another thread"); });
    other.join();
    mutex.unlock();
    std::thread again([&] { check(!mutex.try_lock(), "released too early"); });
    again.join();
    mutex.unlock();
    check(mutex.try_lock(), "not released");
    mutex.unlock();
  });
}

TEST(StandardLibrary, timed_mutexes_run_out_in_simulated_time) {
  expect_sound([] {
    std::timed_mutex mutex;
    mutex.lock();
    std::thread other([&] {
      const auto before = std::chrono::steady_clock::now();
      check(!mutex.try_lock_for(1h), "taken though it is held");
      check(std::chrono::steady_clock::now() - before == 1h, "not at its deadline");
    });
    other.join();
    mutex.unlock();
  });
}

TEST(StandardLibrary, a_timed_lock_succeeds_when_the_holder_lets_go_in_time) {
  expect_sound([] {
    std::timed_mutex mutex;
    mutex.lock();
    std::thread other([&] { check(mutex.try_lock_for(1h), "not taken"), mutex.unlock(); });
    std::this_thread::sleep_for(30min);
    mutex.unlock();
    other.join();
  });
}

TEST(StandardLibrary, readers_share_and_writers_do_not) {
  bool shared_once = false;
  expect_sound([&] {
    std::shared_mutex mutex;
    std::atomic<int> readers{0};
    std::atomic<int> writers{0};
    std::atomic<bool> together{false};
    const auto read = [&] {
      const std::shared_lock lock(mutex);
      if (readers.fetch_add(1) == 1) together = true;
      check(writers.load() == 0, "a reader beside a writer");
      readers.fetch_sub(1);
    };
    const auto write = [&] {
      const std::unique_lock lock(mutex);
      check(writers.fetch_add(1) == 0 && readers.load() == 0, "a writer beside another thread");
      writers.fetch_sub(1);
    };
    std::thread one(read);
    std::thread two(read);
    std::thread three(write);
    one.join();
    two.join();
    three.join();
    if (together.load()) shared_once = true;
  });
  EXPECT_TRUE(shared_once);
}

TEST(StandardLibrary, condition_variables_hand_over) {
  expect_sound([] {
    std::mutex mutex;
    std::condition_variable condition;
    int turn = 0;
    std::thread other([&] {
      for (int i = 0; i < 3; ++i) {
        std::unique_lock lock(mutex);
        condition.wait(lock, [&] { return turn == 1; });
        turn = 0;
        condition.notify_all();
      }
    });
    for (int i = 0; i < 3; ++i) {
      std::unique_lock lock(mutex);
      turn = 1;
      condition.notify_all();
      condition.wait(lock, [&] { return turn == 0; });
    }
    other.join();
  });
}

TEST(StandardLibrary, notify_one_may_wake_any_waiter) {
  std::set<int> first;
  run_schedules(200, [&] {
    std::mutex mutex;
    std::condition_variable condition;
    int tokens = 0;
    int winner = 0;
    const auto wait = [&](int number) {
      std::unique_lock lock(mutex);
      condition.wait(lock, [&] { return tokens > 0; });
      --tokens;
      if (winner == 0) winner = number;
    };
    std::thread one([&] { wait(1); });
    std::thread two([&] { wait(2); });
    std::this_thread::sleep_for(1s);
    for (int i = 0; i < 2; ++i) {
      const std::lock_guard lock(mutex);
      ++tokens;
      condition.notify_one();
    }
    one.join();
    two.join();
    const host_scope host;
    first.insert(winner);
  });
  EXPECT_EQ(first, (std::set<int>{1, 2}));
}

TEST(StandardLibrary, condition_variable_any_works_with_a_stop_token) {
  expect_sound([] {
    std::shared_mutex mutex;
    std::condition_variable_any condition;
    std::jthread worker([&](const std::stop_token& stop) {
      std::unique_lock lock(mutex);
      check(!condition.wait(lock, stop, [] { return false; }), "woken without a reason");
    });
    std::this_thread::sleep_for(1s);
  });
}

TEST(StandardLibrary, futures_promises_and_async_deliver) {
  expect_sound([] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::thread giver([&] { promise.set_value(1); });
    auto computed = std::async(std::launch::async, [] {
      std::this_thread::sleep_for(1h);
      return 2;
    });
    check(computed.wait_for(1min) == std::future_status::timeout, "done too early");
    check(future.get() + computed.get() == 3, "wrong values");
    giver.join();
    std::promise<int> broken;
    std::future<int> failing = broken.get_future();
    std::thread thrower([&] { broken.set_exception(std::make_exception_ptr(7)); });
    try {
      failing.get();
      check(false, "no exception");
    } catch (int value) {
      check(value == 7, "another exception");
    }
    thrower.join();
  });
}

TEST(StandardLibrary, latches_barriers_and_semaphores_meet) {
  expect_sound([] {
    std::latch latch(3);
    std::barrier barrier(3);
    std::counting_semaphore<3> semaphore(0);
    std::atomic<int> arrived{0};
    const auto meet = [&] {
      arrived.fetch_add(1);
      latch.arrive_and_wait();
      check(arrived.load() == 3, "the latch opened early");
      barrier.arrive_and_wait();
      semaphore.release();
      barrier.arrive_and_wait();
    };
    std::thread one(meet);
    std::thread two(meet);
    meet();
    for (int i = 0; i < 3; ++i) semaphore.acquire();
    check(!semaphore.try_acquire_for(1h), "one permit too many");
    one.join();
    two.join();
  });
}

TEST(StandardLibrary, atomic_wait_and_notify_meet) {
  expect_sound([] {
    std::atomic<int> value{0};
    std::thread waiter([&] {
      value.wait(0);
      check(value.load() == 1, "woken by nothing");
    });
    value.store(1);
    value.notify_one();
    waiter.join();
  });
}

TEST(StandardLibrary, call_once_and_static_locals_run_once) {
  expect_sound([] {
    std::once_flag flag;
    std::atomic<int> calls{0};
    const auto call = [&] {
      std::call_once(flag, [&] { calls.fetch_add(1); });
      check(calls.load() == 1, "not once, or not before the return");
    };
    std::thread one(call);
    std::thread two(call);
    call();
    one.join();
    two.join();
  });
}

TEST(StandardLibrary, call_once_is_tried_again_after_an_exception) {
  expect_sound([] {
    std::once_flag flag;
    std::atomic<int> calls{0};
    const auto call = [&] {
      try {
        std::call_once(flag, [&] {
          if (calls.fetch_add(1) == 0) throw 1;
        });
      } catch (int) {
        check(calls.load() >= 1, "an exception from nowhere");
      }
    };
    std::thread one(call);
    std::thread two(call);
    one.join();
    two.join();
    call();
    check(calls.load() == 2, "the second attempt did not happen, or a third did");
  });
}

int made_late() {
  static const int value = [] {
    std::this_thread::sleep_for(1h);
    return 5;
  }();
  return value;
}

TEST(StandardLibrary, a_static_local_being_made_holds_up_the_others) {
  expect_sound([] {
    std::thread one([] { check(made_late() == 5, "not made"); });
    check(made_late() == 5, "not made");
    one.join();
  });
}

thread_local int per_thread = 10;
struct counts_destructions {
  explicit counts_destructions(std::atomic<int>*& where) : slot(where) {}
  ~counts_destructions() { slot->fetch_add(1); }
  std::atomic<int>*& slot;
};
std::atomic<int>* destructions = nullptr;

TEST(StandardLibrary, thread_locals_belong_to_virtual_threads) {
  expect_sound([] {
    check(per_thread == 10, "the body starts with another thread's value");
    std::atomic<int> count{0};
    destructions = &count;
    const auto use = [](int value) {
      check(per_thread == 10, "a thread starts with another thread's value");
      thread_local counts_destructions local(destructions);
      static_cast<void>(&local);
      per_thread = value;
      std::this_thread::yield();
      check(per_thread == value, "another thread wrote it");
    };
    std::thread one(use, 1);
    std::thread two(use, 2);
    one.join();
    two.join();
    check(count.load() == 2, "thread_local destructors did not run at the threads' ends");
    per_thread = 99;
  });
  EXPECT_EQ(per_thread, 10);
}

TEST(StandardLibrary, threads_have_identities_of_their_own) {
  expect_sound([] {
    const std::thread::id mine = std::this_thread::get_id();
    std::thread::id theirs;
    std::thread other([&] { theirs = std::this_thread::get_id(); });
    const std::thread::id announced = other.get_id();
    other.join();
    check(mine != theirs && theirs == announced, "identities mixed up");
    check(std::thread::hardware_concurrency() == 4, "the machine has four processors");
  });
}

}  // namespace
}  // namespace heddle::sim::testing
