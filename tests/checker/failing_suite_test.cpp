// Runs failing_suite as a process of its own: every failure prints its replay line, and the line shows the same again.
#include "explore/token.hpp"
#include "known_findings.hpp"
#include "report/json_schema.hpp"
#include "run_command.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heddle::check {
namespace {

using testing::HasSubstr;
using testing::Not;

outcome run_test(const std::string& test, const std::string& environment = "") {
  return run(environment + " " + std::string(HEDDLE_FAILING_SUITE) + " --gtest_filter=" + test);
}

struct expectation {
  const char* test;
  const char* kind;
  const char* message;
};

void PrintTo(const expectation& one, std::ostream* out) {
  *out << one.test;
}

class FailingSuite : public testing::TestWithParam<expectation> {};

TEST_P(FailingSuite, ReportsAndReplaysTheSame) {
  const outcome first = run_test(GetParam().test);
  EXPECT_EQ(first.exit_status, 1) << first.output;
  EXPECT_THAT(first.output, HasSubstr(std::string(GetParam().kind) + " in " + GetParam().test + ": "));
  EXPECT_THAT(first.output, HasSubstr(GetParam().message));
  EXPECT_THAT(first.output, HasSubstr("failing_suite.cpp:"));
  EXPECT_THAT(first.output, Not(HasSubstr("\033")));
  const std::string command = replay_of(first.output);
  ASSERT_THAT(command,
              testing::MatchesRegex("HEDDLE_REPLAY=h1-portfolio-sync-[^ ]+ /[^ ]*failing_suite --gtest_filter=" +
                                    std::string(GetParam().test)))
      << first.output;

  const outcome second = run(command);
  EXPECT_EQ(second.exit_status, 1) << second.output;
  EXPECT_THAT(second.output, HasSubstr(std::string(GetParam().kind) + " in " + GetParam().test + ": "));
  EXPECT_THAT(second.output, HasSubstr(", replayed, strategy portfolio"));
  EXPECT_NE(event_hash_of(first.output), "");
  EXPECT_EQ(event_hash_of(second.output), event_hash_of(first.output));
  EXPECT_EQ(replay_of(second.output), command);
}

std::string name_of(const testing::TestParamInfo<expectation>& info) {
  std::string name = info.param.test;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Every, FailingSuite,
    testing::Values(expectation{"Canary.LostUpdate", "assertion", "count.load()"},
                    expectation{"Failing.Check", "assertion", "HEDDLE_CHECK(count.load() == 2) is false"},
                    expectation{"Failing.AssertOnAnotherThread", "assertion", "apples"},
                    expectation{"Failing.Deadlock", "deadlock", "held by thread"},
                    expectation{"Failing.LostWakeup", "lost-wakeup", "condition variable"},
                    expectation{"Failing.ChoiceOfTheTest", "assertion", "value(1, 2, 3, 4, 5) != 4"},
                    expectation{"Failing.AfterASetUp", "assertion", "choose(50) != 7"},
                    expectation{"Failing.ThrowingBody", "exception", "no more apples"},
                    expectation{"Failing.ThrowingThread", "exception", "no more pears"},
                    expectation{"Failing.StackOverflow", "stack-overflow", "stack"},
                    expectation{"Failing.StackOverflowOfAThread", "stack-overflow", "stack"},
                    expectation{"Failing.Exit", "crash", "exit() was called"},
                    expectation{"Failing.NeverEnds", "step-limit", "steps_max"},
                    expectation{"Failing.Spins", "livelock", "nothing changes any more"},
                    expectation{"Failing.Nested", "assertion", "explorations do not nest"},
                    expectation{"Failing.TooManyThreads", "step-limit", "threads_max"},
                    expectation{"Failing.SecondExplorationOfOneTest", "assertion", "choose(3) != 2"}),
    name_of);

// GoogleTest sets something up when it reports for the first time, so that the schedule does something else when run
// again.
TEST(FailingSuite, FirstFailureOfAProcessIsShrunkToo) {
  const outcome first = run_test("Canary.LostUpdate");
  EXPECT_THAT(first.output, HasSubstr("\n  shrunk to ")) << first.output;
  const outcome second = run(replay_of(first.output));
  EXPECT_EQ(event_hash_of(second.output), event_hash_of(first.output)) << second.output;
  EXPECT_THAT(second.output, Not(HasSubstr("nondeterminism")));
}

TEST(FailingSuite, WholeRunFailsAsManyTestsAsItShouldAndLeavesTheOthersIntact) {
  const outcome all = run_test("-Crash.*:Several.*");
  EXPECT_EQ(all.exit_status, 1);
  EXPECT_THAT(lines_with(all.output, "[       OK ]"), testing::Each(HasSubstr("Intact.Passes"))) << all.output;
  EXPECT_EQ(lines_with(all.output, "[       OK ]").size(), 5U);
  EXPECT_THAT(all.output, HasSubstr("19 FAILED TESTS"));
  EXPECT_EQ(lines_with(all.output, "replay: HEDDLE_REPLAY=h1-").size(), 19U);
}

TEST(FailingSuite, StuckTestIsReportedByTheOptionThatRaisesItsLimit) {
  const outcome result = run_test("Failing.Stuck");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("step-limit in Failing.Stuck: "));
  EXPECT_THAT(result.output, HasSubstr("stuck_after"));
}

