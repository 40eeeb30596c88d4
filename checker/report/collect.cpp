#include "report/collect.hpp"

#include "heddle/hooks.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace heddle::check {

namespace {

const char* name_of(hooks::operation kind) {
  switch (kind) {
    case hooks::operation::spawn:
      return "spawn";
    case hooks::operation::wake:
      return "wake";
    case hooks::operation::poll:
      return "poll";
    case hooks::operation::abort:
      return "abort";
    case hooks::operation::join:
      return "join";
    case hooks::operation::timer:
      return "timer";
    case hooks::operation::channel_send:
      return "channel send";
    case hooks::operation::channel_receive:
      return "channel receive";
    case hooks::operation::channel_close:
      return "channel close";
    case hooks::operation::lock:
      return "async lock";
    case hooks::operation::unlock:
      return "async unlock";
    case hooks::operation::blocking:
      return "blocking call";
    case hooks::operation::shutdown:
      return "runtime shutdown";
    case hooks::operation::other:
      break;
  }
  return "runtime operation";
}

place place_of(const sim::await_place& where) {
  return {where.file == nullptr ? "" : where.file, where.function == nullptr ? "" : where.function, where.line};
}

thread_view view_of(const sim::thread_state& thread, symbolizer& symbols) {
  thread_view view;
  view.id = thread.id;
  view.name = thread.name;
  view.waiting_for = thread.blocked ? thread.waiting_for : "";
  view.where = {fmt::format("thread {}", thread.id), symbols.resolve_all(thread.stack)};
  return view;
}

task_view view_of(const sim::task_state& task) {
  task_view view;
  view.id = task.id;
  view.name = task.name;
  view.spawned_at = place_of(task.spawned_at);
  for (const sim::await_place& where : task.awaiting) view.awaiting.push_back(place_of(where));
  view.waiting_for = task.waiting_for;
  view.queued = task.queued;
  return view;
}

// The stack of the failure. A signal interrupts an instruction itself, not the one behind a call.
sim::call_stack return_addresses(const sim::failure& failure) {
  sim::call_stack stack = failure.stack;
  const bool interrupted = failure.signal != 0 || failure.kind == sim::failure_kind::stack_overflow;
  if (interrupted) ++stack.front();
  return stack;
}

constexpr std::string_view outdated_read = "reads an older store";

// Weak memory: that an operation read the newest store, or stands behind it, goes without saying.
bool is_the_usual_answer(const sim::event& one) {
  if (one.kind != sim::operation_kind::choice || one.object != 0) return false;
  const auto kind = static_cast<sim::choice_kind>(one.detail);
  return kind == sim::choice_kind::read_from || kind == sim::choice_kind::store_place;
}

// The place the assertion itself names. The stack begins there, although the machine may not have seen the innermost
// function: a library stood between it and the user's code.
void place_assertion(const sim::failure& failure, finding& result) {
  const bool seen = result.where.file == failure.file && result.where.line == failure.line;
  if (!seen) result.where = {failure.file, "", failure.line};
  if (!seen && !result.stacks.empty()) {
    auto& frames = result.stacks.front().frames;
    frames.insert(frames.begin(), frame{0, "", failure.file, failure.line, false});
  }
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
  }
  return finding_kind::crash;
}

finding collect(const sim::failure& failure, symbolizer& symbols) {
  finding result;
  result.kind = finding_kind_of(failure.kind);
  result.message = failure.message;
  if (failure.address != 0) {
    const std::string variable = symbols.variable(failure.address);
    if (!variable.empty()) result.message += "; variable `" + variable + "`";
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
  }
  if (failure.file != nullptr) place_assertion(failure, result);
  for (const sim::thread_state& thread : failure.threads) {
    if (!thread.finished) result.threads.push_back(view_of(thread, symbols));
  }
  for (const sim::task_state& task : failure.tasks) result.tasks.push_back(view_of(task));
  return result;
}

void trim_reporting(const sim::failure& failure, std::vector<moment>& timeline) {
  if (failure.kind != sim::failure_kind::assertion || failure.file == nullptr) return;
  const auto is_of_the_report = [&failure](const moment& one) {
    return one.thread == failure.thread && one.where.file.empty() && !one.what.starts_with(outdated_read);
  };
  while (!timeline.empty() && is_of_the_report(timeline.back())) timeline.pop_back();
}

std::vector<moment> collect_timeline(const std::vector<sim::event>& events, symbolizer& symbols) {
  std::vector<sim::event> shown;
  std::remove_copy_if(events.begin(), events.end(), std::back_inserter(shown),
                      [](const sim::event& one) { return sim::is_of_the_runtime(one) || is_the_usual_answer(one); });
  std::vector<moment> timeline;  // newest first
  for (auto one = shown.rbegin(); one != shown.rend(); ++one) {
    const bool repeated = one != shown.rbegin() && *one == *std::prev(one) && one->pc == std::prev(one)->pc;
    if (repeated) {
      ++timeline.back().times;
    } else if (timeline.size() < timeline_max) {
      timeline.push_back({one->thread, describe(*one), symbols.user_place(one->pc)});
    } else {
      break;
    }
  }
  std::reverse(timeline.begin(), timeline.end());
  return timeline;
}

std::string describe(const sim::event& what) {
  if (what.kind == sim::operation_kind::choice) {
    const auto kind = static_cast<sim::choice_kind>(what.detail);
    if (kind == sim::choice_kind::read_from) return fmt::format("{} ({} back)", outdated_read, what.object);
    if (kind == sim::choice_kind::store_place) return fmt::format("stands before {} newer", what.object);
    return fmt::format("{} = {}", sim::name_of(static_cast<sim::choice_kind>(what.detail)), what.object);
  }
  std::string text = sim::name_of(what.kind);
  if (what.kind == sim::operation_kind::runtime_operation) text = name_of(static_cast<hooks::operation>(what.detail));
  if (what.object != 0) text += fmt::format(" #{}", what.object);
  return text;
}

}  // namespace heddle::check
