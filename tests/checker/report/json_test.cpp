#include "report/json.hpp"

#include "report/full_report.hpp"
#include "report/json_schema.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using nlohmann::json;

json schema() {
  return json::parse(std::ifstream(HEDDLE_REPORT_SCHEMA));
}

json parsed(const report& what) {
  return json::parse(to_json(what));
}

TEST(JsonReport, FitsItsSchema) {
  EXPECT_EQ(json_schema(schema()).what_is_wrong_with(parsed(full_report())), "");
}

TEST(JsonReport, OfWhatHasLittleToSayFitsToo) {
  report passed;
  passed.name = "A.B";
  passed.strategy = "random";
  EXPECT_EQ(json_schema(schema()).what_is_wrong_with(parsed(passed)), "");
  EXPECT_EQ(parsed(passed)["outcome"], "passed");
  passed.proved = true;
  EXPECT_EQ(parsed(passed)["outcome"], "proved");
  report unusable;
  unusable.error = "no";
  unusable.findings.resize(0);
  EXPECT_EQ(json_schema(schema()).what_is_wrong_with(parsed(unusable)), "");
  EXPECT_EQ(parsed(unusable)["outcome"], "unusable");
  report bare;
  bare.findings.resize(1);
  EXPECT_EQ(json_schema(schema()).what_is_wrong_with(parsed(bare)), "");
}

TEST(JsonReport, SchemaNamesEveryKindOfFinding) {
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < finding_kinds; ++i) kinds.emplace_back(to_string(static_cast<finding_kind>(i)));
  EXPECT_EQ(schema()["$defs"]["kind"]["enum"], json(kinds));
}

TEST(JsonReport, CheckerOfTheSchemaSeesWhatIsMissingWrongOrUnknown) {
  const json_schema rules(schema());
  json value = parsed(full_report());
  value["findings"][0].erase("token");
  EXPECT_EQ(rules.what_is_wrong_with(value), "$.findings[0]: lacks \"token\"");
  value = parsed(full_report());
  value["version"] = 2;
  EXPECT_EQ(rules.what_is_wrong_with(value), "$.version: is 2");
  value = parsed(full_report());
  value["history"]["events"][0]["thread"] = "0";
  EXPECT_EQ(rules.what_is_wrong_with(value), "$.history.events[0].thread: has another type");
  value = parsed(full_report());
  value["more"] = 1;
  EXPECT_EQ(rules.what_is_wrong_with(value), "$: has more");
}

TEST(JsonReport, HoldsWhatTheReportHolds) {
  const json value = parsed(full_report());
  EXPECT_EQ(value["exploration"]["seed"], "18446744073709551615");
  const json& found = value["findings"][0];
  EXPECT_EQ(found["kind"], "deadlock");
  EXPECT_EQ(found["message"], full_report().findings[0].message);
  EXPECT_EQ(found["event_hash"], "0000000000abcdef");
  EXPECT_EQ(found["stacks"][0]["frames"][0]["internal"], true);
  EXPECT_EQ(found["stacks"][0]["frames"][1]["function"], "transfer");
  EXPECT_EQ(found["threads"][0]["waiting_for"], "lock #2, held by thread 2");
  EXPECT_EQ(found["tasks"][0]["awaiting"][0]["function"], "outer");
  EXPECT_EQ(found["timeline"][0]["times"], 2);
  EXPECT_EQ(found["mishaps"][0]["task"], 3);
  EXPECT_EQ(found["mishaps"][0]["awaiting"][0]["function"], "inner");
  EXPECT_EQ(found["minimised"], "shrunk to 1 preemption");
  ASSERT_EQ(found["deciding"].size(), 2U);
  EXPECT_EQ(found["deciding"][1]["what"], "mutex lock #1");
}

TEST(JsonReport, HistoryNamesPlacesAndOperationsOnce) {
  const json history = parsed(full_report())["history"];
  EXPECT_EQ(history["whole"], true);
  EXPECT_EQ(history["operations"], json({"thread start", "mutex lock"}));
  EXPECT_EQ(history["places"].size(), 1U);
  ASSERT_EQ(history["events"].size(), 3U);
  EXPECT_EQ(history["events"][2],
            json({{"thread", 1}, {"task", 3}, {"operation", 1}, {"object", 1}, {"time_ns", 1500}, {"place", 0}}));
  report cut = full_report();
  cut.history.erase(cut.history.begin());
  EXPECT_EQ(parsed(cut)["history"]["whole"], false);
}

TEST(JsonReport, ReplacesWhatIsNoText) {
  report broken = full_report();
  broken.findings[0].message = "a \xff b";
  EXPECT_EQ(parsed(broken)["findings"][0]["message"], "a \uFFFD b");
}

}  // namespace
}  // namespace heddle::check
