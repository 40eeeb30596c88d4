// The watch channel on the simulated machine.
#include "heddle/runtime/watch.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::poll_once_and_drop;
using test::tracked;

// How far a receiver got before the sender went.
int follow(watch::receiver<int> input) {
  int latest = 0;
  while (drive(input.changed()).has_value()) {
    const int now = *input.borrow_and_update();
    HEDDLE_CHECK(now >= latest);
    latest = now;
  }
  return latest;
}

HEDDLE_TEST_WITH(watch_simulated, followers_come_to_the_last_value, every_operation(4000)) {
  auto [tx, rx] = watch::channel<int>(0);
  std::thread one([input = rx]() mutable { HEDDLE_CHECK(follow(std::move(input)) == 2); });
  std::thread two([input = std::move(rx)]() mutable { HEDDLE_CHECK(follow(std::move(input)) == 2); });
  HEDDLE_CHECK(tx.send(1).has_value() && tx.send(2).has_value());
  {
    const auto dropped = std::move(tx);
  }
  one.join();
  two.join();
}

TEST(watch_simulated, a_change_and_a_look_in_every_order) {
  test::explore_all([] {
    auto [tx, rx] = watch::channel<int>(0);
    std::thread sending([output = std::move(tx)]() mutable { HEDDLE_CHECK(output.send(1).has_value()); });
    HEDDLE_CHECK(drive(rx.changed()).has_value());
    HEDDLE_CHECK(*rx.borrow() == 1);
    sending.join();
  });
}

HEDDLE_TEST_WITH(watch_simulated, a_wait_dropped_at_any_moment_marks_nothing_as_seen, every_operation(4000)) {
  auto [tx, rx] = watch::channel<int>(0);
  std::thread sending([output = std::move(tx)]() mutable { HEDDLE_CHECK(output.send(1).has_value()); });
  if (!poll_once_and_drop(rx.changed())) HEDDLE_CHECK(drive(rx.changed()).has_value());
  HEDDLE_CHECK(!drive(rx.changed()).has_value());
  sending.join();
}

HEDDLE_TEST_WITH(watch_simulated, values_are_destroyed_once_whoever_goes_first, every_operation(4000)) {
  std::atomic<int> alive = 0;
  {
    auto [tx, rx] = watch::channel<tracked>(tracked(alive, 0));
    std::thread sending([&, output = std::move(tx)]() mutable {
      for (int i = 1; i < 3; ++i) {
        const auto sent = output.send(tracked(alive, i));
        HEDDLE_CHECK(sent.has_value() || sent.error().value().number() == i);
      }
      const auto dropped = std::move(output);
    });
    {
      watch::receiver<tracked> input = std::move(rx);
      const auto kept = input.borrow();
      HEDDLE_CHECK(input.borrow()->number() >= kept->number());
    }
    sending.join();
  }
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(watch_simulated, closed_is_ready_when_the_last_receiver_goes, every_operation(3000)) {
  auto [tx, rx] = watch::channel<int>(0);
  std::thread one([input = rx]() mutable { const auto dropped = std::move(input); });
  std::thread two([input = std::move(rx)]() mutable { const auto dropped = std::move(input); });
  drive(tx.closed());
  HEDDLE_CHECK(!tx.send(1).has_value());
  one.join();
  two.join();
}

}  // namespace
}  // namespace heddle
