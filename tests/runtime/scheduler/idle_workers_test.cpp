// Who is woken: the counts of awake and searching workers.
#include "scheduler/idle_workers.hpp"

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

TEST(idle_workers, wakes_nobody_while_all_are_awake) {
  idle_workers idle(2);
  EXPECT_FALSE(idle.take_parked().has_value());
}

TEST(idle_workers, wakes_a_parked_worker_once) {
  idle_workers idle(2);
  EXPECT_TRUE(idle.transition_to_parked(1, false));
  EXPECT_EQ(idle.take_parked(), 1U);
  EXPECT_FALSE(idle.is_parked(1));
  EXPECT_FALSE(idle.take_parked().has_value());
}

TEST(idle_workers, wakes_nobody_while_one_searches) {
  idle_workers idle(4);
  EXPECT_TRUE(idle.transition_to_parked(3, false));
  EXPECT_TRUE(idle.transition_to_searching());
  EXPECT_FALSE(idle.take_parked().has_value());
  EXPECT_TRUE(idle.transition_from_searching());
  EXPECT_EQ(idle.take_parked(), 3U);
}

TEST(idle_workers, at_most_half_of_them_search) {
  idle_workers idle(4);
  EXPECT_TRUE(idle.transition_to_searching());
  EXPECT_TRUE(idle.transition_to_searching());
  EXPECT_FALSE(idle.transition_to_searching());
}

TEST(idle_workers, who_parks_looks_once_more_unless_somebody_searches) {
  idle_workers idle(5);
  EXPECT_TRUE(idle.transition_to_searching());
  EXPECT_TRUE(idle.transition_to_searching());
  EXPECT_FALSE(idle.transition_to_parked(0, true));
  EXPECT_FALSE(idle.transition_to_parked(1, false));
  EXPECT_TRUE(idle.transition_to_parked(2, true));
  EXPECT_TRUE(idle.transition_to_parked(3, false));
}

TEST(idle_workers, a_worker_that_wakes_by_itself_is_taken_by_nobody_else) {
  idle_workers idle(2);
  EXPECT_TRUE(idle.transition_to_parked(0, false));
  EXPECT_TRUE(idle.transition_from_parked(0));
  EXPECT_FALSE(idle.transition_from_parked(0));
  EXPECT_FALSE(idle.take_parked().has_value());
}

}  // namespace
}  // namespace heddle::detail
