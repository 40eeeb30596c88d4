// Runs whole programs that were built for checking, as their users do.
#include "known_findings.hpp"
#include "run_command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::HasSubstr;
using testing::Not;

outcome run_c(const std::string& arguments, const std::string& environment = "") {
  return run(environment + " " + std::string(HEDDLE_PROGRAM_IN_C) + " " + arguments);
}

outcome run_cpp(const std::string& arguments, const std::string& environment = "") {
  return run(environment + " " + std::string(HEDDLE_PROGRAM_IN_CPP) + " " + arguments);
}

// ---------------------------------------------------------------- findings

struct expectation {
  const char* program;
  const char* kind;
  const char* message;
};

void PrintTo(const expectation& one, std::ostream* out) {
  *out << one.program;
}

class FailingProgram : public testing::TestWithParam<expectation> {};

TEST_P(FailingProgram, ReportsAndReplaysTheSame) {
  const bool in_c = std::string(GetParam().program).find(" cpp ") == std::string::npos;
  const std::string arguments = std::string(GetParam().program).substr(in_c ? 0 : 5);
  const outcome first = in_c ? run_c(arguments) : run_cpp(arguments);
  EXPECT_EQ(first.exit_status, 1) << first.output;
  const std::string executable = in_c ? "program_in_c" : "program_in_cpp";
  EXPECT_THAT(first.output, HasSubstr(std::string(GetParam().kind) + " in " + executable + ": "));
  EXPECT_THAT(first.output, HasSubstr(GetParam().message));
  EXPECT_THAT(first.output, Not(HasSubstr("nondeterminism")));
  const std::string command = replay_of(first.output);
  ASSERT_THAT(command,
              testing::MatchesRegex("HEDDLE_REPLAY=h1-portfolio-sync-[^ ]+ /[^ ]*" + executable + " " + arguments))
      << first.output;
  EXPECT_TRUE(first.output.ends_with(command + "\n")) << first.output;

  const outcome second = run(command);
  EXPECT_EQ(second.exit_status, 1) << second.output;
  EXPECT_THAT(second.output, HasSubstr(std::string(GetParam().kind) + " in " + executable + ": "));
  EXPECT_THAT(second.output, HasSubstr(", replayed, strategy portfolio"));
  EXPECT_NE(event_hash_of(first.output), "");
  EXPECT_EQ(event_hash_of(second.output), event_hash_of(first.output));
  EXPECT_EQ(replay_of(second.output), command);
}

std::string name_of(const testing::TestParamInfo<expectation>& info) {
  std::string name = info.param.program;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name[0] == '_' ? name.substr(1) : name;
}

INSTANTIATE_TEST_SUITE_P(
    Every, FailingProgram,
    testing::Values(expectation{"lost_update", "assertion", "assert(counter == 2) is false, in "},
                    expectation{"aborts", "crash", "Aborted"}, expectation{"null_pointer", "crash", "in_c.c:"},
                    expectation{"deadlock", "deadlock", "held by thread"},
                    expectation{"fails_after_main", "assertion", "the thread that main left behind"},
                    expectation{"main_ends_before_its_threads", "assertion", "the thread that main left behind"},
                    expectation{"main_ends_and_a_thread_waits_for_ever", "deadlock", "which it holds itself"},
                    expectation{" cpp throws_in_main", "exception", "left main, or std::terminate was called: "},
                    expectation{" cpp throws_in_a_thread", "exception", "no more pears"}),
    name_of);

TEST(Program, ThatDiesWithoutAWordIsACrash) {
  const outcome itself = run_c("killed");
  EXPECT_EQ(itself.exit_status, 1);
  EXPECT_THAT(itself.output, HasSubstr("crash in program_in_c: a signal ended the program: Killed"));
  const outcome killed = run_c("killed_from_outside");
  EXPECT_EQ(killed.exit_status, 1);
  EXPECT_THAT(killed.output, HasSubstr("step-limit in program_in_c: the process was killed"));
  const outcome left = run_c("exits_without_the_library");
  EXPECT_EQ(left.exit_status, 1);
  EXPECT_THAT(left.output, HasSubstr("crash in program_in_c: the process ended with status 5 in a way"));
}

