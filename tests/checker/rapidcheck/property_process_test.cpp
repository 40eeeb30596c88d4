// Properties that fail, as processes: what they print, and that the line they end with reproduces input and schedule.
#include "../run_command.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {

namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

outcome run_property(const std::string& name) {
  return run(std::string("unset RC_PARAMS; ") + HEDDLE_FAILING_PROPERTIES + " --gtest_filter=FailingProperty." + name);
}

// A shell may stand between, which says by its status how the process ended.
int signal_of(const outcome& what) {
  return what.signal == 0 ? what.exit_status - 128 : what.signal;
}

TEST(PropertyProcess, ThePrintedLineReproducesInputAndSchedule) {
  const outcome found = run_property("LosesAnUpdate");
  EXPECT_EQ(found.exit_status, 1);
  EXPECT_THAT(found.output, ContainsRegex("\n    std::vector<int> left = \\[[^,]*\\]\n    std::vector<int> right = "
                                          "\\[[^,]*\\]\n  found with input "));
  const outcome again = run(replay_of(found.output));
  EXPECT_EQ(again.exit_status, 1) << again.output;
  EXPECT_EQ(event_hash_of(again.output), event_hash_of(found.output));
  EXPECT_EQ(lines_with(again.output, "    std::vector<int> "), lines_with(found.output, "    std::vector<int> "));
}

TEST(PropertyProcess, ACrashNamesItsInputAndIsReplayed) {
  const outcome found = run_property("CrashesOnSome");
  EXPECT_EQ(signal_of(found), SIGSEGV) << found.output;
  EXPECT_THAT(found.output,
              AllOf(HasSubstr("crash in FailingProperty.CrashesOnSome"), ContainsRegex("\n    int number = [0-9]+\n")));
  const outcome again = run(replay_of(found.output));
  EXPECT_EQ(signal_of(again), SIGSEGV) << again.output;
  EXPECT_EQ(lines_with(again.output, "    int number"), lines_with(found.output, "    int number"));
}

TEST(PropertyProcess, AnAssertionOnAnotherThreadIsAnUncaughtException) {
  const outcome found = run_property("AssertsOnAnotherThread");
  EXPECT_EQ(found.exit_status, 1);
  EXPECT_THAT(found.output, AllOf(HasSubstr("exception in FailingProperty.AssertsOnAnotherThread"),
                                  ContainsRegex("\n    int number = 3\n")));
}

}  // namespace

}  // namespace heddle::check
