#include "report/text.hpp"

#include "symbols/names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr std::size_t frames_max = 24;
constexpr std::size_t tasks_max = 32;
constexpr std::size_t threads_max = 32;
constexpr std::size_t output_lines_max = 40;

class text_report {
 public:
  text_report(const report& what, colours colour) : report_(what), colour_(colour) {}

  std::string run();

 private:
  template <typename... Arguments>
  void line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
    text_.push_back('\n');
  }

  std::string strong(std::string_view text) const {
    return colour_ == colours::terminal ? fmt::format("\033[1;31m{}\033[0m", text) : std::string(text);
  }

  void head(const finding& one);
  void also(const finding& one);
  void stack_of(const stack& frames, std::size_t depth_max);
  void threads_of(const finding& one);
  void tasks_of(const finding& one);
  void timeline_of(const finding& one);
  void output_of_schedule();
  void schedule_of(const finding& one);

  const report& report_;
  const colours colour_;
  std::string text_;
};

// All lines but the first, moved in.
std::string indented(std::string_view message) {
  while (message.ends_with('\n')) message.remove_suffix(1);
  std::string text;
  for (const char letter : message) {
    text.push_back(letter);
    if (letter == '\n') text += "    ";
  }
  return text;
}

std::string location(const place& where) {
  return fmt::format("{}:{}", short_path(where.file), where.line);
}

std::string location(const frame& one) {
  if (one.file.empty()) return fmt::format("{:#x}", one.pc);
  return one.line == 0 ? short_path(one.file) : fmt::format("{}:{}", short_path(one.file), one.line);
}

// The function by which a stack without frames of the user's code left that code.
std::string outermost_known(const stack& where) {
  for (const frame& one : where.frames) {
    if (!one.function.empty() && (!one.internal || !one.function.starts_with("heddle::"))) return one.function;
  }
  return {};
}

std::string frames_of_libraries(std::size_t count) {
  return count == 1 ? "a library's frame" : fmt::format("{} frames of libraries", count);
}

// Whether the stack says more than the place of the finding does already.
bool has_anything_known(const stack& where) {
  const auto of_the_user = [](const frame& one) { return !one.internal; };
  const auto named = [](const frame& one) { return !one.internal && !one.function.empty(); };
  const bool any = std::any_of(where.frames.begin(), where.frames.end(), of_the_user);
  return any ? std::any_of(where.frames.begin(), where.frames.end(), named) : !outermost_known(where).empty();
}

bool concerns_all_tasks(finding_kind kind) {
  return kind == finding_kind::deadlock || kind == finding_kind::lost_wakeup || kind == finding_kind::livelock ||
         kind == finding_kind::starvation || kind == finding_kind::step_limit;
}

void text_report::head(const finding& one) {
  line("{} in {}: {}", strong(to_string(one.kind)), report_.name, indented(one.message));
  const std::string thread = one.thread ? fmt::format(", on thread {}", *one.thread) : std::string();
  const std::string task = one.task == 0 ? std::string() : fmt::format(", in task {}", one.task);
  if (!one.where.file.empty()) line("  at {}{}{}", location(one.where), thread, task);
}

void text_report::also(const finding& one) {
  const std::string at = one.where.file.empty() ? std::string() : fmt::format(" (at {})", location(one.where));
  line("  also {}: {}{}", to_string(one.kind), indented(one.message), at);
}

// Runs of internal frames become one line, and so do repeats of a recursion. Internal frames at the outer end, and
// those inlined into a shown function, are left out.
void text_report::stack_of(const stack& where, std::size_t depth_max) {
  std::size_t folded = 0;
  std::size_t inlined = 0;  // of the folded ones, at the address of the last of them
  std::size_t shown = 0;
  std::size_t repeats = 0;
  std::uintptr_t folded_pc = 0;
  const frame* last = nullptr;
  for (const frame& one : where.frames) {
    if (one.internal) {
      inlined = one.pc == folded_pc ? inlined + 1 : 1;
      folded_pc = one.pc;
      ++folded;
      continue;
    }
    if (one.pc == folded_pc) folded -= std::min(folded, inlined);
    if (last != nullptr && folded == 0 && last->function == one.function && last->line == one.line) {
      ++repeats;
      continue;
    }
    if (repeats > 0) line("      ... {} more of it", repeats);
    if (shown == depth_max) {
      if (depth_max > 1) line("      ... more");
      return;
    }
    if (depth_max > 1 && folded > 0) line("      ... {}", frames_of_libraries(folded));
    line("      {}{}{}", location(one), one.function.empty() ? "" : "  ", one.function);
    ++shown;
    last = &one;
    folded = 0;
    repeats = 0;
  }
  if (repeats > 0) line("      ... {} more of it", repeats);
  if (shown == 0) line("      in {}", outermost_known(where));
}

