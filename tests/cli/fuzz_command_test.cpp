// `heddle fuzz`, `report` and `merge` as processes of their own.
#include "cli/corpus/store.hpp"
#include "command_test.hpp"

#include <csignal>
#include <map>
#include <random>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

namespace heddle::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::string suite = HEDDLE_CLI_SUITE;

class fuzz_command : public command_test {
 protected:
  outcome fuzz(const std::string& filter, const std::string& options, const std::string& environment = "") const {
    return heddle("fuzz " + options + " -- '" + suite + " --gtest_filter=" + filter + "'", environment);
  }
  corpus_state corpus(const std::string& name = "corpus") const {
    corpus_store store(folder_ / name, corpus_store::missing::wrong);
    return store.load();
  }
  // Name and content of every file in a folder.
  std::map<std::string, std::string> files_of(const std::string& name) const {
    std::map<std::string, std::string> all;
    for (const auto& one : fs::recursive_directory_iterator(folder_ / name)) {
      if (one.is_regular_file()) all[one.path().lexically_relative(folder_ / name)] = content_of(one.path().string());
    }
    return all;
  }
};

TEST_F(fuzz_command, FindsEveryBugOnceAndGoesOnToTheEndOfTheBudget) {
  const outcome result = fuzz("Good.*:Bad.*:Crash.InASchedule", "--schedules 2000 --corpus corpus --json out.json");
  EXPECT_EQ(result.exit_status, 1) << result.output;
  EXPECT_EQ(check::lines_with(result.output, "new finding in").size(), 3U) << result.output;
  const auto results = json_of("out.json");
  EXPECT_EQ(outcome_of(results, "Good.Counter"), "passed");
  for (const auto& test : results["tests"]) {
    const std::string name = test["test"];
    if (!name.starts_with("Crash")) {
      EXPECT_EQ(test["schedules"], 2000) << name;
    }
    EXPECT_EQ(test["findings"].size(), name.starts_with("Good") ? 0U : 1U) << name;
  }
  EXPECT_EQ(corpus().findings().size(), 3U);
}

TEST_F(fuzz_command, FindsNothingInWhatIsCorrect) {
  const outcome result = fuzz("Good.*", "--schedules 500");
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("2 tests, 1000 schedules in "));
  EXPECT_THAT(result.output, HasSubstr("nothing found"));
}

TEST_F(fuzz_command, TimeIsForAllTestsTogether) {
  const auto begin = std::chrono::steady_clock::now();
  const outcome result = fuzz("Good.*", "--time 2s --jobs 2 --json out.json");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_GT(seconds, 1.5);
  EXPECT_LT(seconds, 20);
  for (const auto& test : json_of("out.json")["tests"]) EXPECT_GT(test["schedules"], 1000);
}

TEST_F(fuzz_command, NextRunFindsNothingNewAndSaysWhatIsStillThere) {
  fuzz("Good.*:Bad.*", "--schedules 1000 --corpus corpus");
  const outcome again = fuzz("Good.*:Bad.*", "--schedules 1000 --corpus corpus");
  EXPECT_EQ(again.exit_status, 1);
  EXPECT_EQ(check::lines_with(again.output, "new finding in").size(), 0U) << again.output;
  EXPECT_EQ(check::lines_with(again.output, "still there").size(), 4U) << again.output;
  EXPECT_THAT(again.output, HasSubstr("2 still there"));
  // It went on where the last one stopped.
  std::uint64_t slices = 0;
  const corpus_state state = corpus();
  for (const auto& [key, progress] : state.progress()) slices += progress.slices;
  EXPECT_EQ(slices, 4U * 2 * 4);
}

TEST_F(fuzz_command, TriesTheFixedSchedulesOnceInABuild) {
  fuzz("Counted.InStep", "--schedules 200 --corpus corpus");
  EXPECT_EQ(content_of("in_step"), "x");
  fuzz("Counted.InStep", "--schedules 200 --corpus corpus");
  EXPECT_EQ(content_of("in_step"), "x");
}

TEST_F(fuzz_command, CrashesHangsAndMemoryAreFindingsAndTheRestGoesOn) {
  const outcome result = fuzz("Good.Choice:Crash.*:Hang.*:Memory.*:Plain.*",
                              "--schedules 400 --corpus corpus --hang 1s --memory 300M --json out.json");
  EXPECT_EQ(result.exit_status, 1);
  const auto results = json_of("out.json");
  EXPECT_EQ(outcome_of(results, "Good.Choice"), "passed");
  EXPECT_EQ(outcome_of(results, "Plain.Passes"), "passed");
  EXPECT_EQ(outcome_of(results, "Plain.Skips"), "passed");
  for (const std::string failing : {"Crash.InASchedule", "Crash.OutsideOfSchedules", "Hang.InTheKernel",
                                    "Memory.GrowsWithoutEnd", "Plain.Fails", "Plain.ExitsInTheMiddle"}) {
    EXPECT_EQ(outcome_of(results, failing), "failed") << failing << result.output;
  }
}

