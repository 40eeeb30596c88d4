// SARIF 2.1.0, as code hosts read it: each finding at its line of source, known again by its signature.
//
// Paths below the working directory are written relative to it, which is what hosts match with the repository.
#include "cli/results.hpp"

#include <filesystem>
#include <set>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

std::string uri_of(const std::string& file) {
  std::error_code failed;
  const std::filesystem::path here = std::filesystem::current_path(failed);
  const std::filesystem::path relative = std::filesystem::path(file).lexically_proximate(here);
  const bool below = !relative.empty() && *relative.begin() != "..";
  std::string uri;
  for (const char letter : below ? relative.string() : file) {
    const auto code = static_cast<unsigned char>(letter);
    const bool plain = std::isalnum(code) != 0 || std::string_view("-._~/+").find(letter) != std::string_view::npos;
    uri += plain ? std::string(1, letter) : fmt::format("%{:02X}", code);
  }
  return below ? uri : "file://" + uri;
}

json result_of(const test_entry& test, const finding_entry& one) {
  json result{{"ruleId", one.kind}, {"level", "error"}};
  result["message"]["text"] = fmt::format("{}: {}\nreplay: {}", test.name, one.message, one.replay);
  result["partialFingerprints"]["heddleSignature/v1"] = one.signature;
  if (!one.file.empty()) {
    json place;
    place["artifactLocation"]["uri"] = uri_of(one.file);
    place["region"]["startLine"] = std::max(one.line, 1U);
    result["locations"] = json::array();
    result["locations"].push_back({{"physicalLocation", place}});
  }
  if (one.state == "new") result["baselineState"] = "new";
  if (one.state == "still there") result["baselineState"] = "unchanged";
  if (one.state == "fixed") result["baselineState"] = "absent";
  return result;
}

}  // namespace

std::string to_sarif(const results& what) {
  std::set<std::string> kinds;
  json all = json::array();
  for (const test_entry& test : what.tests) {
    for (const finding_entry& one : test.findings) {
      kinds.insert(one.kind);
      all.push_back(result_of(test, one));
    }
  }
  json driver{{"name", "heddle"}, {"rules", json::array()}};
  for (const std::string& kind : kinds) driver["rules"].push_back({{"id", kind}});
  json run;
  run["tool"]["driver"] = driver;
  run["results"] = all;
  const json object{
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", json::array({run})}};
  return object.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace heddle::cli
