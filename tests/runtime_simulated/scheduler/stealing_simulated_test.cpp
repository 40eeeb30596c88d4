// The parts of the work-stealing scheduler by themselves, in every order of their atomic operations: the local queue
// and the deque, with few slots, so that they wrap around and overflow within a few pushes, and who is woken for new
// work.
#include "drive.hpp"
#include "heddle/gtest.hpp"
#include "inert_task.hpp"
#include "scheduler/idle_workers.hpp"
#include "scheduler/injection_queue.hpp"
#include "scheduler/local_queue.hpp"
#include "scheduler/work_stealing_deque.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

using test::every_operation;
using test::inert_task;

using small_queue = bounded_task_queue<4>;
using small_deque = work_stealing_deque<2>;

// Counts how often each of some tasks came out.
template <std::size_t Count>
class seen_tasks {
 public:
  inert_task& task(std::size_t number) { return tasks_[number]; }
  void take(task_header* task) { seen_[static_cast<inert_task*>(task)->number()].fetch_add(1); }
  template <class Queue>
  void take_all(Queue& queue) {
    while (task_header* const task = queue.pop()) take(task);
  }
  void expect_each_once() {
    for (const std::atomic<int>& each : seen_) HEDDLE_CHECK(each.load() == 1);
  }

 private:
  template <std::size_t... Numbers>
  static std::array<inert_task, Count> numbered(std::index_sequence<Numbers...>) {
    return {inert_task(Numbers)...};
  }

  std::array<inert_task, Count> tasks_ = numbered(std::make_index_sequence<Count>());
  std::array<std::atomic<int>, Count> seen_{};
};

// The owner pushes `Count` tasks, the last ones into a full queue, and pops some in between; thieves take what they
// get.
template <std::size_t Count, std::size_t Thieves>
void push_pop_and_steal() {
  seen_tasks<Count> tasks;
  small_queue queue;
  std::array<small_queue, Thieves> stolen;
  std::array<std::thread, Thieves> thieves;
  for (std::size_t i = 0; i < Thieves; ++i) {
    thieves[i] = std::thread([&, i] {
      for (int attempt = 0; attempt < 3; ++attempt) {
        if (task_header* const task = queue.steal_into(stolen[i])) tasks.take(task);
        if (task_header* const task = stolen[i].pop()) tasks.take(task);
      }
    });
  }
  task_list overflow;
  for (std::size_t i = 0; i < Count; ++i) {
    queue.push_back(tasks.task(i), overflow);
    if (i % 3 == 2) {
      if (task_header* const task = queue.pop()) tasks.take(task);
    }
  }
  for (std::thread& each : thieves) each.join();
  tasks.take_all(queue);
  tasks.take_all(overflow);
  for (small_queue& each : stolen) tasks.take_all(each);
  tasks.expect_each_once();
}

HEDDLE_TEST_WITH(local_queue_simulated, every_task_comes_out_once_with_a_thief, every_operation(5000)) {
  push_pop_and_steal<10, 1>();
}

HEDDLE_TEST_WITH(local_queue_simulated, every_task_comes_out_once_with_two_thieves, every_operation(5000)) {
  push_pop_and_steal<10, 2>();
}

// The owner pushes two tasks and takes them back; the second place is taken again when the first is free. A thief takes
// what it gets, often the very task that the owner is after.
template <std::size_t Thieves>
void push_take_back_and_steal() {
  seen_tasks<3> tasks;
  small_deque deque;
  std::array<std::thread, Thieves> thieves;
  for (std::thread& each : thieves) {
    each = std::thread([&] {
      if (task_header* const task = deque.steal()) tasks.take(task);
    });
  }
  const auto push = [&](std::size_t number) {
    if (!deque.try_push(tasks.task(number))) tasks.take(&tasks.task(number));
  };
  push(0);
  push(1);
  if (task_header* const task = deque.pop()) tasks.take(task);
  push(2);
  tasks.take_all(deque);
  for (std::thread& each : thieves) each.join();
  tasks.take_all(deque);
  tasks.expect_each_once();
}

HEDDLE_TEST_WITH(work_stealing_deque_simulated, every_task_comes_out_once_with_two_thieves, every_operation(5000)) {
  push_take_back_and_steal<2>();
}

TEST(work_stealing_deque_simulated, every_task_comes_out_once_in_every_order) {
  test::explore_all(&push_take_back_and_steal<1>);
}

// A thief moves half of a deque into its own, from which a second one steals at the same time.
HEDDLE_TEST_WITH(work_stealing_deque_simulated, what_was_moved_comes_out_once, every_operation(3000)) {
  seen_tasks<4> tasks;
  work_stealing_deque<4> deque;
  work_stealing_deque<4> moved;
  for (std::size_t i = 0; i < 4; ++i) HEDDLE_CHECK(deque.try_push(tasks.task(i)));
  std::thread first([&] {
    if (task_header* const task = deque.steal_into(moved)) tasks.take(task);
    tasks.take_all(moved);
  });
  std::thread second([&] {
    for (auto* const from : {&deque, &moved}) {
      if (task_header* const task = from->steal()) tasks.take(task);
    }
  });
  tasks.take_all(deque);
  first.join();
  second.join();
  tasks.expect_each_once();
}

// The last worker that searches gives up, while another makes a task runnable: either it sees the task when it looks
// once more, or the other wakes it.
template <class Queue, class Push>
void last_searcher_and_push(Push push) {
  seen_tasks<1> tasks;
  idle_workers idle(2);
  Queue queue;
  HEDDLE_CHECK(idle.transition_to_searching());
  bool is_seen = false;
  std::thread searcher([&] { is_seen = idle.transition_to_parked(1, true) && !queue.is_empty(); });
  push(queue, tasks.task(0));
  const bool is_woken = idle.take_parked().has_value();
  searcher.join();
  HEDDLE_CHECK(is_seen || is_woken);
}

void last_searcher_and_queue() {
  last_searcher_and_push<small_queue>([](small_queue& queue, task_header& task) {
    HEDDLE_CHECK(queue.try_push_back(task));
    queue.publish();
  });
}

void last_searcher_and_deque() {
  last_searcher_and_push<small_deque>(
      [](small_deque& deque, task_header& task) { HEDDLE_CHECK(deque.try_push(task)); });
}

void last_searcher_and_injection() {
  last_searcher_and_push<injection_queue>(
      [](injection_queue& queue, task_header& task) { HEDDLE_CHECK(queue.push(task)); });
}

HEDDLE_TEST_WITH(idle_workers_simulated, a_push_is_seen_by_the_last_searcher_or_wakes_it, every_operation(3000)) {
  last_searcher_and_queue();
}

TEST(idle_workers_simulated, a_push_is_seen_by_the_last_searcher_or_wakes_it_in_every_order) {
  test::explore_all(&last_searcher_and_queue);
}

TEST(idle_workers_simulated, a_spawn_is_seen_by_the_last_searcher_or_wakes_it_in_every_order) {
  test::explore_all(&last_searcher_and_deque);
}

TEST(idle_workers_simulated, an_injection_is_seen_by_the_last_searcher_or_wakes_it_in_every_order) {
  test::explore_all(&last_searcher_and_injection);
}

}  // namespace
}  // namespace heddle::detail
