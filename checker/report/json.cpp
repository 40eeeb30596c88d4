#include "report/json.hpp"

#include "report/source_text.hpp"
#include "symbols/names.hpp"

#include <map>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::check {

namespace {

using json = nlohmann::ordered_json;

// Sets the key unless the value says nothing.
template <typename Value>
void set(json& object, const char* key, const Value& value) {
  if (value != Value{}) object[key] = value;
}

json json_of(const place& where) {
  json object = json::object();
  set(object, "file", where.file);
  set(object, "line", where.line);
  set(object, "function", where.function);
  return object;
}

// A place that the runtime told, with the whole name of its function.
json json_of_await(const place& where) {
  return json_of(place{where.file, short_name(where.function), where.line});
}

// Everything of one report. The lines of source are read once.
class json_report {
 public:
  explicit json_report(const report& what) : report_(what) {}

  json run() {
    json object;
    object["format"] = "heddle-report";
    object["version"] = report_format_version;
    object["test"] = report_.name;
    set(object, "program", report_.program);
    object["outcome"] = outcome();
    set(object, "error", report_.error);
    object["summary"] = report_.summary();
    object["exploration"] = exploration();
    if (!report_.inputs.empty()) object["inputs"] = inputs();
    set(object, "inputs_minimised", report_.inputs_minimised);
    object["findings"] = json::array();
    for (const finding& one : report_.findings) object["findings"].push_back(json_of(one));
    if (!report_.history.empty()) object["history"] = history();
    object["suppressed"] = json::array();
    for (const suppressed_findings& one : report_.suppressed) object["suppressed"].push_back(json_of(one));
    set(object, "output", report_.output);
    object["notices"] = report_.notices;
    set(object, "replay", report_.replay_command);
    return object;
  }

 private:
  const char* outcome() const {
    if (!report_.error.empty()) return "unusable";
    if (!report_.findings.empty()) return "failed";
    return report_.proved ? "proved" : "passed";
  }

  json exploration() const {
    json object;
    object["strategy"] = report_.strategy;
    object["seed"] = std::to_string(report_.seed);
    object["schedules"] = report_.schedules;
    set(object, "schedules_asked", report_.schedules_asked);
    set(object, "inputs", report_.inputs_tried);
    object["distinct"] = report_.distinct;
    object["distinct_at_least"] = report_.distinct_at_least;
    object["unseen"] = report_.unseen;
    object["last_new"] = report_.last_new;
    object["distinct_after"] = report_.distinct_after;
    if (report_.detection) object["detection"] = *report_.detection;
    if (report_.explored) object["explored"] = *report_.explored;
    object["proved"] = report_.proved;
    if (report_.preemptions) object["preemptions"] = *report_.preemptions;
    if (report_.delays) object["delays"] = *report_.delays;
    object["replayed"] = report_.replayed;
    return object;
  }

  json inputs() const {
    json all = json::array();
    for (const input_view& one : report_.inputs) {
      json object = json::object();
      set(object, "name", one.name);
      object["value"] = one.value;
      all.push_back(std::move(object));
    }
    return all;
  }

  json json_of(const finding& one) {
    json object;
    object["kind"] = to_string(one.kind);
    object["signature"] = one.signature;
    object["message"] = one.message;
    if (!one.where.file.empty())
      object["place"] = with_source(check::json_of(one.where), one.where.file, one.where.line);
    if (one.thread) object["thread"] = *one.thread;
    set(object, "task", one.task);
    set(object, "signal", one.signal);
    set(object, "variable", one.variable);
    object["stacks"] = json::array();
    for (const stack& each : one.stacks) object["stacks"].push_back(json_of(each));
    object["threads"] = json::array();
    for (const thread_view& each : one.threads) object["threads"].push_back(json_of(each));
    object["tasks"] = json::array();
    for (const task_view& each : one.tasks) object["tasks"].push_back(json_of(each));
    object["mishaps"] = json::array();
    for (const mishap_view& each : one.mishaps) object["mishaps"].push_back(json_of(each));
    object["timeline"] = json::array();
    for (const moment& each : one.timeline) object["timeline"].push_back(json_of(each));
    object["deciding"] = json::array();
    for (const moment& each : one.deciding) object["deciding"].push_back(json_of(each));
    set(object, "minimised", one.minimised);
    object["schedule"] = one.schedule;
    object["event_hash"] = fmt::format("{:016x}", one.event_hash);
    object["token"] = one.token;
    return object;
  }

