#include "report/moments.hpp"

#include "heddle/hooks.hpp"
#include "heddle/sim/decision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using sim::operation_kind;

sim::event by(std::uint16_t thread, operation_kind kind, sim::object_id object, std::uint32_t task = 0) {
  return {.pc = 0, .object = object, .thread = thread, .kind = kind, .detail = 0, .task = task};
}

std::vector<std::string> what_matters(const std::vector<sim::event>& events) {
  symbolizer symbols;
  std::vector<std::string> texts;
  for (const moment& one : collect_timeline(events, symbols)) texts.push_back(one.what);
  return texts;
}

TEST(Moments, LeavesOutWhatOneThreadAloneUsesOrNobodyChanges) {
  EXPECT_THAT(what_matters({by(0, operation_kind::atomic_store, 1), by(0, operation_kind::atomic_update, 1),
                            by(0, operation_kind::atomic_load, 2), by(1, operation_kind::atomic_load, 2),
                            by(0, operation_kind::atomic_store, 3), by(1, operation_kind::atomic_load, 3)}),
              testing::ElementsAre("atomic store #3", "atomic load #3"));
}

TEST(Moments, TakesTwoTasksOnOneThreadForTwo) {
  EXPECT_THAT(what_matters({by(0, operation_kind::atomic_store, 1, 1), by(0, operation_kind::atomic_load, 1, 2),
                            by(0, operation_kind::atomic_store, 2, 1), by(1, operation_kind::atomic_load, 2, 1)}),
              testing::ElementsAre("atomic store #1", "atomic load #1"));
}

TEST(Moments, KeepsALockThatIsStillHeld) {
  EXPECT_THAT(what_matters({by(0, operation_kind::mutex_lock, 1), by(0, operation_kind::mutex_lock, 2),
                            by(0, operation_kind::mutex_unlock, 2)}),
              testing::ElementsAre("mutex lock #1"));
}

TEST(Moments, SaysWhereATaskGoesOnWhenItMoves) {
  symbolizer symbols;
  const auto timeline = collect_timeline({by(1, operation_kind::task_poll, 7), by(1, operation_kind::task_poll, 7),
                                          by(2, operation_kind::task_poll, 7), by(2, operation_kind::thread_exit, 0)},
                                         symbols);
  ASSERT_EQ(timeline.size(), 2U);
  EXPECT_EQ(timeline[0].what, "goes on on thread 2");
  EXPECT_EQ(timeline[0].task, 7U);
}

TEST(Moments, ShowsChoicesThatWentAnUnusualWay) {
  const auto choice = [](sim::choice_kind kind, sim::object_id answer) {
    sim::event one = by(0, operation_kind::choice, answer);
    one.detail = static_cast<std::uint8_t>(kind);
    return one;
  };
  EXPECT_THAT(what_matters({choice(sim::choice_kind::read_from, 0), choice(sim::choice_kind::read_from, 2),
                            choice(sim::choice_kind::spurious_wakeup, 0), choice(sim::choice_kind::idle_worker, 1),
                            choice(sim::choice_kind::test, 0)}),
              testing::ElementsAre("reads an older store (2 back)", "test choice = 0"));
}

