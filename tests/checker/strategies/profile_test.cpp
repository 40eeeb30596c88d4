// What is counted of a first schedule, given as a list of events.
#include "strategies/profile.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using sim::operation_kind;
using testing::ElementsAre;

sim::event of(sim::thread_id thread, operation_kind kind, sim::object_id object = 0) {
  sim::event one;
  one.thread = static_cast<std::uint16_t>(thread);
  one.kind = kind;
  one.object = object;
  return one;
}

// Thread 0 creates 1, which creates 2. All write object 7; 1 and 2 read 8; 0 alone writes 9.
std::vector<sim::event> three_threads() {
  return {of(0, operation_kind::thread_start),    of(0, operation_kind::atomic_store, 9),
          of(0, operation_kind::atomic_store, 7), of(0, operation_kind::thread_create, 1),
          of(1, operation_kind::thread_start),    of(1, operation_kind::atomic_update, 7),
          of(1, operation_kind::atomic_load, 8),  of(1, operation_kind::thread_create, 2),
          of(2, operation_kind::atomic_load, 8),  of(2, operation_kind::mutex_lock, 7),
          of(2, operation_kind::mutex_unlock, 7), of(2, operation_kind::thread_exit)};
}

TEST(Profile, CountsTheOperationsThatHadAPoint) {
  EXPECT_EQ(profile(three_threads()).points(), 7U);
  EXPECT_EQ(profile().points(), 0U);
}

TEST(Profile, SharedIsWhatSeveralThreadsUseAndOneWrites) {
  EXPECT_THAT(profile(three_threads()).shared_objects(), ElementsAre(7U));
}

TEST(Profile, OperationsOfAThreadIncludeThoseOfItsChildren) {
  const profile counts(three_threads());
  EXPECT_THAT(counts.operations(7), ElementsAre(3U, 2U, 1U)) << "that a lock is released does not count";
  EXPECT_THAT(counts.operations(0), ElementsAre(6U, 4U, 2U));
}

TEST(Profile, EachThreadMayHaveOneOperationOnAnyObject) {
  const profile counts(three_threads());
  EXPECT_THAT(counts.operations(9), ElementsAre(3U, 2U, 1U));
  EXPECT_THAT(counts.operations(100), ElementsAre(3U, 2U, 1U));
}

}  // namespace
}  // namespace heddle::check
