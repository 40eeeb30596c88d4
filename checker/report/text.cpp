#include "report/text.hpp"

#include "report/counted.hpp"
#include "report/source_text.hpp"
#include "symbols/names.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

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

  // `code` of the terminal, such as "1;31" for bold red.
  std::string coloured(std::string_view text, std::string_view code) const {
    return colour_ == colours::terminal ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
  }
  std::string strong(std::string_view text) const { return coloured(text, "1;31"); }
  std::string title(std::string_view text) const { return coloured(text, "1"); }

  void head(const finding& one);
  void inputs();
  void also(const finding& one);
  void stacks_of(const finding& one);
  void stack_of(const stack& where, std::size_t depth_max);
  void whole_stack_of(const stack& where);
  void source_of(const std::string& file, unsigned number);
  void threads_of(const finding& one);
  void thread_of(const finding& one, const thread_view& thread);
  void repeated_of(const std::vector<place>& repeated);
  void tasks_of(const finding& one);
  void task_of(const task_view& task);
  void mishaps_of(const finding& one);
  void timeline_of(const finding& one);
  void deciding_of(const finding& one);
  void output_of_schedule();
  void schedule_of(const finding& one);

  const report& report_;
  const colours colour_;
  source_text sources_;
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

// Workers, by the name that the runtime gives them: one that stands in no code of the program's waits for a task to
// run, and of a livelock the tasks say what is done again.
bool is_told_by_tasks(const finding& one, const thread_view& thread) {
  if (one.tasks.empty() || thread.name != "heddle-worker" || !thread.repeated.empty()) return false;
  const auto of_the_user = [](const frame& each) { return !each.internal; };
  return one.kind == finding_kind::livelock ||
         std::none_of(thread.where.frames.begin(), thread.where.frames.end(), of_the_user);
}

bool concerns_all_tasks(finding_kind kind) {
  return kind == finding_kind::deadlock || kind == finding_kind::lost_wakeup || kind == finding_kind::livelock ||
         kind == finding_kind::starvation || kind == finding_kind::step_limit || kind == finding_kind::frame_leak;
}

// Of a deadlock and a livelock, the threads say all that the stack of the last one would.
bool shows_threads(const finding& one) {
  return (one.kind == finding_kind::deadlock || one.kind == finding_kind::livelock) && !one.threads.empty();
}

void text_report::head(const finding& one) {
  line("{} in {}: {}", strong(to_string(one.kind)), report_.name, indented(one.message));
  const std::string thread = one.thread ? fmt::format(", on thread {}", *one.thread) : std::string();
  const std::string task = one.task == 0 ? std::string() : fmt::format(", in task {}", one.task);
  if (one.where.file.empty()) return;
  line("  at {}{}{}", location(one.where), thread, task);
  const bool shown_below = shows_threads(one) || (!one.stacks.empty() && has_anything_known(one.stacks.front()));
  if (!shown_below) source_of(one.where.file, one.where.line);
}

void text_report::inputs() {
  if (report_.inputs.empty()) return;
  line("  {}", title("inputs:"));
  for (const input_view& one : report_.inputs) {
    line("    {}{}", one.name.empty() ? "" : indented(one.name) + " = ", indented(one.value));
  }
  if (!report_.inputs_minimised.empty()) line("  {}", report_.inputs_minimised);
}

void text_report::source_of(const std::string& file, unsigned number) {
  const std::string source = sources_.line(file, number);
  if (!source.empty()) line("        {} | {}", number, coloured(source, "1"));
}

void text_report::also(const finding& one) {
  const std::string at = one.where.file.empty() ? std::string() : fmt::format(" (at {})", location(one.where));
  line("  also {}: {}{}", to_string(one.kind), indented(one.message), at);
}

// Runs of internal frames become one line, and so do repeats of a recursion. Internal frames at the outer end, and
// those inlined into a shown function, are left out.
void text_report::stack_of(const stack& where, std::size_t depth_max) {
  if (report_.verbose) return whole_stack_of(where);
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
    if (shown == 0) source_of(one.file, one.line);
    ++shown;
    last = &one;
    folded = 0;
    repeats = 0;
  }
  if (repeats > 0) line("      ... {} more of it", repeats);
  if (shown == 0) line("      in {}", outermost_known(where));
}

void text_report::whole_stack_of(const stack& where) {
  for (const frame& one : where.frames) {
    line("      {}{}{}", location(one), one.function.empty() ? "" : "  ", one.function);
    if (!one.internal) source_of(one.file, one.line);
  }
}

void text_report::stacks_of(const finding& one) {
  // Where the threads stand is shown below; of a lost wakeup, also where the signal was given.
  if (shows_threads(one) && one.kind != finding_kind::lost_wakeup) return;
  for (const stack& each : one.stacks) {
    if (!has_anything_known(each)) {
      // That there was a signal, and when, is told all the same.
      if (one.kind == finding_kind::lost_wakeup) line("  {}", title(each.title));
      continue;
    }
    const bool of_task = &each == &one.stacks.front() && one.task != 0 && one.thread.has_value();
    const std::string whose = of_task ? fmt::format("task {}, on {}", one.task, each.title) : each.title;
    line("  {}", title(fmt::format("stack of {}:", whose)));
    stack_of(each, frames_max);
  }
}

