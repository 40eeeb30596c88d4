#include "cli/corpus/record.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::cli {

namespace {

// Sorted keys: equal facts are equal lines.
using nlohmann::json;

json json_of(const finding_record& what) {
  return {{"type", "finding"},   {"program", what.program}, {"test", what.test},   {"signature", what.signature},
          {"kind", what.kind},   {"message", what.message}, {"file", what.file},   {"line", what.line},
          {"token", what.token}, {"replay", what.replay},   {"build", what.build}, {"schedule", what.schedule},
          {"after", what.after}, {"time", what.time}};
}

json json_of(const verdict_record& what) {
  return {{"type", "fixed"},     {"program", what.program}, {"test", what.test}, {"signature", what.signature},
          {"build", what.build}, {"reason", what.reason},   {"time", what.time}};
}

json json_of(const progress_record& what) {
  return {{"type", "progress"},          {"program", what.program}, {"test", what.test},
          {"build", what.build},         {"writer", what.writer},   {"slices", what.slices},
          {"schedules", what.schedules}, {"ms", what.milliseconds}, {"ended", what.ended},
          {"seen", what.seen.to_text()}, {"time", what.time}};
}

finding_record finding_of(const json& from) {
  finding_record result;
  from.at("program").get_to(result.program);
  from.at("test").get_to(result.test);
  from.at("signature").get_to(result.signature);
  from.at("kind").get_to(result.kind);
  from.at("message").get_to(result.message);
  from.at("file").get_to(result.file);
  from.at("line").get_to(result.line);
  from.at("token").get_to(result.token);
  from.at("replay").get_to(result.replay);
  from.at("build").get_to(result.build);
  from.at("schedule").get_to(result.schedule);
  from.at("after").get_to(result.after);
  from.at("time").get_to(result.time);
  return result;
}

verdict_record verdict_of(const json& from) {
  verdict_record result;
  from.at("program").get_to(result.program);
  from.at("test").get_to(result.test);
  from.at("signature").get_to(result.signature);
  from.at("build").get_to(result.build);
  from.at("reason").get_to(result.reason);
  from.at("time").get_to(result.time);
  return result;
}

std::optional<record> progress_of(const json& from) {
  progress_record result;
  from.at("program").get_to(result.program);
  from.at("test").get_to(result.test);
  from.at("build").get_to(result.build);
  from.at("writer").get_to(result.writer);
  from.at("slices").get_to(result.slices);
  from.at("schedules").get_to(result.schedules);
  from.at("ms").get_to(result.milliseconds);
  from.at("ended").get_to(result.ended);
  from.at("time").get_to(result.time);
  const auto seen = check::sketch::parse(from.at("seen").get_ref<const std::string&>());
  if (!seen) return std::nullopt;
  result.seen = *seen;
  return result;
}

std::uint64_t hash_of(std::string_view content, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char letter : content) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
  return hash ^ (hash >> 33);
}

}  // namespace

std::string to_line(const record& what) {
  const json object = std::visit([](const auto& one) { return json_of(one); }, what);
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<record> parse_record(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  try {
    const std::string& type = object.at("type").get_ref<const std::string&>();
    if (type == "finding") return finding_of(object);
    if (type == "fixed") return verdict_of(object);
    if (type == "progress") return progress_of(object);
  } catch (const json::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

std::string content_id(std::string_view content) {
  return fmt::format("{:016x}{:016x}", hash_of(content, 0),
                     hash_of(content, content.size() * 0x9e3779b97f4a7c15ULL + 1));
}

}  // namespace heddle::cli
