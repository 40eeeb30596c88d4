// Checks JSON against a schema: as much of JSON Schema as docs/report.schema.json uses. Stricter in one way: keys that
// the schema does not name are wrong, so that the schema and its description stay whole.
#pragma once

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

namespace heddle::check {

class json_schema {
 public:
  explicit json_schema(nlohmann::json schema) : schema_(std::move(schema)) {}

  // What is wrong, and where; empty if nothing is.
  std::string what_is_wrong_with(const nlohmann::json& value) const { return check(value, schema_, "$"); }

 private:
  using json = nlohmann::json;

  static bool is_of_type(const json& value, const std::string& type) {
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "integer" && value.is_number_integer()) ||
           (type == "number" && value.is_number()) || (type == "boolean" && value.is_boolean());
  }

  std::string check(const json& value, const json& schema, const std::string& at) const {
    if (schema.contains("$ref")) {
      const std::string reference = schema["$ref"];
      return check(value, schema_.at(json::json_pointer(reference.substr(1))), at);
    }
    if (schema.contains("const") && value != schema["const"]) return at + ": is " + value.dump();
    if (schema.contains("enum")) {
      const json& allowed = schema["enum"];
      if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) return at + ": is " + value.dump();
    }
    if (schema.contains("type") && !is_of_type(value, schema["type"])) return at + ": has another type";
    for (const json& key : schema.value("required", json::array())) {
      if (!value.contains(key)) return at + ": lacks " + key.dump();
    }
    if (value.is_object()) {
      for (const auto& [key, member] : value.items()) {
        if (!schema.at("properties").contains(key)) return at + ": has " + key;
        if (std::string wrong = check(member, schema.at("properties").at(key), at + "." + key); !wrong.empty())
          return wrong;
      }
    }
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        const std::string where = at + "[" + std::to_string(i) + "]";
        if (std::string wrong = check(value[i], schema.at("items"), where); !wrong.empty()) return wrong;
      }
    }
    return {};
  }

  json schema_;
};

}  // namespace heddle::check