TEST(Program, ThatBlocksTheWholeProcessIsStuck) {
  const outcome result = run(std::string(HEDDLE_PROGRAM_CONFIGURED) + " blocks_in_the_system");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("step-limit in configured name: the execution is stuck"));
  EXPECT_THAT(result.output, HasSubstr("read"));
}

TEST(Program, OfTheProcessAndNotOfTheScheduleIsNondeterministic) {
  // Each audited schedule has a chance of one half to differ; consecutive processes mostly do.
  const outcome result = run_c("depends_on_the_process", "HEDDLE_SCHEDULES=1000");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("nondeterminism in program_in_c: two runs of schedule"));
}

// ---------------------------------------------------------------- passing

class PassingProgram : public testing::TestWithParam<const char*> {};

TEST_P(PassingProgram, PassesInAllSchedulesWithoutOutput) {
  const outcome result = run_c(GetParam(), "HEDDLE_SCHEDULES=300");
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("heddle: program_in_c: passed: sampled 300 schedules"));
  EXPECT_THAT(result.output, Not(HasSubstr("counted")));
}

INSTANTIATE_TEST_SUITE_P(Every, PassingProgram,
                         testing::Values("no_lost_update", "exit_in_a_thread", "daemons", "starts_afresh",
                                         "main_ends_and_so_do_its_threads", "handles_a_signal", "handles_its_crash",
                                         "returns 0"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

TEST(Program, MayDefineNamesOfPosixItself) {
  const outcome result = run("HEDDLE_SCHEDULES=50 " + std::string(HEDDLE_PROGRAM_OWN_NAMES));
  EXPECT_EQ(result.exit_status, 0) << result.output;
}

TEST(Program, IsSearchedExhaustively) {
  EXPECT_THAT(run_c("no_lost_update", "HEDDLE_STRATEGY=exhaustive").output,
              HasSubstr("passed: proved, all of 2 schedules"));
  const outcome failing = run_c("lost_update", "HEDDLE_STRATEGY=exhaustive");
  EXPECT_THAT(failing.output, HasSubstr("assertion in program_in_c"));
  const outcome again = run(replay_of(failing.output));
  EXPECT_EQ(event_hash_of(again.output), event_hash_of(failing.output));
  EXPECT_NE(event_hash_of(again.output), "");
}

TEST(Program, ThatExitsWhileThreadsGoOnIsNotProved) {
  const outcome result = run_c("exit_in_a_thread", "HEDDLE_STRATEGY=exhaustive");
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("passed: sampled "));
}

TEST(Program, LearnsFromTheFirstScheduleInEveryStrategy) {
  for (const char* strategy : {"random", "pct", "pos", "surw", "portfolio"}) {
    const outcome result = run_c("lost_update", std::string("HEDDLE_STRATEGY=") + strategy);
    EXPECT_EQ(result.exit_status, 1) << strategy;
    const outcome again = run(replay_of(result.output));
    EXPECT_EQ(event_hash_of(again.output), event_hash_of(result.output)) << strategy;
  }
}

TEST(Program, FollowsAFullToken) {
  const outcome first = run_c("lost_update", "HEDDLE_TOKEN=full");
  const std::string command = replay_of(first.output);
  EXPECT_THAT(command, testing::ContainsRegex("HEDDLE_REPLAY=h1-portfolio-sync-.*-r[a-z2-7]*-"));
  const outcome second = run(command);
  EXPECT_EQ(second.exit_status, 1) << second.output;
  EXPECT_EQ(event_hash_of(second.output), event_hash_of(first.output));
}

TEST(Program, InterleavesPlainAccessesWhenAsked) {
  EXPECT_THAT(run_c("plain_lost_update").output, HasSubstr("data-race in program_in_c"));
  const outcome result = run_c("plain_lost_update", "HEDDLE_GRANULARITY=memory");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(replay_of(result.output), HasSubstr("-memory-"));
  EXPECT_EQ(event_hash_of(run(replay_of(result.output)).output), event_hash_of(result.output));
}

TEST(Program, GoesOnAfterASuppressedRace) {
  const known_findings known("data-race function=add_to_plain reason: it is the test's\n");
  const outcome result = run_c("plain_lost_update", known.variable() + " HEDDLE_GRANULARITY=memory");
  EXPECT_THAT(result.output, HasSubstr("assertion in program_in_c: assert(plain_counter == 2)"));
  EXPECT_THAT(result.output, HasSubstr("schedules had a suppressed data-race"));
  EXPECT_THAT(run(known.variable() + " " + replay_of(result.output)).output, HasSubstr("assertion in program_in_c"));
  // A token from before the suppression shows what it was printed for.
  const std::string race = replay_of(run_c("plain_lost_update").output);
  EXPECT_THAT(run(known.variable() + " " + race).output, HasSubstr("data-race in program_in_c"));
}

// ---------------------------------------------------------------- exit

TEST(Program, RunsHandlersOfExitInTheSchedule) {
  for (const char* how : {"exit", "quick_exit"}) {
    const outcome result = run_c(how);
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, HasSubstr("assertion in program_in_c: assert(0 && \"shown with its output\") is false"));
    EXPECT_THAT(result.output, HasSubstr("main\n    handler of exit, registered second\n")) << how;
  }
  for (const char* how : {"_exit", "_Exit"}) EXPECT_EQ(run_c(how).exit_status, 0) << how;
}