TEST(FailingSuite, NondeterminismShowsBothEvents) {
  const outcome result = run_test("Failing.Nondeterminism");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("nondeterminism in Failing.Nondeterminism: two runs of schedule 0 differ"));
  EXPECT_THAT(result.output, HasSubstr("and the second time"));
  EXPECT_THAT(result.output, HasSubstr("the event of the second run"));
  const outcome second = run(replay_of(result.output));
  EXPECT_THAT(second.output, HasSubstr("nondeterminism in Failing.Nondeterminism: two runs of schedule 0 differ"));
  EXPECT_EQ(event_hash_of(second.output), event_hash_of(result.output));
}

TEST(FailingSuite, CrashIsReportedAndThenTheProcessEndsByItsSignal) {
  for (const auto& [test, signal] : {std::pair{"Crash.NullPointer", SIGSEGV}, std::pair{"Crash.Abort", SIGABRT}}) {
    const outcome first = run("exec " + std::string(HEDDLE_FAILING_SUITE) + " --gtest_filter=" + test);
    EXPECT_EQ(first.signal, signal) << first.output;
    EXPECT_THAT(first.output, HasSubstr(std::string("crash in ") + test));
    if (signal == SIGSEGV) {
      EXPECT_THAT(first.output, HasSubstr("failing_suite.cpp:"));
    }
    const outcome second = run("export " + std::regex_replace(replay_of(first.output), std::regex(" /"), "; exec /"));
    EXPECT_EQ(second.signal, signal) << second.output;
    EXPECT_EQ(event_hash_of(second.output), event_hash_of(first.output));
  }
}

TEST(FailingSuite, CrashInCodeThatIsNotInstrumentedIsShownWhereItWasCalled) {
  for (const auto& [test, call] :
       {std::pair{"Load", "no_number->load()"}, std::pair{"Store", "no_number->store("},
        std::pair{"FetchAdd", "no_number->fetch_add("}, std::pair{"Exchange", "no_number->exchange("},
        std::pair{"CompareExchange", "no_number->compare_exchange_strong("}, std::pair{"Library", "std::strlen("}}) {
    const std::string output = run_test(std::string("Crash.") + test).output;
    EXPECT_THAT(output, testing::ContainsRegex("\n  at [^ ]*failing_suite.cpp:[0-9]+, on thread 1\n")) << output;
    EXPECT_THAT(output, HasSubstr(call));
  }
}

TEST(FailingSuite, VariablesOfWholeProgramsAreRefusedByTheBodyOfATest) {
  const outcome result = run_test("Intact.PassesAfterExit", "HEDDLE_EXIT=now");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("are for whole programs, see heddle_check_program"));
}

TEST(FailingSuite, FullTokenReplaysTheSame) {
  for (const char* test : {"Canary.LostUpdate", "Failing.Deadlock", "Failing.ChoiceOfTheTest"}) {
    const outcome first = run_test(test, "HEDDLE_TOKEN=full");
    const std::string command = replay_of(first.output);
    EXPECT_THAT(command, testing::ContainsRegex("HEDDLE_REPLAY=h1-portfolio-sync-.*-r[a-z2-7]*-"));
    const outcome second = run(command);
    EXPECT_EQ(second.exit_status, 1) << second.output;
    EXPECT_EQ(event_hash_of(second.output), event_hash_of(first.output));
    EXPECT_EQ(replay_of(second.output), command);
  }
}

replay_token token_of(const std::string& command) {
  return std::get<replay_token>(parse_token(command.substr(14, command.find(' ') - 14)));
}

TEST(FailingSuite, ReplayPreparesTheProcessAsTheExplorationDid) {
  const std::string command = replay_of(run_test("Failing.AfterASetUp").output);
  ASSERT_NE(command, "");
  EXPECT_NE(token_of(command).index, 0U) << "the test must fail in a later schedule to show anything";
  // That the hash is the same is checked by ReportsAndReplaysTheSame.
}

