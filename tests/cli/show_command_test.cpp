// `heddle show`: a recorded failure as text.
#include "command_test.hpp"

namespace heddle::cli {
namespace {

using testing::HasSubstr;

const std::string suite = HEDDLE_CLI_SUITE;

class show_command : public command_test {
 protected:
  // Has a test fail into the folder `reports`, and returns what it printed.
  outcome fail() const {
    return check::run("cd " + folder_.string() + " && HEDDLE_REPORT_DIR=reports " + suite +
                      " --gtest_filter=Bad.Deadlock");
  }
  std::string report(const std::string& extension) const {
    for (const auto& one : std::filesystem::directory_iterator(folder_ / "reports")) {
      if (one.path().extension() == extension) return one.path().string();
    }
    return "none";
  }
};

TEST_F(show_command, ReportReadsAsItDidWhereItWasMade) {
  const outcome failed = fail();
  const std::string text = failed.output.substr(failed.output.find("deadlock in"));
  const std::string whole = text.substr(0, text.find("\n[  FAILED"));
  EXPECT_THAT(heddle("show " + report(".json")).output, HasSubstr(whole));
  EXPECT_THAT(heddle("show " + report(".txt")).output, HasSubstr(whole));
  EXPECT_EQ(heddle("show " + report(".json")).exit_status, 0);
}

TEST_F(show_command, TokenIsLookedForAmongReports) {
  const std::string command = check::replay_of(fail().output);
  const std::string token = command.substr(14, command.find(' ') - 14);
  EXPECT_THAT(heddle("show " + token + " --in reports").output, HasSubstr("deadlock in Bad.Deadlock"));
  EXPECT_THAT(heddle("show " + token, "HEDDLE_REPORT_DIR=reports").output, HasSubstr("deadlock in Bad.Deadlock"));
  EXPECT_THAT(heddle("show " + token + " -- " + suite).output, HasSubstr("deadlock in Bad.Deadlock"));
  const outcome alone = heddle("show " + token);
  EXPECT_EQ(alone.exit_status, 2);
  EXPECT_THAT(alone.output, HasSubstr("It stands for schedule 0 of seed 1, strategy portfolio"));
  EXPECT_THAT(alone.output, HasSubstr("give the binary"));
}

TEST_F(show_command, WhatIsNoReportEndsWith2) {
  std::ofstream(folder_ / "x.json") << "{}";
  const outcome result = heddle("show x.json");
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("x.json is not the report of a failure: it is no report of heddle"));
  EXPECT_THAT(heddle("show y.json").output, HasSubstr("y.json is neither a file nor a replay token"));
}

}  // namespace
}  // namespace heddle::cli
