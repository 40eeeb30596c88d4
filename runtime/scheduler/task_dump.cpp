// Taking a dump of all tasks, and its text; see task_dump.hpp. Thread safety: any thread.
#include "heddle/runtime/task_dump.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "task/code_text.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace heddle {

namespace {

// The name in a signature, such as `serve` in `task<> serve(int)`: compilers write the rest in ways of their own.
std::string name_in(std::string_view signature) {
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < signature.size(); ++i) {
    const char letter = signature[i];
    if (signature.substr(i).starts_with("(anonymous ")) {  // a namespace or class, in clang's words
      i = std::min(signature.find(')', i), signature.size());
      continue;
    }
    if (letter == '<') ++depth;
    if (letter == '>') --depth;
    if (depth == 0 && letter == ' ') begin = i + 1;
    if (depth == 0 && letter == '(') return std::string(signature.substr(begin, i - begin));
  }
  return std::string(signature.substr(begin));
}

}  // namespace

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
      const hooks::source_place place = i < one.places.size() ? one.places[i] : hooks::source_place();
      if (place.file != nullptr) {
        text += std::string("at ") + place.file + ':' + std::to_string(place.line) + "  in " + name_in(place.function) +
                "  ";
      } else {
        text += "in ";
      }
      text += detail::code_text(one.coroutines[i]) + '\n';
    }
    if (one.awaited != nullptr) text += "    for " + detail::code_text(one.awaited) + '\n';
  }
  return text;
}

}  // namespace heddle
