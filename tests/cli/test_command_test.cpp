// `heddle test` as a process of its own, over test binaries that behave and misbehave.
#include "command_test.hpp"

#include <sys/resource.h>

namespace heddle::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string suite = HEDDLE_CLI_SUITE;

class test_command : public command_test {
 protected:
  outcome test(const std::string& filter, const std::string& options = "", const std::string& environment = "") const {
    return heddle("test " + options + " -- " + suite + " --gtest_filter=" + filter, environment);
  }
};

TEST_F(test_command, ThatFindsNothingEndsWith0AndSaysHowMuchWasTried) {
  const outcome result = test("Good.*", "--schedules 50");
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("passed   Good.Counter: 50 schedules"));
  EXPECT_THAT(result.output, HasSubstr("2 tests: 2 passed; 100 schedules in "));
  EXPECT_THAT(result.output, Not(HasSubstr("\033")));
}

TEST_F(test_command, ThatFindsSomethingEndsWith1AndShowsIt) {
  const outcome result = test("Good.Choice:Bad.*");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("assertion in Bad.LostUpdate: HEDDLE_CHECK(count.load() == 2) is false"));
  EXPECT_THAT(result.output, HasSubstr("deadlock in Bad.Deadlock: a cycle"));
  EXPECT_EQ(check::lines_with(result.output, "replay: HEDDLE_REPLAY=h1-").size(), 2U);
  EXPECT_THAT(result.output, HasSubstr("3 tests: 1 passed, 2 with findings"));
}

TEST_F(test_command, OptionsReachTheExplorations) {
  test("Good.Choice", "--schedules 7 --seed 0x10 --strategy pct:3 --json out.json");
  const auto results = json_of("out.json");
  EXPECT_EQ(results["tests"][0]["schedules"], 7);
  const outcome wrong = test("Good.Choice", "--strategy luck");
  EXPECT_EQ(wrong.exit_status, 2) << wrong.output;
  EXPECT_THAT(wrong.output, HasSubstr("there is no strategy `luck`; allowed: portfolio, random"));
  const outcome timed = test("Good.Choice", "--time 50ms --json out.json");
  EXPECT_EQ(timed.exit_status, 0);
  EXPECT_GT(json_of("out.json")["tests"][0]["schedules"], 1000);
}

TEST_F(test_command, CrashesInAndOutsideOfSchedulesFailTheirTestsOnly) {
  const outcome result = test("Crash.*:Plain.Passes:Good.Counter", "--json out.json");
  EXPECT_EQ(result.exit_status, 1);
  const auto results = json_of("out.json");
  EXPECT_EQ(outcome_of(results, "Crash.InASchedule"), "failed");
  EXPECT_EQ(outcome_of(results, "Crash.OutsideOfSchedules"), "broken");
  EXPECT_EQ(outcome_of(results, "Plain.Passes"), "passed");
  EXPECT_EQ(outcome_of(results, "Good.Counter"), "passed");
  EXPECT_THAT(result.output, HasSubstr("FAILED   Crash.OutsideOfSchedules: its process ended by signal 11"));
  EXPECT_THAT(result.output, HasSubstr("crash in Crash.InASchedule"));
}

TEST_F(test_command, HangIsAFindingWithTheTokenOfItsSchedule) {
  const outcome result = test("Hang.*:Good.Choice", "--hang 1s --json out.json");
  EXPECT_EQ(result.exit_status, 1);
  const auto results = json_of("out.json");
  EXPECT_EQ(outcome_of(results, "Good.Choice"), "passed");
  ASSERT_EQ(outcome_of(results, "Hang.InTheKernel"), "failed") << result.output;
  EXPECT_THAT(result.output,
              HasSubstr("step-limit in Hang.InTheKernel: the process was killed: no schedule began or ended"));
  const std::string command = check::replay_of(result.output);
  // The schedule hangs again, which timeout(1) says by 124.
  EXPECT_EQ(check::run("timeout 1 env " + command).exit_status, 124) << command;
}

TEST_F(test_command, MemoryOfATestIsBounded) {
  const outcome result = test("Memory.*:Good.Choice", "--memory 300M --json out.json");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(outcome_of(json_of("out.json"), "Good.Choice"), "passed");
  EXPECT_THAT(result.output, HasSubstr("it used more than 300 MiB of memory"));
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  EXPECT_LT(used.ru_maxrss, 1'500'000);
}