TEST_F(fuzz_command, WithoutACorpusNothingIsWritten) {
  const outcome result = fuzz("Bad.*", "--schedules 200");
  EXPECT_EQ(check::lines_with(result.output, "new finding in").size(), 2U) << result.output;
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(fuzz_command, FindingThatTheNewBuildDoesNotShowIsFixed) {
  fuzz("Bad.*", "--schedules 500 --corpus corpus");
  // The same tests in another build, of which one is mended: the corpus is told that its findings are of an older one.
  {
    corpus_store store(folder_ / "corpus", corpus_store::missing::wrong);
    const corpus_state state = store.load();
    for (const auto& [key, what] : state.findings()) {
      finding_record older = what.last;
      older.build = "00c0ffee";
      older.time += 1;
      if (older.test == "Bad.LostUpdate") older.test = "Good.Counter";
      store.add(older);
    }
  }
  const outcome result = fuzz("Bad.*:Good.Counter", "--schedules 3000 --corpus corpus --json out.json");
  EXPECT_EQ(result.exit_status, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("fixed        assertion in Good.Counter"));
  EXPECT_THAT(result.output, HasSubstr("2 still there, 1 fixed"));
  const corpus_state state = corpus();
  for (const auto& [key, what] : state.findings()) EXPECT_EQ(what.is_fixed(), key.test == "Good.Counter");
  // And is not looked for again.
  EXPECT_THAT(fuzz("Good.Counter", "--schedules 100 --corpus corpus").output, HasSubstr("nothing found"));
}

TEST_F(fuzz_command, TooFewSchedulesOfTheNewBuildFixNothing) {
  fuzz("Bad.LostUpdate", "--schedules 500 --corpus corpus");
  {
    corpus_store store(folder_ / "corpus", corpus_store::missing::wrong);
    finding_record older = store.load().findings().begin()->second.last;
    older.build = "00c0ffee";
    older.test = "Good.Counter";
    store.add(older);
  }
  const outcome result = fuzz("Good.Counter", "--schedules 100 --corpus corpus");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output,
              HasSubstr("not seen again in 100 schedules of the new build; it counts as fixed after 1000"));
}

TEST_F(fuzz_command, ShardsExploreOtherSchedulesAndMergeToTheSameInAnyOrder) {
  for (const std::string number : {"1", "2", "3"}) {
    fuzz("Good.*:Bad.*", "--schedules 200 --shard " + number + "/3 --corpus c" + number);
  }
  EXPECT_EQ(heddle("merge ab c1 c2").exit_status, 0);
  EXPECT_EQ(heddle("merge abc ab c3").exit_status, 0);
  EXPECT_EQ(heddle("merge cba c3 c2 c1").exit_status, 0);
  EXPECT_EQ(heddle("merge cba c2 ab").exit_status, 0);
  EXPECT_EQ(files_of("abc"), files_of("cba"));
  EXPECT_EQ(corpus("abc").findings().size(), 2U);
  EXPECT_EQ(corpus("abc").progress().size(), 4U * 3);
  const outcome nowhere = heddle("merge abc nowhere");
  EXPECT_EQ(nowhere.exit_status, 2);
  EXPECT_THAT(nowhere.output, HasSubstr("there is no folder nowhere"));
}

TEST_F(fuzz_command, ShardOfTheEnvironmentIsSaidAndLeavesNoTestOut) {
  const outcome result = fuzz("Good.*", "--schedules 10 --json out.json", "GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=1");
  EXPECT_THAT(result.output, HasSubstr("heddle: shard 2/2, from GTEST_SHARD_INDEX"));
  EXPECT_EQ(json_of("out.json")["tests"].size(), 2U);
}

TEST_F(fuzz_command, ProcessesMayShareACorpus) {
  const std::string one = std::string(HEDDLE_COMMAND) + " fuzz --schedules 500 --corpus corpus --shard ";
  const std::string rest = "/3 -- '" + suite + " --gtest_filter=Good.*:Bad.*'";
  check::run("cd " + folder_.string() + " && (" + one + "1" + rest + " & " + one + "2" + rest + " & " + one + "3" +
             rest + " & wait)");
  EXPECT_EQ(corpus().findings().size(), 2U);
  EXPECT_EQ(corpus().progress().size(), 4U * 3);
}

