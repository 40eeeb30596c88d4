// The barrier on the simulated machine.
#include "heddle/runtime/barrier.hpp"

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

HEDDLE_TEST_WITH(barrier_simulated, nobody_is_a_phase_ahead_and_one_leads, every_operation(4000)) {
  constexpr int parties = 3;
  sync::barrier phase(parties);
  std::atomic<int> arrived = 0;
  std::atomic<int> leaders = 0;
  const auto takes_part = [&] {
    for (int i = 1; i <= 2; ++i) {
      arrived.fetch_add(1);
      const auto result = drive(phase.wait());
      HEDDLE_CHECK(arrived.load() >= i * parties);
      if (result.is_leader()) leaders.fetch_add(1);
    }
  };
  std::thread one(takes_part);
  std::thread two(takes_part);
  takes_part();
  one.join();
  two.join();
  HEDDLE_CHECK(leaders.load() == 2);
}

// Three are needed and the one that is dropped does not count, whenever that is.
HEDDLE_TEST_WITH(barrier_simulated, a_wait_dropped_at_any_moment_has_not_arrived, every_operation(5000)) {
  sync::barrier phase(3);
  std::thread dropping([&] { HEDDLE_CHECK(!poll_once_and_drop(phase.wait())); });
  test::driver polling;
  auto first = phase.wait();
  HEDDLE_CHECK(polling.poll(first).is_pending());
  dropping.join();
  auto second = phase.wait();
  HEDDLE_CHECK(polling.poll(second).is_pending());
  HEDDLE_CHECK(drive(phase.wait()).is_leader());
  HEDDLE_CHECK(polling.poll(first).is_ready());
  HEDDLE_CHECK(polling.poll(second).is_ready());
}

}  // namespace
}  // namespace heddle