TEST_F(test_command, TestsWithoutSchedulesPassFailAndSkipAsEver) {
  const outcome result = test("Plain.Passes:Plain.Fails:Plain.Skips:Plain.ExitsInTheMiddle", "--json out.json");
  EXPECT_EQ(result.exit_status, 1);
  const auto results = json_of("out.json");
  EXPECT_EQ(outcome_of(results, "Plain.Passes"), "passed");
  EXPECT_EQ(outcome_of(results, "Plain.Fails"), "broken");
  EXPECT_EQ(outcome_of(results, "Plain.Skips"), "skipped");
  EXPECT_EQ(outcome_of(results, "Plain.ExitsInTheMiddle"), "broken");
  EXPECT_THAT(result.output, HasSubstr("as everyone knows"));
  EXPECT_THAT(result.output, HasSubstr("FAILED   Plain.ExitsInTheMiddle: its process ended with exit status 0"));
}

TEST_F(test_command, JobsGiveTheSameResults) {
  const std::string filter = "Good.*:Bad.*:Crash.*:Plain.*";
  const outcome one = test(filter, "--json one.json");
  const outcome four = test(filter, "--jobs 4 --json four.json");
  EXPECT_EQ(one.exit_status, four.exit_status);
  auto first = json_of("one.json");
  auto second = json_of("four.json");
  ASSERT_EQ(first["tests"].size(), second["tests"].size());
  for (std::size_t i = 0; i < first["tests"].size(); ++i) {
    EXPECT_EQ(first["tests"][i]["test"], second["tests"][i]["test"]);
    EXPECT_EQ(first["tests"][i]["outcome"], second["tests"][i]["outcome"]);
  }
}

TEST_F(test_command, WholeProgramsAndOwnMainsAreTestsToo) {
  const outcome careful = heddle(std::string("test --schedules 50 -- ") + HEDDLE_CLI_PROGRAM + " careful");
  EXPECT_EQ(careful.exit_status, 0) << careful.output;
  EXPECT_THAT(careful.output, HasSubstr("passed   cli_program: 50 schedules"));
  const outcome careless = heddle(std::string("test -- ") + HEDDLE_CLI_PROGRAM);
  EXPECT_EQ(careless.exit_status, 1);
  EXPECT_THAT(careless.output, HasSubstr("crash in cli_program"));
  const outcome dice = heddle(std::string("test -- ") + HEDDLE_CLI_EXPLORER);
  EXPECT_EQ(dice.exit_status, 1);
  EXPECT_THAT(dice.output, HasSubstr("assertion in dice: HEDDLE_CHECK(heddle::check::choose(6) != 5) is false"));
}

TEST_F(test_command, WritesEachFormatThatIsAskedFor) {
  test("Good.Choice:Bad.Deadlock:Plain.Fails", "--json a.json --junit a.xml --sarif a.sarif --html a.html");
  const auto json = json_of("a.json");
  EXPECT_EQ(json["format"], "heddle-results");
  EXPECT_EQ(json["tests"].size(), 3U);
  EXPECT_EQ(json["tests"][1]["findings"][0]["kind"], "deadlock");
  // What is measured of an exploration, also of one that passed.
  const auto passed = json["tests"][0]["explorations"];
  ASSERT_EQ(passed.size(), 1U);
  EXPECT_EQ(passed[0]["strategy"], "portfolio");
  EXPECT_EQ(passed[0]["distinct"], 4);
  EXPECT_LT(passed[0]["unseen"], 0.1);
  EXPECT_EQ(json["tests"][1]["explorations"].size(), 1U);
  EXPECT_FALSE(json["tests"][2].contains("explorations")) << "it explores nothing";
  const std::string junit = content_of("a.xml");
  EXPECT_THAT(junit, HasSubstr("tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"0\""));
  EXPECT_THAT(junit, HasSubstr("<testcase classname=\"Bad\" name=\"Deadlock\""));
  const auto sarif = json_of("a.sarif");
  EXPECT_EQ(sarif["runs"][0]["results"][0]["ruleId"], "deadlock");
  EXPECT_THAT(
      sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].get<std::string>(),
      HasSubstr("tests/cli/binaries/suite.cpp"));
  EXPECT_THAT(content_of("a.html"), HasSubstr("id=\"report-0\">{\"format\":\"heddle-report\""));
  const outcome unwritable = test("Good.Choice", "--json no/such/folder/a.json");
  EXPECT_EQ(unwritable.exit_status, 2);
  EXPECT_THAT(unwritable.output, HasSubstr("no/such/folder/a.json cannot be written"));
}

