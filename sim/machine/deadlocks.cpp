// Being stuck: every thread is blocked and no timer is pending. Which of three ways it is, and who is to be named.
//
// How it works. Each blocked thread and each task that has not ended is a node of a graph of waits; locks, joins, polls
// and the await of a join_handle are its edges, since each names the one who can end it. Then
//   1. a cycle is a deadlock, whatever else is missing;
//   2. else somebody may have slept through a signal: a lost wakeup;
//   3. else something never comes: a deadlock, of which the chain of waits that begins with the main thread is told.
//
// A notification of a condition variable, a futex wake or a notify_waiters that finds nobody is remembered in its
// object, the last one only (unheard_signal.hpp says when who waits there afterwards has missed it). A futex compares
// its word, so there the signal counts only if the word had the value that the waiter went to sleep on. A word that has
// changed while somebody sleeps on its old value lacks a wake, if the sleeper keeps nobody from making it. Of tasks,
// the wakers are counted: a suspended task that no waker is left of cannot be woken.
//
// Limits. What a waiter reads is known in instrumented code while data races are looked for (options::races); else
// every unheard signal counts as missed. A waker that wraps another keeps that alive.
#include "../races/call_tree.hpp"
#include "execution.hpp"
#include "user_frame.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace heddle::sim {

namespace {

std::string thread_name(thread_id id) {
  return "thread " + std::to_string(id);
}

std::string task_name(std::uint32_t id) {
  return "task " + std::to_string(id);
}

std::string numbered(const char* what, object_id id) {
  return std::string{what} + " #" + std::to_string(id);
}

}  // namespace

// ---------------------------------------------------------------- what is noted on the way

void execution::note_unheard(sync_object& object, std::uint32_t value, std::uintptr_t pc) {
  if (orders_here()) keep_unheard(object, value, pc);
}

void execution::note_unheard_of_runtime(const void* object) {
  keep_unheard(this->object(object, object_kind::runtime_order), 0, place_in_user_code(*current_, current_->pc));
}

void execution::keep_unheard(sync_object& object, std::uint32_t value, std::uintptr_t pc) {
  object.unheard = {.number = ++unheard_signals_,
                    .stamp = tracks() ? stamp() : 0,
                    .step = steps(),
                    .place = places().place_of(*current_, pc),
                    .value = value,
                    .thread = current_->id,
                    .task = current_task() == nullptr ? 0 : current_task()->id};
}

void execution::note_waker_gone(task_record& task, hooks::waker_end how) {
  if (task.wakers != 0) --task.wakers;
  if (task.wakers != 0 || how != hooks::waker_end::dropped || task.condition != task_condition::suspended) return;
  task.last_waker_place = places().place_of(*current_, place_in_user_code(*current_, current_->pc));
  task.last_waker_thread = current_->id;
}

void execution::note_async_locked(const void* lock) {
  const task_record* const task = current_task();
  async_holdings_.push_back({.lock = lock, .thread = current_->id, .task = task == nullptr ? 0 : task->id});
}

void execution::note_async_unlocked(const void* lock) noexcept {
  const auto last = std::find_if(async_holdings_.rbegin(), async_holdings_.rend(),
                                 [lock](const async_holding& one) { return one.lock == lock; });
  if (last != async_holdings_.rend()) async_holdings_.erase(std::next(last).base());
}

// ---------------------------------------------------------------- the graph

std::string execution::describe_holder(const async_holding& holding) {
  return holding.task == 0 ? thread_name(holding.thread) : task_name(holding.task);
}

std::string execution::describe_others_end(const task_record& task) {
  if (const task_record* const joined = find_task(task.blocked_address)) return " of " + task_name(joined->id);
  for (const async_holding& holding : async_holdings_) {
    if (holding.lock != task.blocked_address) continue;
    return holding.task == task.id ? ", which it holds itself" : ", held by " + describe_holder(holding);
  }
  return "";
}

