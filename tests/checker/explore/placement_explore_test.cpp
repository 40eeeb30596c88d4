// Which worker polls a task is explored, and seen in the timeline: on a runtime of two workers, told by the thread that
// a task finds itself on.
#include "explore_on_workers.hpp"
#include "heddle/check.hpp"
#include "heddle/runtime.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace check = heddle::check;
using check::testing::explore_on_workers;
using heddle::task;

task<std::thread::id> where_it_runs() {
  co_return std::this_thread::get_id();
}

std::array<std::size_t, 4> placements{};  // how often the second and the third task ran where the first did

task<> place_three_tasks() {
  auto first = heddle::spawn(where_it_runs());
  auto second = heddle::spawn(where_it_runs());
  auto third = heddle::spawn(where_it_runs());
  const auto one = co_await std::move(first);
  const auto two = co_await std::move(second);
  const auto three = co_await std::move(third);
  ++placements[(*one == *two ? 1U : 0U) + (*one == *three ? 2U : 0U)];
}

TEST(Placement, OfTasksOnWorkersIsEveryOneThereIs) {
  placements = {};
  EXPECT_FALSE(explore_on_workers(&place_three_tasks, {.schedules = 300}).failed());
  EXPECT_THAT(placements, testing::Each(testing::Gt(3U)));
}

task<bool> is_moved_by_a_yield() {
  const auto before = std::this_thread::get_id();
  co_await heddle::yield_now();
  co_return std::this_thread::get_id() != before;
}

// One that is alone never moves: its worker has nothing that another could steal.
task<> stay_where_they_are() {
  auto first = heddle::spawn(is_moved_by_a_yield());
  auto second = heddle::spawn(is_moved_by_a_yield());
  const auto one = co_await std::move(first);
  const auto two = co_await std::move(second);
  HEDDLE_CHECK(!*one && !*two);
}

TEST(Placement, OfTheSecondPollOnAnotherWorkerIsSeenInTheTimeline) {
  const check::report result = explore_on_workers(&stay_where_they_are, {.schedules = 2000});
  ASSERT_TRUE(result.failed());
  const auto& timeline = result.findings[0].timeline;
  EXPECT_TRUE(std::ranges::any_of(timeline, [](const auto& one) { return one.operation == "task poll"; }))
      << result.text();
}

}  // namespace
