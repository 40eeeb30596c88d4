// Taking a dump of all tasks, and its text; see task_dump.hpp. Thread safety: any thread.
#include "heddle/runtime/task_dump.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "task/code_text.hpp"

#include <algorithm>
#include <cstddef>

namespace heddle {

namespace detail {

std::vector<task_dump> dump_tasks(scheduler& of) {
  const hooks::operation_scope operation(hooks::operation::other, &of);
  std::vector<task_header*> tasks;
  of.collect_tasks(tasks);
  std::vector<task_dump> dumps;
  dumps.reserve(tasks.size());
  for (task_header* const each : tasks) {
    task_dump dump;
    if (each->look_at(dump)) dumps.push_back(std::move(dump));
    each->drop_reference();
  }
  std::sort(dumps.begin(), dumps.end(), [](const task_dump& one, const task_dump& other) { return one.id < other.id; });
  return dumps;
}

}  // namespace detail

std::string to_text(const std::vector<task_dump>& tasks) {
  std::string text;
  for (const task_dump& one : tasks) {
    text += "task " + std::to_string(one.id.number());
    if (!one.name.empty()) text += " (" + one.name + ")";
    switch (one.state) {
      case task_dump::condition::running:
        text += " runs\n";
        break;
      case task_dump::condition::queued:
        text += " is ready to run\n";
        break;
      case task_dump::condition::waiting:
        text += " waits\n";
        break;
    }
    for (std::size_t i = 0; i < one.coroutines.size(); ++i) {
      text += "    ";
      if (one.places[i].file != nullptr) {
        text += std::string("at ") + one.places[i].file + ':' + std::to_string(one.places[i].line) + "  ";
      }
      text += "in " + detail::code_text(one.coroutines[i]) + '\n';
    }
    if (one.awaited != nullptr) text += "    for " + detail::code_text(one.awaited) + '\n';
  }
  return text;
}

}  // namespace heddle