void text_report::threads_of(const finding& one) {
  if (one.threads.empty()) return;
  line("  unfinished threads:");
  std::size_t shown = 0;
  for (const thread_view& thread : one.threads) {
    if (shown++ == threads_max) {
      line("    ... {} more", one.threads.size() - threads_max);
      return;
    }
    const std::string name = thread.name.empty() ? std::string() : fmt::format(" ({})", thread.name);
    const std::string state =
        thread.waiting_for.empty() ? std::string("can run") : fmt::format("waits for {}", thread.waiting_for);
    line("    thread {}{} {}", thread.id, name, state);
    if (has_anything_known(thread.where)) stack_of(thread.where, 1);
  }
}

void text_report::tasks_of(const finding& one) {
  if (one.tasks.empty() || !concerns_all_tasks(one.kind)) return;
  line("  unfinished tasks:");
  std::size_t shown = 0;
  for (const task_view& task : one.tasks) {
    if (shown++ == tasks_max) {
      line("    ... {} more", one.tasks.size() - tasks_max);
      return;
    }
    std::string state =
        task.waiting_for.empty() ? std::string("is suspended") : fmt::format("waits for {}", task.waiting_for);
    if (task.id == one.task) state = "is being polled";
    if (task.queued) state = "is queued, waiting for a worker";
    const std::string name = task.name.empty() ? std::string() : fmt::format(" ({})", task.name);
    const std::string from =
        task.spawned_at.file.empty() ? std::string() : fmt::format(", spawned at {}", location(task.spawned_at));
    line("    task {}{} {}{}", task.id, name, state, from);
    for (auto await = task.awaiting.rbegin(); await != task.awaiting.rend(); ++await) {
      line("      {} {}  {}", await == task.awaiting.rbegin() ? "at" : "from", location(*await),
           short_name(await->function));
    }
  }
}

void text_report::timeline_of(const finding& one) {
  if (one.timeline.empty()) return;
  line("  last events:");
  text_ += timeline_text(one.timeline);
}

void text_report::output_of_schedule() {
  std::string_view output = report_.output;
  while (output.ends_with('\n')) output.remove_suffix(1);
  if (output.empty()) return;
  // What was printed last is nearest to the failure.
  std::size_t begin = output.size();
  for (std::size_t lines = 0; lines < output_lines_max && begin != std::string_view::npos && begin != 0; ++lines)
    begin = output.rfind('\n', begin - 1);
  const bool whole = begin == std::string_view::npos || begin == 0;
  line("  output of the program{}:", whole ? "" : ", its end");
  line("    {}", indented(whole ? output : output.substr(begin + 1)));
}

void text_report::schedule_of(const finding& one) {
  const std::string of =
      report_.schedules_asked == 0 || report_.replayed ? std::string() : fmt::format(" of {}", report_.schedules_asked);
  line("  schedule {}{}{}, strategy {}, seed {}, event hash {:016x}", one.schedule, of,
       report_.replayed ? ", replayed" : "", report_.strategy, report_.seed, one.event_hash);
}

std::string text_report::run() {
  if (!report_.error.empty()) line("{} in {}: {}", strong("nothing explored"), report_.name, report_.error);
  if (!report_.findings.empty()) {
    const finding& first = report_.findings.front();
    head(first);
    for (const stack& one : first.stacks) {
      // Of a deadlock, the threads below say all.
      if (!has_anything_known(one) || (first.kind == finding_kind::deadlock && !first.threads.empty())) continue;
      line("  stack of {}:", one.title);
      stack_of(one, frames_max);
    }
    threads_of(first);
    tasks_of(first);
    for (std::size_t i = 1; i < report_.findings.size(); ++i) also(report_.findings[i]);
    timeline_of(first);
    output_of_schedule();
    schedule_of(first);
  }
  if (!report_.failed()) line("{}", report_.summary());
  for (const std::string& notice : report_.notices) line("  note: {}", notice);
  if (!report_.replay_command.empty()) line("replay: {}", report_.replay_command);
  if (text_.ends_with('\n')) text_.pop_back();
  return std::move(text_);
}

}  // namespace

std::string to_text(const report& what, colours colour) {
  return text_report(what, colour).run();
}

}  // namespace heddle::check
