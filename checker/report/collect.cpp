#include "report/collect.hpp"

#include "report/repeated_places.hpp"
#include "symbols/names.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace heddle::check {

place place_of(const sim::await_place& where) {
  return {where.file == nullptr ? "" : where.file, where.function == nullptr ? "" : where.function, where.line};
}

namespace {

// The lines of the user's code at which the stacks end, each once.
std::vector<place> places_of(const std::vector<sim::call_stack>& stacks, symbolizer& symbols) {
  std::set<place> all;
  for (const sim::call_stack& one : stacks) {
    if (const place where = user_place(symbols.resolve_all(one)); !where.file.empty()) all.insert(where);
  }
  return {all.begin(), all.end()};
}

thread_view view_of(const sim::thread_state& thread, symbolizer& symbols) {
  thread_view view;
  view.id = thread.id;
  view.name = thread.name;
  view.waiting_for = thread.blocked ? thread.waiting_for : "";
  view.where = {fmt::format("thread {}", thread.id), symbols.resolve_all(thread.stack)};
  view.repeated = places_of(thread.repeated, symbols);
  return view;
}

task_view view_of(const sim::task_state& task, symbolizer& symbols) {
  task_view view;
  view.id = task.id;
  view.name = task.name;
  view.spawned_at = place_of(task.spawned_at);
  for (const sim::await_place& where : task.awaiting) view.awaiting.push_back(place_of(where));
  view.waiting_for = task.waiting_for;
  view.queued = task.queued;
  view.polled = task.polled;
  view.repeated = places_of(task.repeated, symbols);
  return view;
}

// The stack of the failure. A signal interrupts an instruction itself, not the one behind a call.
sim::call_stack return_addresses(const sim::failure& failure) {
  sim::call_stack stack = failure.stack;
  const bool interrupted = failure.signal != 0 || failure.kind == sim::failure_kind::stack_overflow;
  if (interrupted) ++stack.front();
  return stack;
}

// The place the assertion itself names. The stack begins there, although the machine may not have seen the innermost
// function: a library stood between it and the user's code.
void place_assertion(const sim::failure& failure, finding& result) {
  const bool seen = result.where.file == failure.file && result.where.line == failure.line;
  if (!seen) result.where = {failure.file, "", failure.line};
  if (!seen && !failure.stack.empty()) {
    auto& frames = result.stacks.front().frames;
    frames.insert(frames.begin(), frame{0, "", failure.file, failure.line, false});
  }
}

// A future that the runtime polls by itself, while the coroutine that awaits it is suspended: there is no frame of the
// user's, and it stands at its await.
void place_await(finding& result) {
  const auto at_work = std::find_if(result.tasks.begin(), result.tasks.end(),
                                    [&result](const task_view& one) { return one.id == result.task; });
  if (at_work != result.tasks.end() && !at_work->awaiting.empty()) result.where = at_work->awaiting.back();
}

// Who notices a livelock is chance: it is told of the first of those that only look.
void place_livelock(finding& result) {
  result.stacks.clear();
  const std::vector<place> repeated = repeated_places(result);
  result.where = repeated.empty() ? place{} : repeated.front();
  result.thread.reset();
  result.task = 0;
}

}  // namespace

finding_kind finding_kind_of(sim::failure_kind kind) {
  switch (kind) {
    case sim::failure_kind::assertion:
      return finding_kind::assertion;
    case sim::failure_kind::exception:
      return finding_kind::exception;
    case sim::failure_kind::deadlock:
      return finding_kind::deadlock;
    case sim::failure_kind::lost_wakeup:
      return finding_kind::lost_wakeup;
    case sim::failure_kind::livelock:
      return finding_kind::livelock;
    case sim::failure_kind::starvation:
      return finding_kind::starvation;
    case sim::failure_kind::long_poll:
      return finding_kind::long_poll;
    case sim::failure_kind::thread_affinity:
      return finding_kind::thread_affinity;
    case sim::failure_kind::crash:
      return finding_kind::crash;
    case sim::failure_kind::stack_overflow:
      return finding_kind::stack_overflow;
    case sim::failure_kind::step_limit:
      return finding_kind::step_limit;
    case sim::failure_kind::data_race:
      return finding_kind::data_race;
    case sim::failure_kind::blocking_stall:
      return finding_kind::blocking_stall;
    case sim::failure_kind::lock_held_across_await:
      return finding_kind::lock_held_across_await;
    case sim::failure_kind::use_after_free:
      return finding_kind::use_after_free;
    case sim::failure_kind::memory_leak:
      return finding_kind::memory_leak;
    case sim::failure_kind::double_resume:
      return finding_kind::double_resume;
    case sim::failure_kind::frame_leak:
      return finding_kind::frame_leak;
  }
  return finding_kind::crash;
}

finding collect(const sim::failure& failure, symbolizer& symbols) {
  finding result;
  result.kind = finding_kind_of(failure.kind);
  result.message = failure.message;
  if (failure.address != 0) {
    result.variable = symbols.variable(failure.address);
    if (!result.variable.empty()) result.message += "; variable `" + result.variable + "`";
  }
  if (failure.thread != sim::no_thread) result.thread = failure.thread;
  result.task = failure.task;
  result.signal = failure.signal;
  if (!failure.stack.empty()) {
    const std::string title = result.thread ? fmt::format("thread {}", *result.thread) : std::string("stack");
    result.stacks.push_back({title, symbols.resolve_all(return_addresses(failure))});
    result.where = user_place(result.stacks.front().frames);
  }
  for (const sim::related_stack& one : failure.related) {
    result.stacks.push_back({one.title, symbols.resolve_all(one.stack)});
    if (one.place.file == nullptr) continue;
    const place where = place_of(one.place);
    result.stacks.back().frames.push_back({0, short_name(where.function), where.file, where.line, false});
  }
  if (failure.stack.empty() && !result.stacks.empty()) result.where = user_place(result.stacks.front().frames);
  if (failure.file != nullptr) place_assertion(failure, result);
  for (const sim::thread_state& thread : failure.threads) {
    if (!thread.finished) result.threads.push_back(view_of(thread, symbols));
  }
  for (const sim::task_state& task : failure.tasks) result.tasks.push_back(view_of(task, symbols));
  if (result.kind == finding_kind::livelock) place_livelock(result);
  if (result.where.file.empty()) place_await(result);
  return result;
}

}  // namespace heddle::check