void text_report::threads_of(const finding& one) {
  if (one.threads.empty()) return;
  line("  {}", title("unfinished threads:"));
  std::vector<const thread_view*> shown;
  for (const thread_view& thread : one.threads) {
    if (report_.verbose || !is_told_by_tasks(one, thread)) shown.push_back(&thread);
  }
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i == threads_max) {
      line("    ... {} more", shown.size() - threads_max);
      return;
    }
    thread_of(one, *shown[i]);
  }
  const std::size_t workers = one.threads.size() - shown.size();
  if (workers != 0) line("    {} of the runtime, which the tasks tell of", counted(workers, "worker"));
}

void text_report::thread_of(const finding& one, const thread_view& thread) {
  const std::string name = thread.name.empty() ? std::string() : fmt::format(" ({})", thread.name);
  std::string state =
      thread.waiting_for.empty() ? std::string("can run") : fmt::format("waits for {}", thread.waiting_for);
  if (!thread.repeated.empty()) state = "only looks again";
  line("    thread {}{} {}", thread.id, name, state);
  repeated_of(thread.repeated);
  if (one.kind != finding_kind::livelock && has_anything_known(thread.where)) stack_of(thread.where, 1);
}

void text_report::repeated_of(const std::vector<place>& repeated) {
  for (const place& one : repeated) {
    line("      {}{}{}", location(one), one.function.empty() ? "" : "  ", one.function);
    source_of(one.file, one.line);
  }
}

void text_report::tasks_of(const finding& one) {
  if (!concerns_all_tasks(one.kind)) {
    // The chain of awaits that led to where it happened.
    for (const task_view& task : one.tasks) {
      if (task.id == one.task && !task.awaiting.empty()) task_of(task);
    }
    return;
  }
  if (one.tasks.empty()) return;
  line("  {}", title("unfinished tasks:"));
  std::size_t shown = 0;
  for (const task_view& task : one.tasks) {
    if (shown++ == tasks_max) {
      line("    ... {} more", one.tasks.size() - tasks_max);
      return;
    }
    task_of(task);
  }
}

void text_report::task_of(const task_view& task) {
  std::string state =
      task.waiting_for.empty() ? std::string("is suspended") : fmt::format("waits for {}", task.waiting_for);
  if (task.polled) state = "is being polled";
  if (!task.repeated.empty())
    state = "only looks again";
  else if (task.queued)
    state = "is queued, waiting for a worker";
  const std::string name = task.name.empty() ? std::string() : fmt::format(" ({})", task.name);
  const std::string from =
      task.spawned_at.file.empty() ? std::string() : fmt::format(", spawned at {}", location(task.spawned_at));
  line("    task {}{} {}{}", task.id, name, state, from);
  repeated_of(task.repeated);
  for (auto await = task.awaiting.rbegin(); await != task.awaiting.rend(); ++await) {
    const bool innermost = await == task.awaiting.rbegin();
    line("      {} {}  {}", innermost ? "at" : "from", location(*await), short_name(await->function));
    if (innermost) source_of(await->file, await->line);
  }
}

void text_report::mishaps_of(const finding& one) {
  if (one.mishaps.empty()) return;
  line("  in this schedule:");
  std::size_t shown = 0;
  for (const mishap_view& each : one.mishaps) {
    if (shown++ == tasks_max) {
      line("    ... {} more", one.mishaps.size() - tasks_max);
      return;
    }
    line("    {}", each.what);
    for (auto await = each.awaiting.rbegin(); await != each.awaiting.rend(); ++await) {
      const bool innermost = await == each.awaiting.rbegin();
      line("      {} {}  {}", innermost ? "at" : "from", location(*await), short_name(await->function));
    }
  }
}

void text_report::timeline_of(const finding& one) {
  if (one.timeline.empty()) return;
  line("  {}", title("last events that matter:"));
  std::vector<moment> shown = one.timeline;
  // Where all wait for one another there is no last step.
  if (one.thread && !shows_threads(one)) {
    moment end{*one.thread, std::string(to_string(one.kind)), one.where};
    end.task = one.task;
    shown.push_back(std::move(end));
  }
  text_ += timeline_text(shown);
}

void text_report::deciding_of(const finding& one) {
  if (one.deciding.size() != 2) return;
  line("  it fails when the first comes before the second, and passes the other way round:");
  for (const moment& event : one.deciding) {
    const std::string where = event.where.file.empty() ? std::string() : fmt::format("  {}", location(event.where));
    line("    thread {}: {}{}", event.thread, event.what, where);
  }
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
  if (!one.minimised.empty()) line("  {}", one.minimised);
}

std::string text_report::run() {
  if (!report_.error.empty()) {
    const bool nothing = report_.schedules == 0;
    line("{} in {}: {}", strong(nothing ? "nothing explored" : "given up"), report_.name, report_.error);
  }
  if (!report_.findings.empty()) {
    const finding& first = report_.findings.front();
    head(first);
    inputs();
    stacks_of(first);
    mishaps_of(first);
    threads_of(first);
    tasks_of(first);
    for (std::size_t i = 1; i < report_.findings.size(); ++i) also(report_.findings[i]);
    timeline_of(first);
    deciding_of(first);
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

colours colours_for(int descriptor) {
  const auto value = [](const char* name) {
    const char* found = std::getenv(name);
    return std::string_view(found == nullptr ? "" : found);
  };
  const bool wanted = value("NO_COLOR").empty() && value("TERM") != "dumb" && isatty(descriptor) == 1;
  return wanted ? colours::terminal : colours::none;
}

std::string to_text(const report& what, colours colour) {
  return text_report(what, colour).run();
}

}  // namespace heddle::check
