// The permit rules of notify on the simulated machine.
#include "heddle/runtime/notify.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"

#include <atomic>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::poll_once_and_drop;

TEST(notify_simulated, one_notification_reaches_one_waiter_in_every_order) {
  test::explore_all([] {
    sync::notify changed;
    std::thread waiting([&] { drive(changed.notified()); });
    changed.notify_one();
    waiting.join();
    HEDDLE_CHECK(!poll_once_and_drop(changed.notified()));
  });
}

HEDDLE_TEST_WITH(notify_simulated, two_notifications_reach_two_who_wait_already, every_operation(3000)) {
  sync::notify changed;
  test::driver first;
  test::driver second;
  auto one = changed.notified();
  auto two = changed.notified();
  HEDDLE_CHECK(first.poll(one).is_pending());
  HEDDLE_CHECK(second.poll(two).is_pending());
  std::thread notifying([&] { changed.notify_one(); });
  changed.notify_one();
  first.wait();
  second.wait();
  HEDDLE_CHECK(first.poll(one).is_ready());
  HEDDLE_CHECK(second.poll(two).is_ready());
  notifying.join();
  HEDDLE_CHECK(!poll_once_and_drop(changed.notified()));
}

// Tokio #3652: who was notified and is dropped without looking.
HEDDLE_TEST_WITH(notify_simulated, a_waiter_dropped_at_any_moment_passes_the_notification_on, every_operation(4000)) {
  sync::notify changed;
  std::atomic<bool> dropped_one_had_it = false;
  std::thread dropping([&] { dropped_one_had_it.store(poll_once_and_drop(changed.notified())); });
  std::thread notifying([&] { changed.notify_one(); });
  notifying.join();
  dropping.join();
  // The notification is with the dropped one, which was ready, or stored.
  HEDDLE_CHECK(poll_once_and_drop(changed.notified()) != dropped_one_had_it.load());
}

HEDDLE_TEST_WITH(notify_simulated, a_dropped_waiter_hands_its_notification_to_the_next, every_operation(4000)) {
  sync::notify changed;
  std::thread dropping([&] {
    if (poll_once_and_drop(changed.notified())) changed.notify_one();
  });
  std::thread waiting([&] { drive(changed.notified()); });
  changed.notify_one();
  waiting.join();
  dropping.join();
}

HEDDLE_TEST_WITH(notify_simulated, all_who_called_notified_before_are_woken, every_operation(4000)) {
  sync::notify changed;
  std::atomic<bool> is_set = false;
  const auto waits = [&] {
    auto notified = changed.notified();
    if (!is_set.load()) drive(notified);
  };
  std::thread one(waits);
  std::thread two(waits);
  is_set.store(true);
  changed.notify_waiters();
  one.join();
  two.join();
  HEDDLE_CHECK(!poll_once_and_drop(changed.notified()));
}

// Tokio #7996: who is notified with all others leaves the permit to somebody else.
HEDDLE_TEST_WITH(notify_simulated, who_was_notified_with_all_leaves_the_permit_alone, every_operation(4000)) {
  sync::notify changed;
  auto old = changed.notified();
  std::thread notifying([&] {
    changed.notify_waiters();
    changed.notify_one();
  });
  drive(old);
  // Either the old one was in the queue, or it left the permit.
  drive(changed.notified());
  notifying.join();
}

HEDDLE_TEST_WITH(notify_simulated, waking_all_races_with_dropping_some, every_operation(4000)) {
  sync::notify changed;
  test::driver first;
  std::optional<sync::notified_future> one(changed.notified());
  HEDDLE_CHECK(first.poll(*one).is_pending());
  std::thread waiting([&] { static_cast<void>(poll_once_and_drop(changed.notified())); });
  std::thread dropping([&] { one.reset(); });
  changed.notify_waiters();
  waiting.join();
  dropping.join();
  changed.notify_one();
  HEDDLE_CHECK(poll_once_and_drop(changed.notified()));
}

// Tokio #4129 and #5578: wakers are user code, and may use what they were given to.
HEDDLE_TEST_WITH(notify_simulated, wakers_may_call_back, every_operation(500)) {
  sync::notify changed;
  const test::calling_back target([&changed] { changed.notify_waiters(); });
  const waker current = target.make();
  context cx(current);
  auto polled = changed.notified();
  HEDDLE_CHECK(polled.poll(cx).is_ready());  // its own clone notified it
  test::driver polling;
  auto queued = changed.notified();
  auto other = changed.notified();
  HEDDLE_CHECK(polling.poll(queued).is_pending());
  std::thread notifying([&] { changed.notify_one(); });
  static_cast<void>(other.poll(cx).is_ready());
  notifying.join();
}

}  // namespace
}  // namespace heddle