TEST(Moments, NamesTheTaskOfASpawnAndWhereItWasSpawned) {
  symbolizer symbols;
  const auto on_task = [](hooks::operation what, sim::object_id object) {
    sim::event one = by(1, operation_kind::runtime_operation, object);
    one.detail = static_cast<std::uint8_t>(what);
    return one;
  };
  const std::vector<sim::event> events{on_task(hooks::operation::spawn, 9), on_task(hooks::operation::abort, 10),
                                       on_task(hooks::operation::spawn, 12), on_task(hooks::operation::spawn, 20)};
  const std::vector<sim::spawned_task> spawned{
      {.spawn = 9, .object = 10, .id = 2, .name = "reader", .spawned_at = {"/src/a.cpp", "main()", 7}},
      {.spawn = 12, .object = 13, .id = 3, .name = "", .spawned_at = {}}};
  const auto timeline = collect_timeline(events, symbols, {}, spawned);
  ASSERT_EQ(timeline.size(), 4U);
  EXPECT_EQ(timeline[0].what, "spawn of task 2 (reader)");
  EXPECT_EQ(timeline[0].where.file, "/src/a.cpp");
  EXPECT_EQ(timeline[0].where.line, 7U);
  EXPECT_EQ(timeline[1].what, "abort of task 2 (reader)");
  EXPECT_EQ(timeline[2].what, "spawn of task 3");
  EXPECT_EQ(timeline[3].what, "spawn #20") << "nothing is known of it";
  const auto history = collect_history(events, symbols, spawned);
  EXPECT_EQ(history[0].operation, "spawn of task");
  EXPECT_EQ(history[0].object, 2U);
}

TEST(Moments, OfALivelockAreNotTheRoundsThatAreToldBeside) {
  finding found;
  found.kind = finding_kind::livelock;
  found.threads = {{1, "", "", {}, {{"/src/a.cpp", "wait", 7}}}};
  moment before{0, "thread create #1", {"/src/a.cpp", "main", 2}};
  moment round{1, "atomic load #3", {"/src/a.cpp", "wait", 7}};
  moment poll{1, "goes on on thread 1", {}};
  poll.operation = "task poll";
  std::vector<moment> timeline{before, round, poll, round};
  leave_out_rounds(found, timeline);
  ASSERT_EQ(timeline.size(), 1U);
  EXPECT_EQ(timeline[0].what, "thread create #1");
  timeline = {before, round};
  found.kind = finding_kind::step_limit;
  leave_out_rounds(found, timeline);
  EXPECT_EQ(timeline.size(), 2U);
}

TEST(History, HoldsEveryEventWithTaskAndTime) {
  symbolizer symbols;
  sim::event one = by(2, operation_kind::mutex_lock, 5, 4);
  one.now = 7'000;
  const std::vector<sim::event> events{one, one};
  const auto history = collect_history(events, symbols);
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].thread, 2U);
  EXPECT_EQ(history[0].task, 4U);
  EXPECT_EQ(history[0].time_ns, 7'000U);
  EXPECT_EQ(history[0].operation, "mutex lock");
  EXPECT_EQ(history[0].object, 5U);
}

TEST(History, OfALongExecutionIsItsEnd) {
  symbolizer symbols;
  std::vector<sim::event> events;
  for (sim::object_id i = 0; i < history_max + 10; ++i) events.push_back(by(0, operation_kind::atomic_load, i));
  const auto history = collect_history(events, symbols);
  ASSERT_EQ(history.size(), history_max);
  EXPECT_EQ(history.front().object, 10U);
}

TEST(Moments, FoldsNoEventsOfTwoTasksThatOneThreadPolls) {
  symbolizer symbols;
  std::vector<sim::event> events(2, {0, 1, 0, sim::operation_kind::atomic_load, 0});
  events[0].task = 1;
  events[1].task = 2;
  const std::vector<moment> timeline = collect_timeline(events, symbols);
  ASSERT_EQ(timeline.size(), 2U);
  EXPECT_EQ(timeline[0].task, 1U);
  EXPECT_EQ(timeline[1].task, 2U);
}

TEST(Moments, IsCollectedFromTheEndAndFoldsRepeats) {
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

TEST(Moments, LosesWhatOnlyCameOfReportingAnAssertion) {
  std::vector<moment> timeline{{0, "atomic load #1", {"/src/a.cpp", "f", 7}},
                               {1, "thread exit", {}},
                               {0, "once #2", {}},
                               {0, "mutex lock #3", {}}};
  finding found;
  found.thread = 0;
  trim_reporting(found, timeline);
  EXPECT_EQ(timeline.size(), 4U);
  found.where = {"a.cpp", "", 12};
  trim_reporting(found, timeline);
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
