// The local queue: order, overflow, stealing, and both at once.
#include "scheduler/local_queue.hpp"

#include "inert_task.hpp"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

using test::inert_task;

class local_queue_test : public test::with_inert_tasks {
 protected:
  void fill(local_queue& queue, std::size_t count) {
    task_list overflow;
    for (std::size_t i = 0; i < count; ++i) queue.push_back(make(), overflow);
    EXPECT_TRUE(overflow.is_empty());
  }
};

TEST_F(local_queue_test, pops_in_the_order_of_pushes) {
  local_queue queue;
  fill(queue, 3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(number(queue.pop()), i);
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST_F(local_queue_test, steal_takes_half_rounded_up) {
  const std::array<std::array<std::uint32_t, 2>, 5> cases{{{1, 1}, {2, 1}, {3, 2}, {4, 2}, {255, 128}}};
  for (const auto& [pushed, stolen] : cases) {
    local_queue queue;
    local_queue thief;
    fill(queue, pushed);
    ASSERT_NE(queue.steal_into(thief), nullptr);
    // One of them is returned to be run at once.
    EXPECT_EQ(thief.size(), stolen - 1) << pushed;
    EXPECT_EQ(queue.size(), pushed - stolen) << pushed;
  }
}

TEST_F(local_queue_test, a_steal_moves_the_oldest) {
  local_queue queue;
  local_queue thief;
  fill(queue, 4);
  EXPECT_EQ(number(queue.steal_into(thief)), 1U);
  EXPECT_EQ(number(thief.pop()), 0U);
  EXPECT_EQ(number(queue.pop()), 2U);
}

TEST_F(local_queue_test, nothing_is_stolen_from_an_empty_queue) {
  local_queue queue;
  local_queue thief;
  EXPECT_EQ(queue.steal_into(thief), nullptr);
}

TEST_F(local_queue_test, a_thief_with_more_than_half_steals_nothing) {
  local_queue queue;
  local_queue thief;
  fill(queue, 10);
  fill(thief, local_queue::capacity / 2 + 1);
  EXPECT_EQ(queue.steal_into(thief), nullptr);
}

TEST_F(local_queue_test, holds_exactly_its_capacity) {
  local_queue queue;
  fill(queue, local_queue::capacity);
  EXPECT_EQ(queue.size(), local_queue::capacity);
}

TEST_F(local_queue_test, overflow_gives_the_older_half_and_the_new_task) {
  local_queue queue;
  fill(queue, local_queue::capacity);
  task_list overflow;
  inert_task& last = make();
  queue.push_back(last, overflow);
  EXPECT_EQ(overflow.size(), local_queue::capacity / 2 + 1);
  for (std::size_t i = 0; i < local_queue::capacity / 2; ++i) EXPECT_EQ(number(overflow.pop()), i);
  EXPECT_EQ(overflow.pop(), &last);
  EXPECT_EQ(queue.size(), local_queue::capacity / 2);
  EXPECT_EQ(number(queue.pop()), local_queue::capacity / 2);
}

TEST_F(local_queue_test, positions_wrap_around_the_ring) {
  local_queue queue;
  task_list overflow;
  for (std::size_t i = 0; i < 3 * local_queue::capacity; ++i) {
    inert_task& one = make();
    inert_task& two = make();
    queue.push_back(one, overflow);
    queue.push_back(two, overflow);
    EXPECT_EQ(queue.pop(), &one);
    EXPECT_EQ(queue.pop(), &two);
  }
  EXPECT_TRUE(overflow.is_empty());
}

// Random: the schedule of real threads. Each task must come out once, at its owner, a thief or the overflow.
TEST_F(local_queue_test, every_task_comes_out_once_with_two_thieves) {
  constexpr std::size_t count = 100'000;
  for (std::size_t i = 0; i < count; ++i) make();
  std::vector<std::atomic<int>> seen(count);
  local_queue queue;
  std::atomic<bool> done = false;
  const auto take = [&](task_header* task) { seen[number(task)].fetch_add(1); };
  const auto steal = [&] {
    local_queue own;
    while (!done.load()) {
      if (task_header* task = queue.steal_into(own)) take(task);
      while (task_header* task = own.pop()) take(task);
    }
  };
  std::thread one(steal);
  std::thread two(steal);
  task_list overflow;
  for (std::size_t i = 0; i < count; ++i) {
    queue.push_back(*tasks_[i], overflow);
    // Bursts that nearly fill the queue, and waits until the thieves have emptied it.
    if (i % 3 == 0) {
      if (task_header* task = queue.pop()) take(task);
    }
    if (i % 200 == 0) {
      while (!queue.is_empty()) std::this_thread::yield();
    }
  }
  while (task_header* task = queue.pop()) take(task);
  done = true;
  one.join();
  two.join();
  while (task_header* task = overflow.pop()) take(task);
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(seen[i].load(), 1) << "task " << i;
}

}  // namespace
}  // namespace heddle::detail
