// What an execution says of itself when it fails: the finding, the stacks, who waits for whom.
#include "execution.hpp"
#include "fatal.hpp"
#include "heddle/sim/current.hpp"

#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>

#include <cxxabi.h>

namespace heddle::sim {

namespace {

bool concerns_all_threads(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::deadlock:
    case failure_kind::lost_wakeup:
    case failure_kind::livelock:
    case failure_kind::starvation:
    case failure_kind::step_limit:
    case failure_kind::crash:
      return true;
    default:
      return false;
  }
}

}  // namespace

void execution::note(failure_kind kind, const char* message, const char* file, unsigned line, int signal) {
  const host_scope host;
  record_failure(make_failure(kind, message, file, line, signal));
}

void execution::fail(failure_kind kind, const char* message, const char* file, unsigned line, int signal) {
  set_inactive();
  fail_with(make_failure(kind, message, file, line, signal));
}

void execution::fail_with_current_exception(const char* what) {
  set_inactive();
  std::string text = what;
  const std::type_info* const type = abi::__cxa_current_exception_type();
  if (type != nullptr) {
    int status = 0;
    char* const demangled = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    text += std::string{": "} + (demangled != nullptr ? demangled : type->name());
    std::free(demangled);
  }
  if (const std::exception_ptr current = std::current_exception(); current != nullptr) {
    try {
      std::rethrow_exception(current);
    } catch (const std::exception& exception) {
      text += std::string{": "} + exception.what();
    } catch (const char* message) {
      text += std::string{": "} + message;
    } catch (...) {
      // Its type has been named; there is no more to say.
    }
  }
  fail(failure_kind::exception, text.c_str());
}

failure execution::make_failure(failure_kind kind, std::string message, const char* file, unsigned line, int signal) {
  failure made;
  made.kind = kind;
  made.message = std::move(message);
  made.thread = current_->id;
  made.task = current_task() == nullptr ? 0 : current_task()->id;
  made.stack = stack_of(*current_);
  made.file = file;
  made.line = line;
  made.signal = signal;
  const bool everyone_matters = concerns_all_threads(kind);
  if (everyone_matters) made.threads = thread_states();
  for (const task_record* task = current_->polled; task != nullptr; task = task->outer) {
    made.tasks.insert(made.tasks.begin(), state_of(*task));
  }
  if (everyone_matters) made.tasks = task_states();
  return made;
}

void execution::record_failure(failure&& made) {
  result_.failures.push_back(std::move(made));
  if (result_.failures.size() != 1) return;
  keep_last_events();
  keep_spawned_tasks();
}

void execution::keep_last_events() {
  const std::uint64_t kept = events_ < last_events_capacity ? events_ : last_events_capacity;
  for (std::uint64_t i = events_ - kept; i < events_; ++i) {
    result_.last_events.push_back(last_events_[i % last_events_capacity]);
  }
}

void execution::keep_spawned_tasks() {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const task_record& task = tasks_[i];
    std::string name = task.name != nullptr ? task.name : std::string(task.ended_name.begin(), task.ended_name.end());
    result_.spawned.push_back({.spawn = task.spawn_object,
                               .object = task.object,
                               .id = task.id,
                               .name = std::move(name),
                               .spawned_at = task.spawned_at});
  }
}

call_stack execution::stack_of(const virtual_thread& thread) const {
  call_stack stack;
  constexpr std::size_t frames_max = 128;
  if (thread.pc != 0) stack.push_back(thread.pc);
  for (const std::uintptr_t caller : thread.callers) stack.push_back(caller);
  const std::span<const std::uintptr_t> sites = thread.call_sites();
  for (std::size_t left = sites.size(); left != 0 && stack.size() < frames_max;) stack.push_back(sites[--left]);
  return stack;
}

namespace {

std::string numbered(const char* what, object_id id) {
  return std::string{what} + " #" + std::to_string(id);
}

}  // namespace

std::string execution::describe_wait(const virtual_thread& thread) {
  const auto object_at = [&](object_kind kind) { return find_object(thread.waiting_address, kind); };
  const auto identity_of = [&](const sync_object* object) { return object == nullptr ? 0 : object->id; };
  switch (thread.reason) {
    case wait_reason::nothing:
      return "";
    case wait_reason::lock: {
      const sync_object* const lock = object_at(object_kind::lock);
      std::string text = numbered("lock", identity_of(lock));
      if (lock == nullptr) return text;
      if (lock->owner == thread.id) return text + ", which it holds itself";
      if (lock->owner != no_thread) {
        const virtual_thread* const owner = thread_by_id(lock->owner);
        const bool ended = owner == nullptr || owner->state == run_state::finished;
        return text + ", held by thread " + std::to_string(lock->owner) + (ended ? ", which has ended" : "");
      }
      return text + ", held by " + std::to_string(lock->readers) + " readers";
    }
    case wait_reason::condition:
      return numbered("a notification of condition variable", identity_of(object_at(object_kind::condition)));
    case wait_reason::futex:
      return numbered("a wake of futex", identity_of(object_at(object_kind::word)));
    case wait_reason::semaphore:
      return numbered("a post to semaphore", identity_of(object_at(object_kind::semaphore)));
    case wait_reason::barrier:
      return numbered("the other threads of barrier", identity_of(object_at(object_kind::barrier)));
    case wait_reason::once: {
      const sync_object* const once = object_at(object_kind::word);
      if (once == nullptr || once->owner == no_thread) return "an initialisation that another thread has begun";
      return "an initialisation that thread " + std::to_string(once->owner) + " has begun";
    }
    case wait_reason::join: {
      const auto* const target = static_cast<const virtual_thread*>(thread.waiting_address);
      return "the end of thread " + std::to_string(target->id);
    }
    case wait_reason::sleep:
      return "its sleep to end";
    case wait_reason::signal:
      return "a signal";
    case wait_reason::others:
      return "the other threads, before it exits";
  }
  return "";
}

std::vector<const virtual_thread*> execution::unfinished_threads() {
  std::vector<const virtual_thread*> unfinished;
  for (thread_id id = 0; id < threads_.size(); ++id) {
    const virtual_thread* const thread = thread_by_id(id);
    if (thread != nullptr && thread->state != run_state::finished) unfinished.push_back(thread);
  }
  return unfinished;
}

std::vector<thread_state> execution::thread_states() {
  std::vector<thread_state> states;
  for (const virtual_thread* thread : unfinished_threads()) {
    thread_state& state = states.emplace_back();
    state.id = thread->id;
    state.name = thread->name;
    state.blocked = thread->state == run_state::blocked;
    if (state.blocked) state.waiting_for = describe_wait(*thread);
    state.stack = stack_of(*thread);
  }
  return states;
}

task_state execution::state_of(const task_record& task) {
  task_state state;
  state.id = task.id;
  state.name = task.name == nullptr ? "" : task.name;
  state.spawned_at = task.spawned_at;
  state.awaiting.assign(task.awaiting.begin(), task.awaiting.end());
  state.queued = task.condition == task_condition::queued;
  state.polled = task.condition == task_condition::polled;
  if (task.condition == task_condition::suspended && task.blocked_what != nullptr) {
    state.waiting_for = task.blocked_what;
    if (task.blocked_object != 0) state.waiting_for = numbered(task.blocked_what, task.blocked_object);
    state.waiting_for += describe_others_end(task);
  }
  return state;
}

std::vector<task_state> execution::task_states() {
  std::vector<task_state> states;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].condition != task_condition::ended) states.push_back(state_of(tasks_[i]));
  }
  return states;
}

}  // namespace heddle::sim
