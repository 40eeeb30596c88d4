#include "explore/audit.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using events = std::vector<sim::event>;

sim::event store(sim::object_id object, std::uintptr_t pc = 0) {
  return {pc, object, 0, sim::operation_kind::atomic_store, 0};
}

TEST(Audit, FindsNoDifferenceInEqualLogs) {
  EXPECT_FALSE(compare(events{store(1), store(2)}, events{store(1), store(2)}));
  EXPECT_FALSE(compare(events{}, events{}));
}

TEST(Audit, DoesNotCompareAddresses) {
  EXPECT_FALSE(compare(events{store(1, 100)}, events{store(1, 200)}));
}

TEST(Audit, NamesTheFirstEventThatDiffers) {
  const auto difference = compare(events{store(1), store(2), store(9)}, events{store(1), store(3), store(8)});
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->at, 1U);
  EXPECT_EQ(difference->first, store(2));
  EXPECT_EQ(difference->second, store(3));
}

TEST(Audit, TellsWhichRunEndedEarly) {
  const auto difference = compare(events{store(1), store(2)}, events{store(1)});
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->at, 1U);
  EXPECT_TRUE(difference->first);
  EXPECT_FALSE(difference->second);
}

TEST(Audit, LogKeepsEventsInOrderUntilCleared) {
  event_log log;
  log.on_event(store(1), 0);
  log.on_event(store(2), 0);
  EXPECT_EQ(log.events(), (events{store(1), store(2)}));
  log.clear();
  EXPECT_TRUE(log.events().empty());
}

TEST(Audit, SamplesTheFractionAndAlwaysTheFirst) {
  int sampled = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) sampled += audited(0.05, 1, i) ? 1 : 0;
  EXPECT_NEAR(sampled, 5000, 350);  // five standard deviations
  EXPECT_TRUE(audited(1e-9, 1, 0));
  EXPECT_FALSE(audited(0.0, 1, 0));
  EXPECT_TRUE(audited(1.0, 1, 12345));
}

}  // namespace
}  // namespace heddle::check
