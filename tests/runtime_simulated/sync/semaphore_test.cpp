// The semaphore on the simulated machine, with one or two permits, so that most schedules wait.
#include "heddle/runtime/semaphore.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::poll_once_and_drop;

HEDDLE_TEST_WITH(semaphore_simulated, never_more_than_its_permits_are_out, every_operation(3000)) {
  sync::semaphore limited(2);
  std::atomic<int> inside = 0;
  const auto enters = [&] {
    auto permit = drive(limited.acquire());
    HEDDLE_CHECK(permit.has_value());
    HEDDLE_CHECK(inside.fetch_add(1) < 2);
    inside.fetch_sub(1);
  };
  std::thread one(enters);
  std::thread two(enters);
  enters();
  one.join();
  two.join();
  HEDDLE_CHECK(limited.available_permits() == 2);
}

TEST(semaphore_simulated, a_release_reaches_who_waits_in_every_order) {
  test::explore_all([] {
    sync::semaphore limited(0);
    std::thread waiting([&] { HEDDLE_CHECK(drive(limited.acquire()).has_value()); });
    limited.add_permits(1);
    waiting.join();
    HEDDLE_CHECK(limited.available_permits() == 1);
  });
}

HEDDLE_TEST_WITH(semaphore_simulated, waiters_dropped_at_any_moment_pass_their_permits_on, every_operation(5000)) {
  sync::semaphore limited(1);
  std::thread dropping([&] {
    static_cast<void>(poll_once_and_drop(limited.acquire()));
    static_cast<void>(poll_once_and_drop(limited.acquire()));
  });
  const auto acquires = [&] { HEDDLE_CHECK(drive(limited.acquire()).has_value()); };
  std::thread one(acquires);
  acquires();
  one.join();
  dropping.join();
  HEDDLE_CHECK(limited.available_permits() == 1);
}

// The one who needs many is dropped: those who need few, and stood behind it, must get their turn.
HEDDLE_TEST_WITH(semaphore_simulated, who_needs_many_and_is_dropped_lets_the_next_pass, every_operation(4000)) {
  sync::semaphore limited(1);
  std::thread greedy([&] { static_cast<void>(poll_once_and_drop(limited.acquire_many(2))); });
  HEDDLE_CHECK(drive(limited.acquire()).has_value());
  greedy.join();
  HEDDLE_CHECK(limited.available_permits() == 1);
}

HEDDLE_TEST_WITH(semaphore_simulated, who_needs_many_is_not_overtaken, every_operation(4000)) {
  sync::semaphore limited(2);
  auto held = drive(limited.acquire());
  test::driver polling;
  auto many = limited.acquire_many(2);
  HEDDLE_CHECK(polling.poll(many).is_pending());
  std::atomic<bool> is_done = false;
  std::thread later([&] {
    auto permit = drive(limited.acquire());
    HEDDLE_CHECK(is_done.load());
  });
  held->release();
  polling.wait();
  auto got = polling.poll(many);
  HEDDLE_CHECK(got.is_ready());
  is_done.store(true);
  std::move(got).value()->release();
  later.join();
}

HEDDLE_TEST_WITH(semaphore_simulated, a_close_reaches_everybody, every_operation(3000)) {
  sync::semaphore limited(0);
  const auto waits = [&] { HEDDLE_CHECK(!drive(limited.acquire()).has_value()); };
  std::thread one(waits);
  std::thread two(waits);
  limited.close();
  one.join();
  two.join();
}

HEDDLE_TEST_WITH(semaphore_simulated, an_owned_permit_may_be_the_last_to_know_its_semaphore, every_operation(2000)) {
  auto limited = std::make_shared<sync::semaphore>(1);
  std::thread waiting([limited]() mutable {
    auto permit = drive(sync::acquire_owned(std::move(limited)));
    HEDDLE_CHECK(permit.has_value());
  });
  {
    auto permit = drive(sync::acquire_owned(std::move(limited)));
    HEDDLE_CHECK(permit.has_value());
  }
  waiting.join();
}

}  // namespace
}  // namespace heddle
