#include "report/suppressions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::HasSubstr;

std::vector<suppression> good(std::string_view text) {
  auto all = parse_suppressions(text, "known.txt");
  EXPECT_TRUE(std::holds_alternative<std::vector<suppression>>(all)) << std::get<std::string>(all);
  return std::get<std::vector<suppression>>(std::move(all));
}

std::string error_of(std::string_view text) {
  const auto all = parse_suppressions(text, "known.txt");
  return std::holds_alternative<std::string>(all) ? std::get<std::string>(all) : "";
}

finding race() {
  finding found;
  found.kind = finding_kind::data_race;
  found.stacks = {{"thread 1",
                   {{1, "std::vector<int>::size", "/usr/include/c++/12/vector", 5, true},
                    {2, "metrics::add", "/src/lib/metrics.cpp", 20, false}}},
                  {"thread 0, where it allocated the block", {{3, "main_loop", "/src/app/main.cpp", 5, false}}}};
  return found;
}

bool hides(std::string_view line) {
  return suppresses(good(line).at(0), race());
}

TEST(Suppressions, AreReadOneALineWithTheirReasonAndPlace) {
  const auto all = good(
      "# known\n\n  data-race function=metrics::* file=metrics.cpp reason: counters, see #12 \r\n"
      "deadlock file=a.cpp reason: b\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].kind, finding_kind::data_race);
  EXPECT_EQ(all[0].function, "metrics::*");
  EXPECT_EQ(all[0].file, "metrics.cpp");
  EXPECT_EQ(all[0].reason, "counters, see #12");
  EXPECT_EQ(all[0].origin, "known.txt:3");
  EXPECT_EQ(all[1].origin, "known.txt:4");
  EXPECT_EQ(to_string(all[0]), "data-race function=metrics::* file=metrics.cpp");
}

TEST(Suppressions, ThatAreWrongSayWhereAndWhatIsAllowed) {
  EXPECT_THAT(error_of("\ndata-race file=a.cpp\n"), HasSubstr("known.txt:2: it has no reason; a line is: <kind>"));
  EXPECT_THAT(error_of("data-race file=a.cpp reason:  "),
              HasSubstr("known.txt:1: the suppression of data-race has no"));
  EXPECT_THAT(error_of("race file=a.cpp reason: x"),
              HasSubstr("`race` is no kind of finding; allowed: data-race, use"));
  EXPECT_THAT(error_of("data-race reason: x"), HasSubstr("names neither a function nor a file"));
  EXPECT_THAT(error_of("data-race in=x reason: x"), HasSubstr("`in=x` is not understood"));
  EXPECT_THAT(error_of("data-race file= reason: x"), HasSubstr("`file=` has no pattern"));
  EXPECT_THAT(error_of("data-race file=a file=b reason: x"), HasSubstr("`file=` stands there twice"));
  EXPECT_THAT(std::get<std::string>(read_suppressions("/nowhere/at/all")), HasSubstr("/nowhere/at/all cannot be read"));
}

TEST(Suppressions, MatchByKindFunctionAndFileOfOneFrame) {
  EXPECT_TRUE(hides("data-race function=metrics::add reason: x"));
  EXPECT_TRUE(hides("data-race function=metrics::* file=metrics.cpp reason: x"));
  EXPECT_TRUE(hides("data-race function=*a* reason: x"));
  EXPECT_FALSE(hides("deadlock function=metrics::add reason: x"));
  EXPECT_FALSE(hides("data-race function=metrics::ad reason: x"));
  EXPECT_FALSE(hides("data-race function=metrics::add file=main.cpp reason: x"));
}

TEST(Suppressions, MatchTheEndOfAPathFromADirectoryOn) {
  EXPECT_TRUE(hides("data-race file=lib/metrics.cpp reason: x"));
  EXPECT_TRUE(hides("data-race file=lib/* reason: x"));
  EXPECT_TRUE(hides("data-race file=/src/*.cpp reason: x"));
  EXPECT_FALSE(hides("data-race file=rics.cpp reason: x"));
  EXPECT_FALSE(hides("data-race file=/lib/* reason: x"));
}

TEST(Suppressions, DoNotMatchFramesOfLibrariesNorWhereMemoryWasAllocated) {
  EXPECT_FALSE(hides("data-race function=std::* reason: x"));
  EXPECT_FALSE(hides("data-race function=main_loop reason: x"));
}

TEST(Suppressions, OfADeadlockMatchWhereThreadsAndTasksWait) {
  finding found;
  found.kind = finding_kind::deadlock;
  found.threads = {{1, "", "lock #1", {"thread 1", {{1, "transfer", "/src/bank.cpp", 3, false}}}},
                   {2, "", "", {"thread 2", {{1, "spin", "/src/bank.cpp", 3, false}}}}};
  found.tasks = {{1, "", {}, {{"/src/shop.cpp", "buy()", 8}}, "sync::mutex", false}};
  EXPECT_TRUE(suppresses(good("deadlock function=transfer reason: x")[0], found));
  EXPECT_TRUE(suppresses(good("deadlock file=shop.cpp reason: x")[0], found));
  EXPECT_FALSE(suppresses(good("deadlock function=spin reason: x")[0], found));
}

TEST(Suppressions, CountEachScheduleOnceAndNameThoseThatHidNothing) {
  finding other = race();
  other.kind = finding_kind::assertion;
  suppression_list rules(good("deadlock file=a.cpp reason: y\ndata-race function=metrics::add reason: x"));
  EXPECT_EQ(rules.rule_for(race()), 1U);
  EXPECT_EQ(rules.rule_for(other), std::nullopt);
  EXPECT_TRUE(rules.used().empty());
  rules.count({1, 1});
  rules.count({});
  ASSERT_EQ(rules.used().size(), 1U);
  EXPECT_EQ(rules.used()[0].schedules, 1U);
  ASSERT_EQ(rules.unused().size(), 1U);
  EXPECT_EQ(rules.unused()[0].kind, finding_kind::deadlock);
}

TEST(Suppressions, LeaveTheOtherFindingsUnlessThereAreNone) {
  finding other = race();
  other.kind = finding_kind::assertion;
  const suppression_list rules(good("data-race function=metrics::add reason: x"));
  std::vector<finding> both{race(), other};
  rules.leave_the_others(both);
  ASSERT_EQ(both.size(), 1U);
  EXPECT_EQ(both[0].kind, finding_kind::assertion);
  std::vector<finding> known{race()};
  rules.leave_the_others(known);
  EXPECT_EQ(known.size(), 1U);
}

}  // namespace
}  // namespace heddle::check
