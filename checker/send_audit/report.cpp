#include "send_audit/report.hpp"

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::send_audit {

std::string message_of(const finding& found) {
  const std::string who = found.variable.empty() ? "a temporary" : "`" + found.variable + "`";
  const std::string how = found.by == evidence::lives_across ? "lives across a co_await"
                                                             : "is in a scope with a co_await, and may live across it";
  return fmt::format("{} of {} {}, but belongs to its thread: {}", who, found.function, how, found.reason);
}

std::string as_text(const std::vector<finding>& findings) {
  std::string text;
  for (const finding& found : findings) {
    text += fmt::format("{}:{}: warning: {} [send-audit]\n", found.where.file, found.where.line, message_of(found));
  }
  return text;
}

std::string as_sarif(const std::vector<finding>& findings) {
  using nlohmann::json;
  json results = json::array();
  for (const finding& found : findings) {
    const json region = {{"startLine", found.where.line == 0 ? 1 : found.where.line}};
    const json location = {{"artifactLocation", {{"uri", found.where.file}}}, {"region", region}};
    results.push_back({{"ruleId", "send-across-await"},
                       {"level", "warning"},
                       {"message", {{"text", message_of(found)}}},
                       {"locations", json::array({{{"physicalLocation", location}}})}});
  }
  const json rule = {{"id", "send-across-await"},
                     {"shortDescription",
                      {{"text",
                        "A variable that belongs to its thread lives across a suspension of a task that may move "
                        "to another"}}}};
  const json driver = {{"name", "heddle-send-audit"}, {"rules", json::array({rule})}};
  const json run = {{"tool", {{"driver", driver}}}, {"results", results}};
  const json log = {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", json::array({run})}};
  return log.dump(2) + "\n";
}

bool is_allowed(const place& where) {
  std::ifstream file(where.file);
  std::string line;
  std::string above;
  for (unsigned number = 1; std::getline(file, line); ++number) {
    if (number == where.line) {
      const bool above_is_comment = above.find_first_not_of(' ') == above.find("//");
      constexpr const char* says = "send-audit: allow (";
      return line.find(says) != std::string::npos || (above_is_comment && above.find(says) != std::string::npos);
    }
    above = line;
  }
  return false;
}

}  // namespace heddle::send_audit
