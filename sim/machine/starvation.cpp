// A task that is ready to run and is passed over, again and again, in favour of others.
//
// How it works. Polls are what counts, not time. A task that has been ready during options::starvation_polls polls of
// others is noticed; from then on every thread that polls tasks and can run has to poll as many once more, and still
// not that one. So a worker that the strategy lets wait, with the task in its queue, is no starvation. Queues may be
// long: with many tasks ready, each gets its turns.
//
// Limits. One task is watched at a time. Threads of all runtimes count alike.
#include "execution.hpp"
#include "heddle/sim/current.hpp"

#include <algorithm>
#include <string>

namespace heddle::sim {

namespace {

// Polls that a task may have to wait for each other one that is ready: a worker looks into the queue that all share
// once in 61 polls.
constexpr std::uint64_t polls_per_ready_task = 128;
constexpr std::size_t named_tasks_max = 3;

}  // namespace

bool execution::workers_passed_over(std::uint64_t polls_each) {
  const std::vector<const virtual_thread*> threads = unfinished_threads();
  return std::all_of(threads.begin(), threads.end(), [&](const virtual_thread* thread) {
    if (thread->state != run_state::runnable || thread->polls == 0) return true;
    const bool known = thread->id < starvation_.thread_polls.size();
    return thread->polls - (known ? starvation_.thread_polls[thread->id] : 0) >= polls_each;
  });
}

void execution::look_for_starvation() {
  task_record* const starved = starved_task();
  if (starved == nullptr) return;
  set_inactive();
  fail_unless_accepted(starvation_of(*starved));
  starved->queued_at = polls_;
}

task_record* execution::starved_task() {
  const host_scope host;
  starvation_watch& watch = starvation_;
  watch.next_look = polls_ + options_.starvation_polls;
  const std::uint64_t needed = std::max<std::uint64_t>(options_.starvation_polls, tasks_ready() * polls_per_ready_task);
  if (watch.task != 0) {
    task_record& task = tasks_[watch.task - 1];
    const bool still = task.condition == task_condition::queued && task.queued_at == watch.queued_at;
    if (still && !workers_passed_over(needed)) return nullptr;
    watch.task = 0;
    if (still) return &task;
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const task_record& task = tasks_[i];
    if (task.condition != task_condition::queued || !task.shares_thread || polls_ - task.queued_at < needed) continue;
    watch.task = task.id;
    watch.queued_at = task.queued_at;
    watch.thread_polls.assign(threads_.size(), 0);
    for (const virtual_thread* thread : unfinished_threads()) watch.thread_polls[thread->id] = thread->polls;
    watch.task_polls.clear();
    for (std::size_t other = 0; other < tasks_.size(); ++other) watch.task_polls.push_back(tasks_[other].polls);
    break;
  }
  return nullptr;
}

failure execution::starvation_of(const task_record& task) {
  struct runner {
    std::uint64_t polls = 0;
    std::uint32_t task = 0;
  };
  std::vector<runner> instead;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const std::uint64_t before = i < starvation_.task_polls.size() ? starvation_.task_polls[i] : 0;
    if (tasks_[i].polls > before) instead.push_back({.polls = tasks_[i].polls - before, .task = tasks_[i].id});
  }
  std::sort(instead.begin(), instead.end(), [](const runner& one, const runner& other) {
    return one.polls != other.polls ? one.polls > other.polls : one.task < other.task;
  });
  std::string message = "task " + std::to_string(task.id) + " is ready to run and was passed over by " +
                        std::to_string(polls_ - task.queued_at) + " polls; instead ran";
  for (std::size_t i = 0; i < std::min(instead.size(), named_tasks_max); ++i) {
    message += (i == 0 ? " task " : ", task ") + std::to_string(instead[i].task) + " (" +
               std::to_string(instead[i].polls) + " polls)";
  }
  if (instead.size() > named_tasks_max) message += " and others";
  return waiting_failure(failure_kind::starvation, message, {.thread = no_thread, .task = task.id}, nullptr);
}

}  // namespace heddle::sim
