// HEDDLE_FINDINGS=all, HEDDLE_LIST: what a test binary does for the `heddle` command, seen from outside.
#include "run_command.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace heddle::check {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Continuing : public testing::Test {
 protected:
  ~Continuing() override { fs::remove_all(folder_); }

  outcome run_test(const std::string& test, const std::string& environment) const {
    return run("HEDDLE_REPORT_DIR=" + folder_.string() + " " + environment + " " + HEDDLE_FAILING_SUITE +
               " --gtest_filter=" + test);
  }
  std::set<std::string> reports() const {
    std::set<std::string> names;
    if (!fs::exists(folder_)) return names;
    for (const auto& one : fs::directory_iterator(folder_)) {
      if (one.path().extension() == ".json") names.insert(one.path().filename());
    }
    return names;
  }
  nlohmann::json read(const std::string& name) const { return nlohmann::json::parse(std::ifstream(folder_ / name)); }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("heddle_continuing_" + std::to_string(getpid()));
};

TEST_F(Continuing, FindsBothBugsOfATestAndGoesOnToTheEnd) {
  const outcome one = run_test("Several.Bugs", "");
  EXPECT_EQ(reports().size(), 1U) << one.output;
  fs::remove_all(folder_);
  const outcome all = run_test("Several.Bugs", "HEDDLE_FINDINGS=all HEDDLE_SCHEDULES=500");
  EXPECT_EQ(all.exit_status, 1);
  ASSERT_EQ(reports().size(), 2U) << all.output;
  std::set<std::string> messages;
  for (const std::string& name : reports()) {
    const nlohmann::json report = read(name);
    EXPECT_EQ(report["findings"].size(), 1U);
    messages.insert(report["findings"][0]["message"]);
    // Each by its own token.
    const outcome replay = run(report["replay"].get<std::string>());
    EXPECT_EQ(replay.exit_status, 1);
    EXPECT_THAT(replay.output, HasSubstr(report["findings"][0]["message"].get<std::string>()));
  }
  EXPECT_EQ(messages.size(), 2U);
}

TEST_F(Continuing, WhatIsReportedInTheFolderIsNotReportedAgain) {
  run_test("Several.Bugs", "HEDDLE_FINDINGS=all HEDDLE_SCHEDULES=500");
  ASSERT_EQ(reports().size(), 2U);
  const auto first = read(*reports().begin());
  const outcome again = run_test("Several.Bugs", "HEDDLE_FINDINGS=all HEDDLE_SCHEDULES=500 HEDDLE_SEED=9");
  EXPECT_EQ(again.exit_status, 0) << again.output;
  EXPECT_EQ(read(*reports().begin()), first);
}

TEST_F(Continuing, GoesOnAfterALeak) {
  run_test("Several.LeakThenBug", "HEDDLE_FINDINGS=all HEDDLE_SCHEDULES=300");
  EXPECT_EQ(reports().size(), 2U);
}

// The schedule of the first finding is shrunk, and crashes are looked out for again after that.
TEST_F(Continuing, EndsAsItCrashesAfterAFindingWasShrunk) {
  const outcome result =
      run_test("Crash.BesideABug", "HEDDLE_FINDINGS=all HEDDLE_SCHEDULES=2000 HEDDLE_STRATEGY=random");
  EXPECT_EQ(result.exit_status, 128 + SIGSEGV) << result.output;  // as the shell says it
  EXPECT_EQ(reports().size(), 2U) << result.output;
}

TEST_F(Continuing, StopsAtNondeterminism) {
  const outcome result = run_test("Failing.Nondeterminism", "HEDDLE_FINDINGS=all");
  EXPECT_EQ(reports().size(), 1U);
  EXPECT_THAT(result.output, HasSubstr("nondeterminism in"));
}

TEST(ListOfTests, NamesThoseThatTheFilterLeavesAndRunsNone) {
  const outcome result =
      run(std::string("HEDDLE_LIST=1 ") + HEDDLE_FAILING_SUITE + " --gtest_filter=Canary.*:Several.*");
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.output, HasSubstr(R"({"event":"list","kind":"gtest","build":")"));
  EXPECT_THAT(result.output, HasSubstr(R"("tests":["Canary.LostUpdate","Several.Bugs","Several.LeakThenBug"],)"));
  EXPECT_THAT(result.output, Not(HasSubstr("[ RUN      ]")));
}

TEST(ListOfTests, OfAShardNamesItsShare) {
  const std::string shard =
      std::string("GTEST_TOTAL_SHARDS=2 HEDDLE_LIST=1 ") + HEDDLE_FAILING_SUITE + " --gtest_filter=Several.*";
  EXPECT_THAT(run("GTEST_SHARD_INDEX=0 " + shard).output, HasSubstr(R"("tests":["Several.Bugs"],)"));
  EXPECT_THAT(run("GTEST_SHARD_INDEX=1 " + shard).output, HasSubstr(R"("tests":["Several.LeakThenBug"],)"));
}

TEST(ListOfTests, OfAProgramIsItsName) {
  const outcome result = run(std::string("HEDDLE_LIST=1 ") + HEDDLE_PROGRAM_IN_C + " anything");
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.output, HasSubstr(R"("kind":"program")"));
  EXPECT_THAT(result.output, HasSubstr(R"("tests":["program_in_c"],)"));
}

}  // namespace
}  // namespace heddle::check
