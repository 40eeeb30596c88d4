// The deque of spawned tasks: order, room, stealing, and all at once.
#include "scheduler/work_stealing_deque.hpp"

#include "inert_task.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

using test::inert_task;

class work_stealing_deque_test : public test::with_inert_tasks {
 protected:
  void fill(spawn_deque& deque, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(deque.try_push(make()));
  }
};

TEST_F(work_stealing_deque_test, its_owner_takes_the_newest_and_a_thief_the_oldest) {
  spawn_deque deque;
  fill(deque, 4);
  EXPECT_EQ(number(deque.pop()), 3U);
  EXPECT_EQ(number(deque.steal()), 0U);
  EXPECT_EQ(number(deque.pop()), 2U);
  EXPECT_EQ(number(deque.steal()), 1U);
  EXPECT_EQ(deque.pop(), nullptr);
  EXPECT_EQ(deque.steal(), nullptr);
  EXPECT_TRUE(deque.is_empty());
}

TEST_F(work_stealing_deque_test, holds_exactly_its_capacity) {
  spawn_deque deque;
  fill(deque, spawn_deque::capacity);
  EXPECT_EQ(deque.size(), spawn_deque::capacity);
  EXPECT_FALSE(deque.try_push(make()));
  EXPECT_EQ(number(deque.pop()), spawn_deque::capacity - 1);
  EXPECT_TRUE(deque.try_push(make()));
}

TEST_F(work_stealing_deque_test, a_thief_moves_half_rounded_up_and_runs_the_newest_of_them) {
  for (const std::uint32_t pushed : {1U, 2U, 3U, 255U}) {
    tasks_.clear();
    spawn_deque deque;
    spawn_deque thief;
    fill(deque, pushed);
    const std::uint32_t stolen = (pushed + 1) / 2;
    EXPECT_EQ(number(deque.steal_into(thief)), stolen - 1);
    EXPECT_EQ(thief.size(), stolen - 1) << pushed;
    EXPECT_EQ(deque.size(), pushed - stolen) << pushed;
    if (stolen > 1) {
      EXPECT_EQ(number(thief.steal()), 0U);
    }
  }
}

TEST_F(work_stealing_deque_test, nothing_is_moved_from_an_empty_one) {
  spawn_deque deque;
  spawn_deque thief;
  EXPECT_EQ(deque.steal_into(thief), nullptr);
}

TEST_F(work_stealing_deque_test, positions_wrap_around_the_ring) {
  spawn_deque deque;
  for (std::size_t i = 0; i < 3 * spawn_deque::capacity; ++i) {
    inert_task& one = make();
    inert_task& two = make();
    EXPECT_TRUE(deque.try_push(one));
    EXPECT_TRUE(deque.try_push(two));
    EXPECT_EQ(deque.steal(), &one);
    EXPECT_EQ(deque.pop(), &two);
  }
}

// Random: the schedule of real threads. Each task must come out once, at its owner or a thief. The deque is nearly
// empty most of the time, so that they meet at the last task.
TEST_F(work_stealing_deque_test, every_task_comes_out_once_with_two_thieves) {
  constexpr std::size_t count = 100'000;
  for (std::size_t i = 0; i < count; ++i) make();
  std::vector<std::atomic<int>> seen(count);
  spawn_deque deque;
  std::atomic<bool> done = false;
  const auto take = [&](task_header* task) {
    if (task != nullptr) seen[number(task)].fetch_add(1);
  };
  const auto steal = [&] {
    spawn_deque own;
    while (!done.load()) {
      take(deque.steal_into(own));
      while (task_header* task = own.pop()) take(task);
    }
  };
  std::thread one(steal);
  std::thread two(steal);
  for (std::size_t i = 0; i < count; ++i) {
    if (!deque.try_push(*tasks_[i])) take(tasks_[i].get());
    if (i % 2 == 0) take(deque.pop());
    if (i % 300 == 0) {
      while (task_header* task = deque.pop()) take(task);
    }
  }
  while (task_header* task = deque.pop()) take(task);
  done = true;
  one.join();
  two.join();
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(seen[i].load(), 1) << "task " << i;
}

}  // namespace
}  // namespace heddle::detail
