// The transitions of the task state, one by one.
#include "heddle/runtime/detail/task_state.hpp"

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

TEST(task_state, a_new_task_is_notified_and_has_three_references) {
  const task_state state;
  EXPECT_TRUE(state.load().is_notified());
  EXPECT_TRUE(state.load().is_join_interested());
  EXPECT_EQ(state.load().references(), 3U);
}

TEST(task_state, a_poll_without_a_wake_gives_its_reference_back) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_idle(), to_idle::success);
  EXPECT_EQ(state.load().references(), 2U);
}

TEST(task_state, a_wake_during_the_poll_keeps_the_reference_for_the_next) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_notified_by_reference(), to_notified::done);
  EXPECT_EQ(state.transition_to_idle(), to_idle::notified);
  EXPECT_TRUE(state.load().is_notified());
  EXPECT_EQ(state.load().references(), 3U);
}

TEST(task_state, only_the_first_of_two_wakes_submits) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_idle(), to_idle::success);
  EXPECT_EQ(state.transition_to_notified_by_reference(), to_notified::submit);
  EXPECT_EQ(state.load().references(), 3U);
  EXPECT_EQ(state.transition_to_notified_by_reference(), to_notified::done);
  EXPECT_EQ(state.load().references(), 3U);
}

TEST(task_state, a_wake_by_value_passes_its_reference_on) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  state.add_reference();
  EXPECT_EQ(state.transition_to_idle(), to_idle::success);
  EXPECT_EQ(state.load().references(), 3U);
  EXPECT_EQ(state.transition_to_notified_by_value(), to_notified_by_value::submit);
  EXPECT_EQ(state.load().references(), 3U);
}

TEST(task_state, cancelling_a_running_task_leaves_the_drop_to_its_poller) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_notified_and_cancelled(), to_notified::done);
  EXPECT_FALSE(state.transition_to_shutdown());
  EXPECT_EQ(state.transition_to_idle(), to_idle::cancelled);
  EXPECT_TRUE(state.load().is_running());
}

TEST(task_state, cancelling_an_idle_task_submits_it_once) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_idle(), to_idle::success);
  EXPECT_EQ(state.transition_to_notified_and_cancelled(), to_notified::submit);
  EXPECT_EQ(state.transition_to_notified_and_cancelled(), to_notified::done);
  EXPECT_EQ(state.transition_to_running(), to_running::cancelled);
}

TEST(task_state, shutdown_takes_an_idle_task_and_leaves_its_notification_behind) {
  task_state state;
  EXPECT_TRUE(state.transition_to_shutdown());
  EXPECT_EQ(state.transition_to_complete(1), to_complete::released);
  EXPECT_EQ(state.transition_to_running(), to_running::failed);
  EXPECT_EQ(state.load().references(), 1U);
}

TEST(task_state, the_waker_cell_changes_hands_until_the_task_completes) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_TRUE(state.transition_to_join_waker_set());
  EXPECT_TRUE(state.transition_to_join_waker_unset());
  EXPECT_TRUE(state.transition_to_join_waker_set());
  EXPECT_EQ(state.transition_to_complete(1), to_complete::wake_joiner);
  EXPECT_FALSE(state.transition_to_join_waker_unset());
  EXPECT_EQ(state.load().references(), 3U);
}

TEST(task_state, a_task_that_nobody_waits_for_completes_and_gives_up_its_references_in_one_step) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_complete(2), to_complete::released);
  EXPECT_TRUE(state.load().is_complete());
  EXPECT_EQ(state.load().references(), 1U);
}

TEST(task_state, a_poll_that_yields_keeps_the_reference_for_the_next) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_yielded(), to_idle::notified);
  EXPECT_TRUE(state.load().is_notified());
  EXPECT_TRUE(state.load().is_idle());
  EXPECT_EQ(state.load().references(), 3U);
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_notified_and_cancelled(), to_notified::done);
  EXPECT_EQ(state.transition_to_yielded(), to_idle::cancelled);
  EXPECT_TRUE(state.load().is_running());
}

TEST(task_state, the_dropped_join_handle_destroys_what_nobody_else_will) {
  {
    task_state state;
    EXPECT_EQ(state.transition_to_join_handle_dropped(), join_handle_dropped::drop_waker);
  }
  {
    task_state state;
    EXPECT_EQ(state.transition_to_running(), to_running::success);
    EXPECT_EQ(state.transition_to_complete(2), to_complete::released);
    EXPECT_EQ(state.transition_to_join_handle_dropped(), join_handle_dropped::drop_output);
  }
  {
    task_state state;
    EXPECT_EQ(state.transition_to_running(), to_running::success);
    EXPECT_TRUE(state.transition_to_join_waker_set());
    EXPECT_EQ(state.transition_to_complete(2), to_complete::wake_joiner);
    EXPECT_EQ(state.transition_to_join_handle_dropped(), join_handle_dropped::drop_output);
  }
}

TEST(task_state, the_outcome_of_a_detached_task_is_dropped_by_who_completes_it) {
  task_state state;
  EXPECT_EQ(state.transition_to_running(), to_running::success);
  EXPECT_EQ(state.transition_to_join_handle_dropped(), join_handle_dropped::drop_waker);
  EXPECT_EQ(state.transition_to_complete(2), to_complete::drop_output);
  EXPECT_EQ(state.load().references(), 3U);
}

TEST(task_state, the_last_reference_deallocates) {
  task_state state;
  EXPECT_FALSE(state.transition_to_terminal(2));
  EXPECT_TRUE(state.drop_reference());
}

}  // namespace
}  // namespace heddle::detail
