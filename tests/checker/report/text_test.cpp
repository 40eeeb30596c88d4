#include "report/text.hpp"

#include "report/collect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  last events:
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
  stack of thread 0:
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
  EXPECT_FALSE(one.failed());
  EXPECT_EQ(one.summary(), "A.B: passed: sampled 1000 schedules, 998 distinct, strategy random, seed 1");
  one.distinct_at_least = true;
  EXPECT_THAT(one.summary(), testing::HasSubstr("at least 998 distinct"));
  EXPECT_EQ(one.text(), one.summary());
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

TEST(Timeline, IsCollectedFromTheEndAndFoldsRepeats) {
  symbolizer symbols;
  std::vector<sim::event> events;
  for (sim::object_id i = 1; i <= 100; ++i)
    events.insert(events.end(), 3, {0, i, 0, sim::operation_kind::atomic_load, 0});
  const std::vector<moment> timeline = collect_timeline(events, symbols);
  ASSERT_EQ(timeline.size(), timeline_max);
  EXPECT_EQ(timeline.front().what, "atomic load #76");
  EXPECT_EQ(timeline.back().what, "atomic load #100");
  for (const moment& one : timeline) EXPECT_EQ(one.times, 3U);
  EXPECT_TRUE(collect_timeline({}, symbols).empty());
}

TEST(Timeline, LosesWhatOnlyCameOfReportingAnAssertion) {
  std::vector<moment> timeline{{0, "atomic load #1", {"/src/a.cpp", "f", 7}},
                               {1, "thread exit", {}},
                               {0, "once #2", {}},
                               {0, "mutex lock #3", {}}};
  sim::failure failure;
  failure.thread = 0;
  trim_reporting(failure, timeline);
  EXPECT_EQ(timeline.size(), 4U);
  failure.file = "a.cpp";
  trim_reporting(failure, timeline);
  EXPECT_EQ(timeline.size(), 2U);
}

TEST(Describe, NamesKindAndObject) {
  EXPECT_EQ(describe({0, 3, 0, sim::operation_kind::mutex_lock, 0}),
            std::string(sim::name_of(sim::operation_kind::mutex_lock)) + " #3");
  EXPECT_EQ(describe({0, 0, 0, sim::operation_kind::yield, 0}), sim::name_of(sim::operation_kind::yield));
  EXPECT_EQ(describe({0, 2, 0, sim::operation_kind::choice, static_cast<std::uint8_t>(sim::choice_kind::test)}),
            "test choice = 2");
}

}  // namespace
}  // namespace heddle::check
