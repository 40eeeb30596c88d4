#include "cli/read_report.hpp"

#include "report/json.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::check {

namespace {

using nlohmann::json;

template <typename Value>
void get(const json& object, const char* key, Value& into) {
  const auto found = object.find(key);
  if (found != object.end()) into = found->get<Value>();
}

template <typename Value>
void get(const json& object, const char* key, std::optional<Value>& into) {
  const auto found = object.find(key);
  if (found != object.end()) into = found->get<Value>();
}

template <typename Value>
void get_number(const json& object, const char* key, int base, Value& into) {
  const std::string text = object.value(key, "");
  std::from_chars(text.data(), text.data() + text.size(), into, base);
}

const json& list(const json& object, const char* key) {
  static const json empty = json::array();
  const auto found = object.find(key);
  return found == object.end() ? empty : *found;
}

place place_of(const json& object) {
  place where;
  get(object, "file", where.file);
  get(object, "line", where.line);
  get(object, "function", where.function);
  return where;
}

std::vector<place> places_of(const json& object, const char* key) {
  std::vector<place> places;
  for (const json& one : list(object, key)) places.push_back(place_of(one));
  return places;
}

stack stack_of(const json& object) {
  stack result;
  get(object, "title", result.title);
  for (const json& one : list(object, "frames")) {
    const place where = place_of(one);
    result.frames.push_back({0, where.function, where.file, where.line, one.value("internal", false)});
  }
  return result;
}

thread_view thread_of(const json& object) {
  thread_view result;
  get(object, "thread", result.id);
  get(object, "name", result.name);
  get(object, "waiting_for", result.waiting_for);
  if (object.contains("stack")) result.where = stack_of(object["stack"]);
  result.repeated = places_of(object, "repeated");
  return result;
}

task_view task_of(const json& object) {
  task_view result;
  get(object, "task", result.id);
  get(object, "name", result.name);
  if (object.contains("spawned_at")) result.spawned_at = place_of(object["spawned_at"]);
  result.awaiting = places_of(object, "awaiting");
  get(object, "waiting_for", result.waiting_for);
  get(object, "queued", result.queued);
  get(object, "polled", result.polled);
  result.repeated = places_of(object, "repeated");
  return result;
}

mishap_view mishap_of(const json& object) {
  mishap_view result;
  get(object, "what", result.what);
  get(object, "task", result.task);
  result.awaiting = places_of(object, "awaiting");
  return result;
}

moment moment_of(const json& object) {
  moment result;
  get(object, "thread", result.thread);
  get(object, "task", result.task);
  get(object, "what", result.what);
  if (object.contains("place")) result.where = place_of(object["place"]);
  get(object, "times", result.times);
  get(object, "time_ns", result.time_ns);
  return result;
}

finding finding_of(const json& object) {
  finding result;
  result.kind = parse_finding_kind(object.value("kind", "")).value_or(finding_kind::crash);
  get(object, "signature", result.signature);
  get(object, "message", result.message);
  if (object.contains("place")) result.where = place_of(object["place"]);
  if (object.contains("thread")) result.thread = object["thread"].get<sim::thread_id>();
  get(object, "task", result.task);
  get(object, "signal", result.signal);
  get(object, "variable", result.variable);
  for (const json& one : list(object, "stacks")) result.stacks.push_back(stack_of(one));
  for (const json& one : list(object, "threads")) result.threads.push_back(thread_of(one));
  for (const json& one : list(object, "tasks")) result.tasks.push_back(task_of(one));
  for (const json& one : list(object, "mishaps")) result.mishaps.push_back(mishap_of(one));
  for (const json& one : list(object, "timeline")) result.timeline.push_back(moment_of(one));
  for (const json& one : list(object, "deciding")) result.deciding.push_back(moment_of(one));
  get(object, "minimised", result.minimised);
  get(object, "schedule", result.schedule);
  get_number(object, "event_hash", 16, result.event_hash);
  get(object, "token", result.token);
  return result;
}

report report_of(const json& object) {
  report result;
  get(object, "test", result.name);
  get(object, "program", result.program);
  get(object, "error", result.error);
  const json exploration = object.value("exploration", json::object());
  get(exploration, "strategy", result.strategy);
  get_number(exploration, "seed", 10, result.seed);
  get(exploration, "schedules", result.schedules);
  get(exploration, "schedules_asked", result.schedules_asked);
  get(exploration, "distinct", result.distinct);
  get(exploration, "distinct_at_least", result.distinct_at_least);
  get(exploration, "unseen", result.unseen);
  get(exploration, "last_new", result.last_new);
  get(exploration, "distinct_after", result.distinct_after);
  get(exploration, "detection", result.detection);
  get(exploration, "explored", result.explored);
  get(exploration, "proved", result.proved);
  get(exploration, "preemptions", result.preemptions);
  get(exploration, "delays", result.delays);
  get(exploration, "replayed", result.replayed);
  get(exploration, "inputs", result.inputs_tried);
  for (const json& one : list(object, "inputs"))
    result.inputs.push_back({one.value("name", ""), one.value("value", "")});
  get(object, "inputs_minimised", result.inputs_minimised);
  for (const json& one : list(object, "findings")) result.findings.push_back(finding_of(one));
  get(object, "output", result.output);
  get(object, "notices", result.notices);
  get(object, "replay", result.replay_command);
  return result;
}

}  // namespace

std::variant<report, std::string> read_report(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (object.is_discarded()) return "it is no JSON";
  if (!object.is_object() || object.value("format", json()) != "heddle-report") return "it is no report of heddle";
  if (object.value("version", json()) != report_format_version) {
    return fmt::format("it is a report of version {}; this heddle reads version {}",
                       object.value("version", json()).dump(), report_format_version);
  }
  try {
    return report_of(object);
  } catch (const json::exception& wrong) {
    return fmt::format("it is damaged: {}", wrong.what());
  }
}

}  // namespace heddle::check