void execution::add_waits_of(wait_graph& graph, const virtual_thread& thread) {
  const auto task_node = [this](std::uint32_t id) { return threads_.size() + id - 1; };
  const std::string text = "waits for " + describe_wait(thread);
  for (const task_record* task = thread.polled; task != nullptr; task = task->outer) {
    graph.add_edge(task_node(task->id), thread.id, "is polled by " + thread_name(thread.id));
  }
  if (thread.reason == wait_reason::join) {
    graph.add_edge(thread.id, static_cast<const virtual_thread*>(thread.waiting_address)->id, text);
  } else if (thread.reason == wait_reason::once) {
    const sync_object* const once = find_object(thread.waiting_address, object_kind::word);
    if (once != nullptr && once->owner != no_thread) graph.add_edge(thread.id, once->owner, text);
  } else if (thread.reason == wait_reason::lock) {
    const sync_object* const lock = find_object(thread.waiting_address, object_kind::lock);
    if (lock == nullptr) return;
    if (lock->owner != no_thread) graph.add_edge(thread.id, lock->owner, text);
    for (const virtual_thread* reader : unfinished_threads()) {
      const auto& held = reader->shared_held;
      if (std::find(held.begin(), held.end(), lock) == held.end()) continue;
      graph.add_edge(thread.id, reader->id,
                     "waits for " + numbered("lock", lock->id) +
                         (reader == &thread ? ", which it holds for reading itself"
                                            : ", held for reading by " + thread_name(reader->id)));
    }
  } else if (thread.trust != 0) {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const task_record& root = tasks_[i];
      if (!root.is_root || root.creator != thread.id || root.condition == task_condition::ended) continue;
      graph.add_edge(thread.id, task_node(root.id), "waits in block_on for " + task_name(root.id));
    }
  }
}

void execution::add_waits_of(wait_graph& graph, const task_record& task) {
  const wait_graph::node self = threads_.size() + task.id - 1;
  if (task.condition == task_condition::queued && task.shares_thread) {
    for (const virtual_thread* thread : unfinished_threads()) {
      if (thread->state != run_state::blocked || thread->polled == nullptr || !thread->polled->shares_thread) continue;
      graph.add_edge(self, thread->id, "is ready to run while " + thread_name(thread->id) + " does not come back");
    }
  }
  if (task.condition != task_condition::suspended || task.blocked_what == nullptr) return;
  const std::string text = "waits for " + state_of(task).waiting_for;
  if (const task_record* const joined = find_task(task.blocked_address)) {
    graph.add_edge(self, threads_.size() + joined->id - 1, text);
  }
  for (const async_holding& holding : async_holdings_) {
    if (holding.lock != task.blocked_address) continue;
    graph.add_edge(self, holding.task == 0 ? holding.thread : threads_.size() + holding.task - 1, text);
  }
}

wait_graph execution::waits() {
  wait_graph graph;
  for (thread_id id = 0; id < threads_.size(); ++id) graph.add(thread_name(id));
  for (std::size_t i = 0; i < tasks_.size(); ++i) graph.add(task_name(tasks_[i].id));
  for (const virtual_thread* thread : unfinished_threads()) {
    if (thread->state == run_state::blocked) add_waits_of(graph, *thread);
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) add_waits_of(graph, tasks_[i]);
  return graph;
}

// ---------------------------------------------------------------- the verdict

failure execution::waiting_failure(failure_kind kind, const std::string& message, const waiter& who,
                                   const related_stack* cause) {
  failure made = make_failure(kind, message);
  made.thread = who.thread;
  made.task = who.task;
  made.stack.clear();
  if (who.thread != no_thread) {
    const virtual_thread& thread = *threads_[who.thread];
    made.stack = stack_of(thread);
    if (thread.polled != nullptr) made.task = thread.polled->id;
  } else if (const auto& awaiting = tasks_[who.task - 1].awaiting; !awaiting.empty()) {
    made.file = awaiting.back().file;
    made.line = awaiting.back().line;
  }
  if (cause != nullptr) made.related.push_back(*cause);
  return made;
}

void execution::fail_missed(const std::string& message, const waiter& who, const unheard_signal& signal) {
  const std::string by = signal.task == 0 ? thread_name(signal.thread) : task_name(signal.task);
  const related_stack cause{.title = by + ", where it signalled, at step " + std::to_string(signal.step) + " of " +
                                     std::to_string(steps()) + ": nobody waited yet",
                            .stack = places().stack_at(signal.place)};
  fail_waiting(failure_kind::lost_wakeup, message, who, &cause);
}

