// heddle-send-audit on objects that were compiled for it: SUBJECTS says where they are.
#include "../checker/run_command.hpp"
#include "report/pattern.hpp"
#include "send_audit/debug_info.hpp"
#include "send_audit/rules.hpp"

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace heddle::send_audit {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr bool by_clang = AUDIT_OF_CLANG;

check::outcome audit(const std::string& arguments) {
  return check::run(std::string(AUDIT) + " " + arguments);
}

// The lines of a subject that end with the mark.
std::vector<std::string> marked(const std::string& source, const std::string& mark) {
  std::vector<std::string> result;
  std::ifstream file(source);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.ends_with("// " + mark)) result.push_back(source + ":" + std::to_string(number));
  }
  return result;
}

// The places of the findings.
std::vector<std::string> places(const check::outcome& of) {
  std::vector<std::string> result;
  for (const std::string& line : check::lines_with(of.output, "/"))
    result.push_back(line.substr(0, line.find(": warn")));
  return result;
}

TEST(SendAudit, FindsEachVariableThatLivesAcrossASuspensionWithItsLine) {
  const auto found = audit("--non-send 'rc<*>' " HELD_OBJECT);
  EXPECT_EQ(found.exit_status, 1);
  EXPECT_EQ(places(found), marked(HELD_SOURCE, "found")) << found.output;
}

TEST(SendAudit, SaysWhatHoldsAndIn) {
  const auto found = audit(HELD_OBJECT);
  EXPECT_THAT(found.output, HasSubstr("`own` of subjects::in_a_member lives across a co_await"));
  EXPECT_THAT(found.output, HasSubstr("subjects::session, which holds std::unique_lock<std::mutex> in `held`"));
  EXPECT_THAT(found.output, HasSubstr("third_party::device"));
}

TEST(SendAudit, FindsNothingInTheTwins) {
  const auto found = audit(RELEASED_OBJECT);
  EXPECT_EQ(found.exit_status, 0) << found.output;
  EXPECT_THAT(places(found), IsEmpty());
  EXPECT_THAT(found.output, HasSubstr("8 coroutines, 0 findings"));
}

// clang describes no frames then; g++ leaves no lines of suspensions behind, only that they are in a scope.
TEST(SendAudit, OfOptimisedObjectsListsWhatMayLiveAcrossOrSaysThatItCannot) {
  const auto held = audit("--non-send 'rc<*>' " OPTIMISED_HELD_OBJECT);
  const auto released = audit(OPTIMISED_RELEASED_OBJECT);
  if (by_clang) {
    EXPECT_EQ(held.exit_status, 2);
    EXPECT_EQ(released.exit_status, 2);
    EXPECT_THAT(released.output, HasSubstr("its frame is not described; with clang, compile with -g -O0"));
  } else {
    EXPECT_EQ(places(held), marked(HELD_SOURCE, "found")) << held.output;
    EXPECT_EQ(places(released), marked(RELEASED_SOURCE, "found if optimised")) << released.output;
    EXPECT_THAT(released.output, HasSubstr("is in a scope with a co_await, and may live across it"));
  }
}

TEST(SendAudit, ReadsExecutables) {
  const auto found = audit("--non-send 'rc<*>' " EXECUTABLE);
  EXPECT_EQ(places(found), marked(HELD_SOURCE, "found")) << found.output;
}

TEST(SendAudit, SaysThatThereIsNoDebugInformation) {
  const auto found = audit(NO_DEBUG_OBJECT);
  EXPECT_EQ(found.exit_status, 2);
  EXPECT_THAT(found.output, HasSubstr("there is no debug information in it; compile with -g"));
}

TEST(SendAudit, TypesThatAreNamedSendAreLookedIntoNoFurther) {
  const auto found = audit("--send 'std::*' --send '*session' --send '*locked_vector' --send 'heddle::*' " HELD_OBJECT);
  EXPECT_THAT(found.output, testing::Not(HasSubstr("in_a_member")));
  EXPECT_THAT(found.output, HasSubstr("declared_outside"));
}

TEST(SendAudit, WritesSarif) {
  const std::string path = testing::TempDir() + "/send_audit.sarif";
  audit("--sarif=" + path + " --non-send='rc<*>' " HELD_OBJECT);
  std::ifstream file(path);
  const auto log = nlohmann::json::parse(file);
  EXPECT_EQ(log["version"], "2.1.0");
  const auto& run = log["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["name"], "heddle-send-audit");
  std::vector<std::string> found;
  for (const auto& result : run["results"]) {
    const auto& place = result["locations"][0]["physicalLocation"];
    found.push_back(place["artifactLocation"]["uri"].get<std::string>() + ":" +
                    std::to_string(place["region"]["startLine"].get<int>()));
    EXPECT_EQ(result["ruleId"], run["tool"]["driver"]["rules"][0]["id"]);
  }
  EXPECT_EQ(found, marked(HELD_SOURCE, "found"));
}

TEST(SendAudit, WrongArgumentsAreErrors) {
  EXPECT_EQ(audit("").exit_status, 2);
  EXPECT_THAT(audit("--send").output, HasSubstr("--send wants a value"));
  EXPECT_THAT(audit("--no-such-thing x").output, HasSubstr("unknown option --no-such-thing"));
  EXPECT_EQ(audit("/no/such/file").exit_status, 2);
  EXPECT_EQ(audit("--help").exit_status, 0);
  EXPECT_THAT(audit("--list-rules").output, HasSubstr("std::lock_guard<*>"));
}

TEST(SendAuditPatterns, StarStandsForAnyText) {
  EXPECT_TRUE(check::matches_pattern("rc<*>", "rc<int>"));
  EXPECT_TRUE(check::matches_pattern("*", ""));
  EXPECT_TRUE(check::matches_pattern("*::lock<*>", "a::b::lock<c<d> >"));
  EXPECT_TRUE(check::matches_pattern("std::mutex", "std::mutex"));
  EXPECT_FALSE(check::matches_pattern("rc<*>", "my::rc<int>"));
  EXPECT_FALSE(check::matches_pattern("rc<*>", "rc<int>::iterator"));
  EXPECT_FALSE(check::matches_pattern("std::mutex", "std::mutex_like"));
}

}  // namespace
}  // namespace heddle::send_audit