TEST(Program, DestroysStaticObjectsInTheSchedule) {
  const outcome result = run_cpp("destructors");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("    main\n"
                                       "    destroyed: thread_local of the main thread\n"
                                       "    destroyed: static of a function\n"
                                       "    destroyed: constructed second\n"
                                       "    destroyed: constructed first\n"));
  EXPECT_EQ(run_cpp("joins_at_exit", "HEDDLE_SCHEDULES=200").exit_status, 0);
  EXPECT_EQ(run_cpp("joins_at_exit", "HEDDLE_SCHEDULES=200 HEDDLE_EXIT=now").exit_status, 0);
}

TEST(Program, WaitsForItsThreadsBeforeItExitsOrNot) {
  EXPECT_EQ(run_cpp("leaves_a_thread").exit_status, 0);
  const outcome at_once = run_cpp("leaves_a_thread", "HEDDLE_EXIT=now");
  EXPECT_EQ(at_once.exit_status, 1);
  EXPECT_THAT(at_once.output, HasSubstr("assert(!destroyed.load()) is false"));
  EXPECT_EQ(run_c("fails_after_main", "HEDDLE_EXIT=now").exit_status, 0);
  EXPECT_EQ(run_c("daemons", "HEDDLE_EXIT=now HEDDLE_SCHEDULES=100").exit_status, 0);
}

TEST(Program, MayEndWithAnyStatusUnlessAskedOtherwise) {
  const outcome any = run_c("returns 3", "HEDDLE_SCHEDULES=10");
  EXPECT_EQ(any.exit_status, 0);
  EXPECT_THAT(any.output,
              testing::ContainsRegex("of the executions ended with an exit status other than 0, the first with 3"));
  const outcome all = run_c("no_such_program", "HEDDLE_SCHEDULES=10");
  EXPECT_THAT(all.output, HasSubstr("note: all of the executions ended with an exit status other than 0"));
  EXPECT_THAT(all.output, HasSubstr("unknown program: no_such_program\n"));
  const outcome zero = run_c("returns 3", "HEDDLE_STATUS=zero");
  EXPECT_EQ(zero.exit_status, 1);
  EXPECT_THAT(zero.output, HasSubstr("assertion in program_in_c: the program ended with exit status 3"));
  EXPECT_EQ(run_c("exit_in_a_thread", "HEDDLE_STATUS=zero").exit_status, 1);
  EXPECT_EQ(run_c("returns 0", "HEDDLE_STATUS=zero HEDDLE_SCHEDULES=10").exit_status, 0);
}

// ---------------------------------------------------------------- streams, arguments, processes