TEST_F(fuzz_command, ReportSaysWhatTheCorpusContains) {
  fuzz("Good.*:Bad.*", "--schedules 300 --corpus corpus");
  const outcome result = heddle("report corpus --html r.html --junit r.xml --json r.json --sarif r.sarif");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("cli_suite"));
  EXPECT_THAT(result.output, HasSubstr("4 tests, 1200 schedules: 2 open findings, 0 fixed"));
  EXPECT_EQ(check::lines_with(result.output, "    HEDDLE_REPLAY=h1-").size(), 2U);
  EXPECT_THAT(content_of("r.html"), HasSubstr("id=\"report-1\">{\"format\":\"heddle-report\""));
  EXPECT_EQ(json_of("r.json")["tests"].size(), 4U);
  EXPECT_EQ(heddle("report nowhere").exit_status, 2);
}

TEST_F(fuzz_command, ReportReadsAFolderOfReportsToo) {
  check::run("cd " + folder_.string() + " && HEDDLE_REPORT_DIR=reports " + suite + " --gtest_filter=Bad.*");
  const outcome result = heddle("report reports");
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("2 tests with 2 reports"));
}

TEST_F(fuzz_command, WrongUseEndsWith2) {
  EXPECT_THAT(heddle("fuzz -- " + suite).output, HasSubstr("how long? heddle fuzz takes --time"));
  EXPECT_EQ(heddle("fuzz -- " + suite).exit_status, 2);
  EXPECT_EQ(fuzz("Good.*", "--schedules 5 --shard 9/8").exit_status, 2);
  EXPECT_EQ(fuzz("Good.*", "--schedules 5 --strategy luck").exit_status, 2);
  std::ofstream(folder_ / "x") << "x";
  EXPECT_THAT(fuzz("Good.*", "--schedules 5 --corpus .").output, HasSubstr("contains other files (x)"));
}

TEST_F(fuzz_command, InterruptedOneKeepsWhatItFound) {
  // A shell keeps SIGINT from what it starts in the background.
  const outcome result = check::run(
      "cd " + folder_.string() + " && { : >log; " HEDDLE_COMMAND " fuzz --time 1h --corpus corpus -- '" + suite +
      " --gtest_filter=Good.*:Bad.*'"
      " >log 2>&1 & pid=$!; "
      "while kill -0 $pid && [ $(grep -c 'new finding in' log) -lt 2 ]; do sleep 0.1; done; "
      "kill -TERM $pid; wait $pid; cat log; }");
  EXPECT_THAT(result.output, HasSubstr("2 new"));
  EXPECT_EQ(corpus().findings().size(), 2U);
}

// It is killed at random again and again, with its test binaries: whatever it had printed is in the corpus.
TEST_F(fuzz_command, KilledAtAnyTimeLosesNoFinding) {
  std::mt19937 chance(11);
  std::set<std::string> printed;
  int kills = 0;
  for (int round = 0; round < 30; ++round) {
    const fs::path log = folder_ / "log";
    const pid_t child = fork();
    if (child == 0) {
      const std::string command = "exec " HEDDLE_COMMAND " fuzz --schedules 400 --corpus corpus -- '" + suite +
                                  " --gtest_filter=Good.*:Bad.*:Crash.InASchedule' >log 2>&1";
      if (chdir(folder_.c_str()) != 0) _exit(1);
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(1);
    }
    usleep(static_cast<useconds_t>(std::uniform_int_distribution<unsigned>(1000, 600'000)(chance)));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) ++kills;
    for (const std::string& line : check::lines_with(content_of("log"), "new finding in ")) printed.insert(line);
    if (!fs::exists(folder_ / "corpus" / "heddle-corpus")) continue;
    std::set<std::string> kept;
    const corpus_state state = corpus();
    for (const auto& [key, what] : state.findings()) kept.insert("new finding in " + key.test + " of " + key.program);
    for (const std::string& line : printed) EXPECT_TRUE(kept.contains(line)) << line << " in round " << round;
  }
  EXPECT_GT(kills, 5);
  fuzz("Good.*:Bad.*:Crash.InASchedule", "--schedules 400 --corpus corpus");
  EXPECT_EQ(corpus().findings().size(), 3U);
}

}  // namespace
}  // namespace heddle::cli