TEST(FailingSuite, ReplayOfOneExplorationLeavesTheOthersOfItsTestAlone) {
  const outcome result = run(replay_of(run_test("Failing.SecondExplorationOfOneTest").output));
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("heddle: Failing.SecondExplorationOfOneTest: not replayed here"));
  EXPECT_THAT(result.output, HasSubstr("belongs to another exploration of this test"));
  EXPECT_THAT(result.output, Not(HasSubstr("the replayed schedule passes")));
}

TEST(FailingSuite, TokenOfAnotherBuildIsFollowedWithANotice) {
  const outcome first = run_test("Failing.Check");
  replay_token token = token_of(replay_of(first.output));
  token.build ^= 1U;
  const outcome second = run_test("Failing.Check", "HEDDLE_REPLAY=" + to_string(token));
  EXPECT_THAT(second.output, HasSubstr("note: the token was printed by another build of this executable"));
  EXPECT_EQ(event_hash_of(second.output), event_hash_of(first.output));
}

TEST(FailingSuite, ReplayOfAScheduleThatPassesSaysSo) {
  replay_token token;
  token.test = hash_of("Intact.PassesAfterExit");
  token.index = 3;
  const outcome result = run_test("Intact.PassesAfterExit", "HEDDLE_REPLAY=" + to_string(token));
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.output, HasSubstr("heddle: Intact.PassesAfterExit: the replayed schedule passes"));
}

TEST(FailingSuite, RecordThatDoesNotFitIsNondeterminismForThisBuildAndANoticeForAnother) {
  replay_token token = token_of(replay_of(run_test("Failing.Check", "HEDDLE_TOKEN=full").output));
  ASSERT_TRUE(token.record);
  token.record->add_choice(sim::choice_kind::test, 1);
  const outcome same = run_test("Failing.Check", "HEDDLE_REPLAY=" + to_string(token));
  EXPECT_THAT(
      same.output,
      HasSubstr("nondeterminism: the execution left the recorded schedule: the execution ended after decision"));
  token.build ^= 1U;
  const outcome other = run_test("Failing.Check", "HEDDLE_REPLAY=" + to_string(token));
  EXPECT_THAT(other.output, Not(HasSubstr("nondeterminism")));
  EXPECT_THAT(other.output,
              HasSubstr("note: the recorded schedule does not fit this build: the execution ended after"));
}

TEST(FailingSuite, TokenOfAnotherTestNamesTheTestItBelongsTo) {
  const std::string command = replay_of(run_test("Failing.Check").output);
  const outcome wrong = run(command.substr(0, command.find(' ')) + " " + HEDDLE_FAILING_SUITE +
                            " --gtest_filter=Failing.Deadlock:Intact.*Exit");
  EXPECT_EQ(wrong.exit_status, 1);
  EXPECT_THAT(
      wrong.output,
      HasSubstr("nothing explored in Failing.Deadlock: the token in HEDDLE_REPLAY does not belong to this "
                "test, Failing.Deadlock, but to Failing.Check: run that one alone, with --gtest_filter=Failing.Check"));
  EXPECT_THAT(wrong.output, HasSubstr("nothing explored in Intact.PassesAfterExit"));
}

TEST(FailingSuite, TokenThatIsDamagedOrOfAnotherVersionIsAClearError) {
  const std::string command = replay_of(run_test("Failing.Check").output);
  const std::string token = command.substr(0, command.find(' '));
  EXPECT_THAT(run_test("Failing.Check", token.substr(0, token.size() - 1)).output,
              HasSubstr("part of it was lost or changed"));
  EXPECT_THAT(run_test("Failing.Check", "HEDDLE_REPLAY=h2-x").output,
              HasSubstr("format version 2; this heddle reads version 1"));
  EXPECT_THAT(run_test("Failing.Check", "HEDDLE_REPLAY=yesterday").output, HasSubstr("is not a replay token"));
}

TEST(FailingSuite, UnknownEnvironmentIsAClearErrorOfEveryTest) {
  const outcome typo = run_test("Intact.*", "HEDDLE_SEDE=1");
  EXPECT_EQ(typo.exit_status, 1);
  EXPECT_THAT(typo.output, HasSubstr("does not know the environment variable HEDDLE_SEDE (did you mean HEDDLE_SEED?)"));
  EXPECT_EQ(lines_with(typo.output, "[       OK ]").size(), 0U);
  EXPECT_THAT(run_test("Intact.PassesAfterExit", "HEDDLE_TIME=soon").output,
              HasSubstr("HEDDLE_TIME=soon cannot be used"));
  EXPECT_THAT(run_test("Intact.PassesAfterExit", "HEDDLE_STRATEGY=luck").output,
              HasSubstr("allowed: portfolio, random"));
}