TEST(Program, ReadsTheSameInputInEverySchedule) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "heddle_program_input";
  std::ofstream(file) << "1 2 3\n40\n";
  const std::string redirected = " < " + file.string();
  EXPECT_EQ(run_c("reads_input 46" + redirected, "HEDDLE_SCHEDULES=50").exit_status, 0);
  const outcome wrong = run_c("reads_input 47" + redirected);
  EXPECT_EQ(wrong.exit_status, 1);
  const outcome again = run(replay_of(wrong.output) + redirected);
  EXPECT_EQ(event_hash_of(again.output), event_hash_of(wrong.output));
  std::filesystem::remove(file);
}

TEST(Program, PrintsWhenItFailsWhenItIsReplayedAndWhenAsked) {
  const outcome failing = run_c("lost_update");
  EXPECT_THAT(failing.output, HasSubstr("  output of the program:\n    counted 1\n"));
  EXPECT_THAT(run(replay_of(failing.output)).output, testing::StartsWith("counted 1\n"));
  const outcome all = run_c("no_lost_update", "HEDDLE_SCHEDULES=2 HEDDLE_OUTPUT=all");
  EXPECT_GE(lines_with(all.output, "counted 2").size(), 2U);
}

TEST(Program, QuotesItsArgumentsAndKnowsThemAgain) {
  const outcome first = run_c("lost_update 'two words'");
  const std::string command = replay_of(first.output);
  EXPECT_THAT(command, testing::EndsWith("program_in_c lost_update 'two words'"));
  EXPECT_EQ(event_hash_of(run(command).output), event_hash_of(first.output));
  const outcome other = run(command + " more");
  EXPECT_EQ(other.exit_status, 2);
  EXPECT_THAT(other.output, HasSubstr("run the command that was printed with it"));
}

TEST(Program, ForksAndExecutesWithANote) {
  const outcome result = run_c("forks", "HEDDLE_SCHEDULES=20");
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("note: not simulated, so let through to the real system: fork, vfork"));
}

// ---------------------------------------------------------------- leaks

TEST(Program, ThatLeaksPassesUnlessItWantsThemFound) {
  EXPECT_EQ(run_c("leaks").exit_status, 0);
  const outcome result = run(std::string(HEDDLE_PROGRAM_CONFIGURED) + " leaks");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("memory-leak in configured name: a block of 30 bytes is leaked"));
  EXPECT_THAT(result.output, HasSubstr("lose_a_copy_of"));
}

// ---------------------------------------------------------------- the environment

TEST(Program, TakesItsOptionsFromTheProgramAndFromTheEnvironment) {
  const std::string program = std::string(HEDDLE_PROGRAM_CONFIGURED) + " no_lost_update";
  EXPECT_THAT(run(program).output, HasSubstr("heddle: configured name: passed: sampled 17 schedules"));
  EXPECT_THAT(run("HEDDLE_SCHEDULES=5 " + program).output, HasSubstr("sampled 5 schedules"));
  EXPECT_THAT(run("HEDDLE_SEED=7 HEDDLE_TIME=100ms " + program).output, HasSubstr(", seed 7"));
}

TEST(Program, RefusesWhatItDoesNotUnderstandWithStatus2) {
  for (const auto& [variable, message] :
       {std::pair{"HEDDLE_EXIT=later", "allowed: wait, now"}, std::pair{"HEDDLE_STATUS=1", "allowed: any, zero"},
        std::pair{"HEDDLE_OUTPUT=none", "allowed: failing, all"},
        std::pair{"HEDDLE_SEEED=1", "did you mean HEDDLE_SEED?"}, std::pair{"HEDDLE_SCHEDULES=0", "a time is needed"},
        std::pair{"HEDDLE_STRATEGY=best", "there is no strategy `best`"},
        std::pair{"HEDDLE_REPLAY=h1-what", "HEDDLE_REPLAY"}}) {
    const outcome result = run_c("no_lost_update", variable);
    EXPECT_EQ(result.exit_status, 2) << variable;
    EXPECT_THAT(result.output, HasSubstr(message)) << variable;
  }
}

}  // namespace
}  // namespace heddle::check
