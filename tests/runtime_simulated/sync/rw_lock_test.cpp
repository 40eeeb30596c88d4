// The reader-writer lock on the simulated machine.
#include "heddle/runtime/rw_lock.hpp"

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

// The guarded int is not atomic: without exclusion it is a data race as well.
HEDDLE_TEST_WITH(rw_lock_simulated, writers_are_alone, every_operation(3000)) {
  sync::rw_lock<int> guarded(0);
  const auto writes = [&] {
    for (int i = 0; i < 2; ++i) {
      auto guard = drive(guarded.write());
      ++*guard;
    }
  };
  std::thread one(writes);
  std::thread two(writes);
  const int seen = drive(guarded.with_read([](const int& value) { return value; }));
  HEDDLE_CHECK(seen >= 0 && seen <= 4);
  one.join();
  two.join();
  HEDDLE_CHECK(*drive(guarded.read()) == 4);
}

TEST(rw_lock_simulated, a_reader_and_a_writer_in_every_order) {
  test::explore_all([] {
    sync::rw_lock<int> guarded(0);
    std::thread writing([&] { *drive(guarded.write()) = 1; });
    const int seen = *drive(guarded.read());
    HEDDLE_CHECK(seen == 0 || seen == 1);
    writing.join();
  });
}

HEDDLE_TEST_WITH(rw_lock_simulated, a_writer_that_waits_comes_before_later_readers, every_operation(3000)) {
  sync::rw_lock<int> guarded(0);
  auto held = drive(guarded.read());
  test::driver polling;
  auto writing = guarded.write();
  HEDDLE_CHECK(polling.poll(writing).is_pending());
  std::thread later([&] { HEDDLE_CHECK(*drive(guarded.read()) == 1); });
  held.unlock();
  polling.wait();
  auto got = polling.poll(writing);
  *got.value() = 1;
  std::move(got).value().unlock();
  later.join();
}

HEDDLE_TEST_WITH(rw_lock_simulated, waiters_dropped_at_any_moment_lose_no_lock, every_operation(5000)) {
  sync::rw_lock<int> guarded(0);
  std::thread dropping([&] {
    static_cast<void>(poll_once_and_drop(guarded.write()));
    static_cast<void>(poll_once_and_drop(guarded.read()));
  });
  std::thread reading([&] { HEDDLE_CHECK(*drive(guarded.read()) <= 1); });
  *drive(guarded.write()) = 1;
  dropping.join();
  reading.join();
  HEDDLE_CHECK(guarded.try_write().has_value());
}

HEDDLE_TEST_WITH(rw_lock_simulated, a_downgrade_lets_no_writer_in_between, every_operation(3000)) {
  sync::rw_lock<int> guarded(0);
  std::thread writing([&] { *drive(guarded.write()) = 2; });
  auto guard = drive(guarded.write());
  *guard = 1;
  auto reading = guard.downgrade();
  HEDDLE_CHECK(*reading == 1);
  reading.unlock();
  writing.join();
  HEDDLE_CHECK(*drive(guarded.read()) >= 1);
}

}  // namespace
}  // namespace heddle