TEST_F(test_command, WritesNothingThatIsNotAskedFor) {
  test("Bad.*:Crash.*:Memory.*", "--memory 300M");
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(test_command, WrongUseEndsWith2AndSaysWhatIsRight) {
  EXPECT_THAT(heddle("test").output, HasSubstr("which binary? It stands behind `--`"));
  EXPECT_THAT(heddle("test " + suite).output, HasSubstr("The test binary stands behind `--`"));
  EXPECT_THAT(heddle("test -- ./nothing").output, HasSubstr("there is no file ./nothing"));
  EXPECT_THAT(test("No.Such").output, HasSubstr("has no test to run: its filter leaves none"));
  EXPECT_THAT(heddle("test --time soon -- " + suite).output, HasSubstr("`soon` is no time; allowed"));
  EXPECT_THAT(heddle("test --memory 5 -- " + suite).output, HasSubstr("`5` is no size; allowed"));
  EXPECT_THAT(heddle("tset").output, HasSubstr("Try: heddle --help"));
  EXPECT_THAT(test("Good.*", "", "HEDDLE_SEDE=1").output, HasSubstr("did you mean HEDDLE_SEED?"));
  for (const std::string& wrong : {std::string("test"), std::string("tset"), std::string(""),
                                   "test --jobs 0 -- " + suite, "test -- " + suite + " --gtest_filter=No.Such"}) {
    EXPECT_EQ(heddle(wrong).exit_status, 2) << wrong;
  }
  EXPECT_EQ(test("Good.*", "", "HEDDLE_SEDE=1").exit_status, 2);
}

TEST_F(test_command, StrangerIsNotEvenRun) {
  const outcome result = heddle(std::string("test -- ") + HEDDLE_CLI_STRANGER + " proof");
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "proof"));
}

TEST_F(test_command, HelpTeachesByExample) {
  for (const std::string command : {"", "test ", "replay ", "show ", "fuzz ", "report ", "merge ", "completion "}) {
    const outcome help = heddle(command + "--help");
    EXPECT_EQ(help.exit_status, 0);
    EXPECT_THAT(help.output, HasSubstr("Examples:\n  heddle "));
  }
  EXPECT_THAT(heddle("test --help").output, HasSubstr("Usage: heddle test [OPTIONS] -- BINARY [ARGUMENTS]"));
  EXPECT_THAT(heddle("--version").output, testing::StartsWith("heddle 0."));
}

// Interrupts `heddle test` by `interrupts`, commands of a shell, once its first test has passed and the other one
// hangs.
class interrupted_test : public test_command {
 protected:
  outcome interrupt(const std::string& interrupts) const {
    // A shell keeps SIGINT from what it starts in the background, so that env has to give it back.
    return check::run("cd " + folder_.string() + " && { : >log; env --default-signal=INT " HEDDLE_COMMAND " test -- " +
                      suite + " --gtest_filter=Good.Choice:Hang.* >log 2>&1 & pid=$!; " +
                      "while kill -0 $pid && ! grep -q passed log; do sleep 0.1; done; " + interrupts +
                      "; wait $pid; echo status $?; cat log; }");
  }
};

TEST_F(interrupted_test, SaysWhatItDid) {
  const outcome result = interrupt("kill -INT $pid");
  EXPECT_THAT(result.output, HasSubstr("interrupted before the other 1"));
  EXPECT_THAT(result.output, HasSubstr("passed   Good.Choice"));
}

// timeout(1) signals the process and then its group.
TEST_F(interrupted_test, TakesSignalsOfOneMomentAsOne) {
  const outcome result = interrupt("kill -INT $pid; kill -INT $pid; kill -TERM $pid");
  EXPECT_THAT(result.output, HasSubstr("interrupted before the other 1"));
}

TEST_F(test_command, ShardOfGoogleTestIsRespected) {
  test("Good.*", "--json a.json", "GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=1");
  ASSERT_EQ(json_of("a.json")["tests"].size(), 1U);
  EXPECT_EQ(json_of("a.json")["tests"][0]["test"], "Good.Choice");
}

}  // namespace
}  // namespace heddle::cli