TEST(FailingSuite, EnvironmentGoesOverTheOptions) {
  const outcome result = run_test("Intact.PassesAfterExit", "HEDDLE_SCHEDULES=7 HEDDLE_SEED=0x10 HEDDLE_VERBOSE=1");
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.output, HasSubstr("Intact.PassesAfterExit: passed: sampled 7 schedules, 1 distinct (of further "
                                       "ones about 0.0% would be new), strategy portfolio, seed 16"));
}

TEST(FailingSuite, SameSeedGivesTheSameReportInEveryProcess) {
  const outcome first = run_test("Canary.LostUpdate", "HEDDLE_SEED=9");
  const outcome second = run_test("Canary.LostUpdate", "HEDDLE_SEED=9");
  EXPECT_NE(event_hash_of(first.output), "");
  EXPECT_EQ(event_hash_of(first.output), event_hash_of(second.output));
}

TEST(FailingSuite, SuppressionsOfAFileLetTestsPassAndThoseInVainAreNamedAtTheEnd) {
  const known_findings known(
      "deadlock file=failing_suite.cpp reason: the example of a deadlock\n"
      "data-race function=nothing reason: there is none\n");
  const outcome result = run_test("Failing.Deadlock:Intact.PassesAfterExit", known.variable());
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("had a suppressed deadlock file=failing_suite.cpp: the example of"));
  EXPECT_THAT(result.output, HasSubstr("heddle: note: " + known.path() +
                                       ":2: the suppression `data-race function=nothing` matched nothing in this"));
  EXPECT_THAT(result.output, Not(HasSubstr(known.path() + ":1: the suppression")));
}

TEST(FailingSuite, ReplayShowsWhatIsSuppressed) {
  const std::string command = replay_of(run_test("Failing.Deadlock").output);
  const known_findings known("deadlock file=failing_suite.cpp reason: the example of a deadlock\n");
  const outcome result = run(known.variable() + " " + command);
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("deadlock in Failing.Deadlock"));
}

TEST(FailingSuite, SuppressionsThatCannotBeReadAreAClearErrorOfEveryTest) {
  const known_findings wrong("deadlock reason: x\n");
  const outcome result = run_test("Intact.PassesAfterExit", wrong.variable());
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr(wrong.path() + ":1: the suppression of deadlock names neither"));
}

std::string content_of(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(FailingSuite, ReportDirectoryReceivesTheReportAsTextJsonAndPage) {
  const std::filesystem::path directory =
      std::filesystem::path(testing::TempDir()) / ("heddle_reports_" + std::to_string(getpid()));
  const std::string variable = "HEDDLE_REPORT_DIR=" + directory.string();
  const outcome result = run_test("Failing.Deadlock", variable);
  const json_schema schema(nlohmann::json::parse(std::ifstream(HEDDLE_REPORT_SCHEMA)));
  std::map<std::string, std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    EXPECT_TRUE(entry.path().filename().string().starts_with("Failing.Deadlock-")) << entry.path();
    files[entry.path().extension()] = entry.path();
  }
  ASSERT_EQ(files.size(), 3U) << result.output;
  EXPECT_EQ(replay_of(content_of(files[".txt"])), replay_of(result.output));
  const auto json = nlohmann::json::parse(content_of(files[".json"]));
  EXPECT_EQ(schema.what_is_wrong_with(json), "");
  EXPECT_EQ("HEDDLE_REPLAY=" + json["findings"][0]["token"].get<std::string>(),
            replay_of(result.output).substr(0, replay_of(result.output).find(' ')));
  EXPECT_GT(json["history"]["events"].size(), json["findings"][0]["timeline"].size());
  EXPECT_EQ(json["history"]["whole"], true);
  EXPECT_THAT(content_of(files[".html"]), HasSubstr("id=\"report\">{\"format\":\"heddle-report\""));
  // Another schedule finds the same: nothing is added.
  run_test("Failing.Deadlock", variable + " HEDDLE_SEED=77");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 3);
  std::filesystem::remove_all(directory);
  EXPECT_THAT(run_test("Failing.ChoiceOfTheTest", "HEDDLE_REPORT_DIR=/proc/nowhere").output,
              HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace heddle::check
