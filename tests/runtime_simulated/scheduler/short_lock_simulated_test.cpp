// The lock of the set of tasks, in every order of its atomic operations.
#include "drive.hpp"
#include "heddle/gtest.hpp"
#include "scheduler/short_lock.hpp"

#include <mutex>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

HEDDLE_TEST_WITH(short_lock_simulated, one_at_a_time_has_the_lock, test::every_operation(2000)) {
  short_lock lock;
  int guarded = 0;
  const auto adds = [&] {
    for (int i = 0; i < 2; ++i) {
      const std::lock_guard guard(lock);
      ++guarded;
    }
  };
  std::thread one(adds);
  std::thread two(adds);
  one.join();
  two.join();
  HEDDLE_CHECK(guarded == 4);
}

}  // namespace
}  // namespace heddle::detail
