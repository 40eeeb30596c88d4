// The mutex on the simulated machine: exclusion, order, and waiters that are dropped.
#include "heddle/runtime/mutex.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::poll_once_and_drop;

// A counter that nothing but the mutex protects.
HEDDLE_TEST_WITH(mutex_simulated, one_at_a_time_has_the_lock, every_operation(3000)) {
  sync::mutex<int> counter(0);
  const auto adds = [&counter] {
    auto guard = drive(counter.lock());
    ++*guard;
  };
  std::thread one(adds);
  std::thread two(adds);
  adds();
  one.join();
  two.join();
  HEDDLE_CHECK(**counter.try_lock() == 3);
}

TEST(mutex_simulated, an_unlock_reaches_who_waits_in_every_order) {
  test::explore_all([] {
    sync::mutex<> mutex;
    std::thread other([&] { const auto guard = drive(mutex.lock()); });
    {
      const auto guard = drive(mutex.lock());
    }
    other.join();
    HEDDLE_CHECK(mutex.try_lock().has_value());
  });
}

HEDDLE_TEST_WITH(mutex_simulated, waiters_dropped_at_any_moment_pass_the_lock_on, every_operation(5000)) {
  sync::mutex<> mutex;
  std::thread dropping([&] {
    static_cast<void>(poll_once_and_drop(mutex.lock()));
    static_cast<void>(poll_once_and_drop(mutex.lock()));
  });
  const auto locks = [&] { const auto guard = drive(mutex.lock()); };
  std::thread one(locks);
  locks();
  one.join();
  dropping.join();
  HEDDLE_CHECK(mutex.try_lock().has_value());
}

// Whoever comes between: a waiter is passed over once, and the lock is its own at the unlock after that.
HEDDLE_TEST_WITH(mutex_simulated, nobody_overtakes_a_waiter_twice, every_operation(3000)) {
  sync::mutex<> mutex;
  test::driver first;
  auto held = mutex.try_lock();
  auto waiting = mutex.lock();
  HEDDLE_CHECK(first.poll(waiting).is_pending());
  held.reset();
  HEDDLE_CHECK(first.is_woken());
  std::thread overtaking([&] { static_cast<void>(mutex.try_lock()); });
  if (auto polled = first.poll(waiting); polled.is_pending()) {
    overtaking.join();
    HEDDLE_CHECK(!mutex.try_lock().has_value());
    HEDDLE_CHECK(first.poll(waiting).is_ready());
  } else {
    overtaking.join();
  }
  HEDDLE_CHECK(mutex.try_lock().has_value());
}

// Single operations in every order: lock, a waiter that is dropped, and one that waits.
TEST(mutex_simulated, a_dropped_waiter_loses_no_wakeup_in_any_order) {
  test::explore_all([] {
    sync::mutex<> mutex;
    std::thread other([&] { const auto guard = drive(mutex.lock()); });
    auto held = mutex.try_lock();
    static_cast<void>(poll_once_and_drop(mutex.lock()));
    held.reset();
    other.join();
    HEDDLE_CHECK(mutex.try_lock().has_value());
  });
}

HEDDLE_TEST_WITH(mutex_simulated, wakers_may_call_back, every_operation(500)) {
  sync::mutex<> mutex;
  const test::calling_back calls([&mutex] { static_cast<void>(mutex.try_lock()); });
  const waker current = calls.make();
  context cx(current);
  auto held = mutex.try_lock();
  auto waiting = mutex.lock();
  HEDDLE_CHECK(waiting.poll(cx).is_pending());
  held.reset();
  HEDDLE_CHECK(waiting.poll(cx).is_ready());
}

}  // namespace
}  // namespace heddle