  json with_source(json object, const std::string& file, unsigned line) {
    set(object, "source", sources_.line(file, line));
    return object;
  }

  json json_of(const stack& one) {
    json object;
    object["title"] = one.title;
    object["frames"] = json::array();
    for (const frame& each : one.frames) {
      json level = check::json_of(place{each.file, each.function, each.line});
      if (each.internal) level["internal"] = true;
      object["frames"].push_back(each.internal ? level : with_source(std::move(level), each.file, each.line));
    }
    return object;
  }

  json json_of(const thread_view& one) {
    json object;
    object["thread"] = one.id;
    set(object, "name", one.name);
    set(object, "waiting_for", one.waiting_for);
    object["stack"] = json_of(one.where);
    set_repeated(object, one.repeated);
    return object;
  }

  json json_of(const task_view& one) {
    json object;
    object["task"] = one.id;
    set(object, "name", one.name);
    if (!one.spawned_at.file.empty()) object["spawned_at"] = json_of_await(one.spawned_at);
    object["awaiting"] = json_of_chain(one.awaiting);
    set(object, "waiting_for", one.waiting_for);
    if (one.queued) object["queued"] = true;
    if (one.polled) object["polled"] = true;
    set_repeated(object, one.repeated);
    return object;
  }

  void set_repeated(json& object, const std::vector<place>& repeated) {
    for (const place& each : repeated)
      object["repeated"].push_back(with_source(check::json_of(each), each.file, each.line));
  }

  json json_of(const mishap_view& one) {
    json object;
    object["what"] = one.what;
    set(object, "task", one.task);
    object["awaiting"] = json_of_chain(one.awaiting);
    return object;
  }

  json json_of_chain(const std::vector<place>& awaiting) {
    json chain = json::array();
    for (const place& each : awaiting) chain.push_back(with_source(json_of_await(each), each.file, each.line));
    return chain;
  }

  static json json_of(const moment& one) {
    json object;
    object["thread"] = one.thread;
    set(object, "task", one.task);
    object["what"] = one.what;
    if (!one.where.file.empty()) object["place"] = check::json_of(one.where);
    if (one.times > 1) object["times"] = one.times;
    set(object, "time_ns", one.time_ns);
    return object;
  }

  static json json_of(const suppressed_findings& one) {
    json object;
    object["kind"] = to_string(one.by.kind);
    set(object, "function", one.by.function);
    set(object, "file", one.by.file);
    object["reason"] = one.by.reason;
    set(object, "origin", one.by.origin);
    object["schedules"] = one.schedules;
    return object;
  }

  // Places and operations repeat, so events name them by number.
  json history() {
    std::map<std::tuple<std::string, unsigned, std::string>, std::size_t> places;
    std::map<std::string, std::size_t> operations;
    json object;
    object["whole"] = report_.history.front().thread == 0 && report_.history.front().operation == "thread start";
    object["operations"] = json::array();
    object["places"] = json::array();
    object["events"] = json::array();
    for (const moment& one : report_.history) {
      const auto [operation, new_operation] = operations.try_emplace(one.operation, operations.size());
      if (new_operation) object["operations"].push_back(one.operation);
      json event = json::object();
      event["thread"] = one.thread;
      set(event, "task", one.task);
      event["operation"] = operation->second;
      set(event, "object", one.object);
      set(event, "time_ns", one.time_ns);
      if (!one.where.file.empty()) {
        const auto [where, new_place] =
            places.try_emplace({one.where.file, one.where.line, one.where.function}, places.size());
        if (new_place)
          object["places"].push_back(with_source(check::json_of(one.where), one.where.file, one.where.line));
        event["place"] = where->second;
      }
      object["events"].push_back(std::move(event));
    }
    return object;
  }

  const report& report_;
  source_text sources_;
};

}  // namespace

std::string to_json(const report& what) {
  return json_report(what).run().dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace heddle::check