void execution::fail_if_wakeup_missed(const virtual_thread& thread, bool is_waited_for) {
  const waiter who{.thread = thread.id, .task = 0};
  const std::string text = thread_name(thread.id) + " waits for " + describe_wait(thread);
  if (thread.reason == wait_reason::condition) {
    const sync_object* const condition = find_object(thread.waiting_address, object_kind::condition);
    if (condition == nullptr || !has_missed(thread.looked, condition->unheard)) return;
    fail_missed(text + ", and the last one came before it waited", who, condition->unheard);
  }
  if (thread.reason != wait_reason::futex) return;
  const std::uint32_t value =
      __atomic_load_n(static_cast<const std::uint32_t*>(thread.waiting_address), __ATOMIC_RELAXED);
  if (value != thread.futex_expected) {
    if (is_waited_for) return;
    fail_waiting(failure_kind::lost_wakeup,
                 text + ", although the value it waited for to change has changed: nobody woke it", who, nullptr);
  }
  const sync_object* const word = find_object(thread.waiting_address, object_kind::word);
  if (word == nullptr || !has_missed(thread.looked, word->unheard) || word->unheard.value != value) return;
  fail_missed(text + ", and the last one came before it waited", who, word->unheard);
}

void execution::fail_if_wakeup_missed(const task_record& task) {
  if (task.condition != task_condition::suspended) return;
  const waiter who{.thread = no_thread, .task = task.id};
  const sync_object* const object =
      task.blocked_what == nullptr ? nullptr : find_object(task.blocked_address, object_kind::runtime_order);
  if (object != nullptr && has_missed(task.looked, object->unheard)) {
    fail_missed(task_name(task.id) + " waits for " + state_of(task).waiting_for +
                    ", whose last notification came before it waited",
                who, object->unheard);
  }
  if (task.wakers != 0) return;
  const std::string text = task_name(task.id) + " is suspended, and nobody can wake it any more: ";
  if (task.last_waker_place == 0) {
    fail_waiting(failure_kind::lost_wakeup, text + "what it awaits has kept no waker", who, nullptr);
  }
  const related_stack cause{.title = thread_name(task.last_waker_thread) + ", where it dropped the last waker",
                            .stack = places().stack_at(task.last_waker_place)};
  fail_waiting(failure_kind::lost_wakeup, text + "its last waker was dropped", who, &cause);
}

void execution::fail_deadlocked() {
  set_inactive();
  const wait_graph graph = waits();
  const auto waiter_at = [this](wait_graph::node node) {
    if (node < threads_.size()) return waiter{.thread = static_cast<thread_id>(node), .task = 0};
    return waiter{.thread = no_thread, .task = static_cast<std::uint32_t>(node - threads_.size() + 1)};
  };
  if (const auto cycle = graph.cycle(); !cycle.empty()) {
    const std::string message = (cycle.size() == 1 ? "" : "a cycle: ") + graph.describe(cycle);
    fail_waiting(failure_kind::deadlock, message, waiter_at(cycle.front().from), nullptr);
  }
  std::size_t blocked = 0;
  for (const virtual_thread* thread : unfinished_threads()) {
    ++blocked;
    if (thread->trust == 0 || points_trusted_) fail_if_wakeup_missed(*thread, keeps_others_waiting(*thread));
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) fail_if_wakeup_missed(tasks_[i]);
  std::string message = blocked == 1 ? "the only thread left waits for something that cannot happen any more"
                                     : "every thread waits for something that cannot happen any more";
  if (const auto chain = graph.chain_from(0); !chain.empty()) message += ": " + graph.describe(chain);
  fail_waiting(failure_kind::deadlock, message, {.thread = current_->id, .task = 0}, nullptr);
}

// Whether somebody waits for a lock of the thread's.
bool execution::keeps_others_waiting(const virtual_thread& thread) {
  const std::vector<const virtual_thread*> others = unfinished_threads();
  return std::any_of(others.begin(), others.end(), [&](const virtual_thread* other) {
    if (other->reason != wait_reason::lock) return false;
    const sync_object* const lock = find_object(other->waiting_address, object_kind::lock);
    return lock != nullptr && lock->owner == thread.id;
  });
}

}  // namespace heddle::sim
