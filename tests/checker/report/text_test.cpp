#include "report/text.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

namespace heddle::check {
namespace {

using testing::HasSubstr;

frame user(const char* function, unsigned line) {
  return {line, function, "/src/bank.cpp", line, false};
}
frame internal() {
  return {1, "std::mutex::lock", "/usr/include/c++/12/mutex", 100, true};
}

report deadlock() {
  finding found;
  found.kind = finding_kind::deadlock;
  found.message = "no thread can run and no timer is pending";
  found.schedule = 41;
  found.event_hash = 0xabc;
  found.threads = {{0, "", "thread 1 to end", {"thread 0", {internal(), user("HEDDLE_TEST Bank_Transfers", 30)}}},
                   {1,
                    "left",
                    "mutex #2, held by thread 2",
                    {"thread 1", {internal(), internal(), user("transfer", 17), user("run", 22)}}},
                   {2, "", "mutex #1, held by thread 1", {"thread 2", {user("transfer", 18)}}}};
  found.tasks = {{7,
                  "reader",
                  {"/src/bank.cpp", "main", 5},
                  {{"/src/bank.cpp", "outer()", 8}, {"/src/bank.cpp", "inner()", 9}},
                  "sync::mutex",
                  false}};
  found.timeline = {{1, "mutex lock #1", {"/src/bank.cpp", "transfer", 16}},
                    {2, "mutex lock #2", {"/src/bank.cpp", "transfer", 16}}};
  report result;
  result.name = "Bank.Transfers";
  result.strategy = "random";
  result.seed = 1;
  result.schedules = 42;
  result.schedules_asked = 1000;
  result.findings = {found};
  result.replay_command = "HEDDLE_REPLAY=h1-x ./bank --gtest_filter=Bank.Transfers";
  return result;
}

TEST(TextReport, OfADeadlockShowsEveryThreadAndTaskWithWhatItWaitsFor) {
  EXPECT_EQ(to_text(deadlock(), colours::none),
            R"(deadlock in Bank.Transfers: no thread can run and no timer is pending
  unfinished threads:
    thread 0 waits for thread 1 to end
      /src/bank.cpp:30  HEDDLE_TEST Bank_Transfers
    thread 1 (left) waits for mutex #2, held by thread 2
      /src/bank.cpp:17  transfer
    thread 2 waits for mutex #1, held by thread 1
      /src/bank.cpp:18  transfer
  unfinished tasks:
    task 7 (reader) waits for sync::mutex, spawned at /src/bank.cpp:5
      at /src/bank.cpp:9  inner
      from /src/bank.cpp:8  outer
  last events that matter:
    thread 1                    thread 2
    mutex lock #1  bank.cpp:16
                                mutex lock #2  bank.cpp:16
  schedule 41 of 1000, strategy random, seed 1, event hash 0000000000000abc
replay: HEDDLE_REPLAY=h1-x ./bank --gtest_filter=Bank.Transfers)");
}

TEST(TextReport, OfAnAssertionShowsMessagePlaceAndFoldedStack) {
  report one = deadlock();
  finding& found = one.findings[0];
  found = {};
  found.kind = finding_kind::assertion;
  found.message = "Expected equality of these values:\n  sum\n    Which is: 1\n  2\n";
  found.where = {"/src/bank.cpp", "check_sum", 50};
  found.thread = 0;
  found.task = 3;
  frame inlined = internal();
  inlined.pc = user("body", 60).pc;
  found.stacks = {
      {"thread 0", {internal(), internal(), user("check_sum", 50), internal(), user("body", 60), internal()}}};
  finding second = found;
  second.message = "it is late";
  second.where = {};
  one.findings.push_back(second);
  EXPECT_EQ(to_text(one, colours::none),
            R"(assertion in Bank.Transfers: Expected equality of these values:
      sum
        Which is: 1
      2
  at /src/bank.cpp:50, on thread 0, in task 3
  stack of task 3, on thread 0:
      ... 2 frames of libraries
      /src/bank.cpp:50  check_sum
      ... a library's frame
      /src/bank.cpp:60  body
  also assertion: it is late
  schedule 0 of 1000, strategy random, seed 1, event hash 0000000000000000
replay: HEDDLE_REPLAY=h1-x ./bank --gtest_filter=Bank.Transfers)");
}

TEST(TextReport, FoldsARecursionAndNamesTheLibraryWhereNoUserFrameIsKnown) {
  report one = deadlock();
  finding& found = one.findings[0];
  found = {};
  found.kind = finding_kind::stack_overflow;
  found.message = "too deep";
  found.stacks = {
      {"thread 0", {user("inner", 0), user("again", 9), user("again", 9), user("again", 9), user("body", 60)}},
      {"thread 1", {{1, "heddle::sim::x", "", 0, true}, internal()}},
      {"thread 2", {{1, "heddle::sim::x", "", 0, true}}}};
  EXPECT_THAT(one.text(), HasSubstr("  stack of thread 0:\n"
                                    "      /src/bank.cpp  inner\n"
                                    "      /src/bank.cpp:9  again\n"
                                    "      ... 2 more of it\n"
                                    "      /src/bank.cpp:60  body\n"
                                    "  stack of thread 1:\n"
                                    "      in std::mutex::lock\n"
                                    "  schedule"));
}

TEST(TextReport, HasColourOnATerminalOnly) {
  EXPECT_THAT(to_text(deadlock(), colours::terminal), testing::StartsWith("\033[1;31mdeadlock\033[0m in"));
  EXPECT_THAT(to_text(deadlock(), colours::none), testing::Not(testing::HasSubstr("\033")));
}

TEST(TextReport, OfAnErrorIsTheSentence) {
  report one;
  one.name = "A.B";
  one.error = "no";
  EXPECT_TRUE(one.failed());
  EXPECT_EQ(one.text(), "nothing explored in A.B: no");
}

TEST(Summary, SaysHowItPassed) {
  report one;
  one.name = "A.B";
  one.strategy = "random";
  one.schedules = 1000;
  one.distinct = 998;
  one.seed = 1;
  one.unseen = 0.9963;
  EXPECT_FALSE(one.failed());
  EXPECT_EQ(one.summary(),
            "A.B: passed: sampled 1000 schedules, 998 distinct (of further ones about 99.6% would be new), strategy "
            "random, seed 1");
  one.detection = {0.9999, 0.62, 0.0004};
  EXPECT_THAT(one.summary(),
              testing::HasSubstr("(of further ones about 99.6% would be new; a bug of depth 1, 2 or 3 had a "
                                 "chance of at least >99.9%, 62% or <0.1%)"));
  one.detection.reset();
  one.explored = 0.128;
  EXPECT_THAT(one.summary(), testing::HasSubstr("would be new, about 13% of all are explored)"));
  one.distinct_at_least = true;
  EXPECT_THAT(one.summary(), testing::HasSubstr("at least 998 distinct"));
  EXPECT_EQ(one.text(), one.summary());
}

// A source file as old as the executable, that is gone at the end.
class source_file {
 public:
  explicit source_file(std::string_view text)
      : path_(std::filesystem::path(testing::TempDir()) / ("heddle_source_" + std::to_string(getpid()) + ".cpp")) {
    std::ofstream(path_) << text;
    std::filesystem::last_write_time(path_, std::filesystem::last_write_time("/proc/self/exe"));
  }
  source_file(const source_file&) = delete;
  source_file& operator=(const source_file&) = delete;
  ~source_file() { std::filesystem::remove(path_); }

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

report race_in(const std::string& file) {
  finding found;
  found.kind = finding_kind::data_race;
  found.message = "nothing orders them";
  found.where = {file, "reader", 2};
  found.thread = 1;
  found.task = 3;
  found.stacks = {{"thread 1", {internal(), {2, "reader", file, 2, false}, {4, "caller", file, 1, false}}},
                  {"task 2, where it wrote 4 bytes of it before", {{3, "writer", file, 3, false}}}};
  found.tasks = {{3, "", {file, "main", 1}, {{file, "outer()", 1}, {file, "inner()", 2}}, "", false}};
  found.tasks[0].polled = true;
  report result;
  result.name = "A.B";
  result.findings = {found};
  return result;
}

TEST(TextReport, ShowsTheLineOfSourceInWhichEachSideStands) {
  const source_file source("first\n  read it;\n\twrite it;  \n");
  const std::string at = source.path();
  EXPECT_THAT(race_in(at).text(), HasSubstr("  at " + at +
                                            ":2, on thread 1, in task 3\n"
                                            "  stack of task 3, on thread 1:\n"
                                            "      ... a library's frame\n"
                                            "      " +
                                            at +
                                            ":2  reader\n"
                                            "        2 | read it;\n"
                                            "      " +
                                            at +
                                            ":1  caller\n"
                                            "  stack of task 2, where it wrote 4 bytes of it before:\n"
                                            "      " +
                                            at +
                                            ":3  writer\n"
                                            "        3 | write it;\n"));
}

TEST(TextReport, ShowsNoSourceThatIsNewerThanTheExecutable) {
  const source_file source("first\nread it;\n");
  std::filesystem::last_write_time(source.path(), std::filesystem::file_time_type::clock::now());
  EXPECT_THAT(race_in(source.path()).text(), testing::Not(HasSubstr("read it")));
}

TEST(TextReport, ShowsTheChainOfAwaitsOfTheTaskItHappenedIn) {
  EXPECT_THAT(race_in("/src/a.cpp").text(), HasSubstr("    task 3 is being polled, spawned at /src/a.cpp:1\n"
                                                      "      at /src/a.cpp:2  inner\n"
                                                      "      from /src/a.cpp:1  outer\n"));
}

TEST(TextReport, ShowsOfALivelockTheLinesThatEachGoesThroughAgainAndAgain) {
  report one = race_in("/src/a.cpp");
  finding& found = one.findings[0];
  found.kind = finding_kind::livelock;
  found.threads = {{1, "", "", {"thread 1", {{2, "peek", "/src/a.cpp", 2, false}}}, {{"/src/a.cpp", "wait", 7}}},
                   {2, "", "", {"thread 2", {{2, "other", "/src/a.cpp", 9, false}}}}};
  found.tasks[0].repeated = {{"/src/a.cpp", "inner", 3}, {"/src/a.cpp", "inner", 4}};
  const std::string text = one.text();
  EXPECT_THAT(text, HasSubstr("    thread 1 only looks again\n"
                              "      /src/a.cpp:7  wait\n"
                              "    thread 2 can run\n"
                              "  unfinished tasks:\n"
                              "    task 3 only looks again, spawned at /src/a.cpp:1\n"
                              "      /src/a.cpp:3  inner\n"
                              "      /src/a.cpp:4  inner\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("stack of")));
}

TEST(TextReport, CountsTheWorkersThatTasksTellOf) {
  report one = race_in("/src/a.cpp");
  finding& found = one.findings[0];
  found.kind = finding_kind::deadlock;
  found.threads = {{1, "heddle-worker", "a notification of condition variable #3", {"thread 1", {internal()}}},
                   {2, "heddle-worker", "lock #4", {"thread 2", {{2, "inner", "/src/a.cpp", 9, false}}}}};
  EXPECT_THAT(one.text(), HasSubstr("  unfinished threads:\n"
                                    "    thread 2 (heddle-worker) waits for lock #4\n"
                                    "      /src/a.cpp:9  inner\n"
                                    "    1 worker of the runtime, which the tasks tell of\n"));
  one.verbose = true;
  EXPECT_THAT(one.text(), HasSubstr("thread 1 (heddle-worker) waits for a notification"));
}

TEST(TextReport, FoldsFramesOfLibrariesUnlessItIsVerbose) {
  report one = race_in("/src/a.cpp");
  EXPECT_THAT(one.text(), testing::Not(HasSubstr("std::mutex::lock")));
  one.verbose = true;
  EXPECT_THAT(one.text(), HasSubstr("      /usr/include/c++/12/mutex:100  std::mutex::lock\n"
                                    "      /src/a.cpp:2  reader\n"));
}

TEST(TextReport, EndsTheScheduleWithTheFindingInTheColumnOfItsTask) {
  report one = race_in("/src/a.cpp");
  one.findings[0].timeline = {{1, "spawn #1", {}}};
  EXPECT_THAT(one.text(), HasSubstr("    thread 1  task 3\n"
                                    "    spawn #1\n"
                                    "              data-race  a.cpp:2\n"));
}

TEST(TextReport, HasNoColourWhereTheEnvironmentOrTheFileForbidsIt) {
  EXPECT_EQ(colours_for(-1), colours::none);
  std::array<int, 2> ends{};
  ASSERT_EQ(openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr), 0);
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  EXPECT_EQ(colours_for(ends[1]), colours::terminal);
  setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(colours_for(ends[1]), colours::none);
  unsetenv("NO_COLOR");
  setenv("TERM", "dumb", 1);
  EXPECT_EQ(colours_for(ends[1]), colours::none);
  for (const int end : ends) close(end);
}

moment of_task(std::uint32_t task, const char* what) {
  moment one{0, what, {"/src/file.cpp", "f", 7}};
  one.task = task;
  return one;
}

TEST(Timeline, HasAColumnForEachTaskWhereverItRan) {
  std::vector<moment> both{of_task(2, "load"), of_task(3, "load"), of_task(2, "store")};
  both[2].thread = 1;
  EXPECT_EQ(timeline_text(both),
            "    task 2             task 3\n"
            "    load  file.cpp:7\n"
            "                       load  file.cpp:7\n"
            "    store  file.cpp:7\n");
}

TEST(Timeline, HasNarrowLanesWhereColumnsWouldBeTooWide) {
  const std::vector<moment> four{of_task(1, "a rather long operation #1"), of_task(2, "a rather long operation #1"),
                                 of_task(3, "a rather long operation #1"), of_task(4, "a rather long operation #1")};
  EXPECT_EQ(timeline_text(four),
            "    task 1  task 2  task 3  task 4\n"
            "    *       .       .       .       a rather long operation #1  file.cpp:7\n"
            "    .       *       .       .       a rather long operation #1  file.cpp:7\n"
            "    .       .       *       .       a rather long operation #1  file.cpp:7\n"
            "    .       .       .       *       a rather long operation #1  file.cpp:7\n");
}

TEST(Timeline, BecomesAListWhenThereAreTooManyThreads) {
  std::vector<moment> many;
  for (sim::thread_id i = 0; i < 20; ++i) many.push_back({i, "yield", {}});
  const std::string text = timeline_text(many);
  EXPECT_THAT(text, testing::StartsWith("    thread 0   yield\n    thread 1   yield\n"));
}

TEST(Timeline, CountsRepeatsInsteadOfShowingThem) {
  EXPECT_EQ(timeline_text({{0, "yield", {"/src/a.cpp", "f", 7}, 12}}), "    thread 0\n    yield  a.cpp:7  12 times\n");
}

}  // namespace
}  // namespace heddle::check
