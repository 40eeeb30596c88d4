#include "program/result_text.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

TEST(ResultText, BringsEveryFieldAcross) {
  static const char file[] = "file.c";
  sim::execution_result sent;
  sim::failure failure;
  failure.kind = sim::failure_kind::deadlock;
  failure.message = "every thread waits";
  failure.thread = 3;
  failure.task = 4;
  failure.stack = {0x1000, 0x2000};
  failure.file = file;
  failure.line = 12;
  failure.signal = 6;
  failure.address = 0x6000;
  failure.related.push_back({"where it was freed", {0x4000, 0x5000}});
  failure.threads.push_back({.id = 3,
                             .name = "worker",
                             .blocked = true,
                             .waiting_for = "lock #1",
                             .stack = {0x3000},
                             .repeated = {{0x3001, 0x3002}, {0x3003}}});
  failure.tasks.push_back({.id = 9,
                           .name = "task",
                           .spawned_at = {"a.cpp", "f()", 1},
                           .awaiting = {{"b.cpp", nullptr, 2}},
                           .waiting_for = "mutex",
                           .queued = true,
                           .polled = true,
                           .repeated = {{0x3004}}});
  sent.failures.push_back(failure);
  sent.accepted.resize(2);
  sent.accepted[1].message = "known";
  sent.event_hash = 0x123456789abcdef0;
  sent.order_hash = 0x0fedcba987654321;
  sent.steps = 1;
  sent.switches = 2;
  sent.decisions = 3;
  sent.threads = 4;
  sent.clock = std::chrono::nanoseconds(5);
  sent.last_events.push_back(
      {.pc = 7, .object = 8, .thread = 9, .kind = sim::operation_kind::yield, .detail = 1, .task = 2, .now = 3});
  sent.mishaps.push_back(
      {.kind = sim::mishap::what::sleep_over, .task = 22, .name = "sleeper", .awaiting = {{"c.cpp", "g()", 3}}});
  sent.spawned.push_back({.spawn = 30, .object = 31, .id = 32, .name = "reader", .spawned_at = {"d.cpp", "h()", 33}});
  sent.abandoned = true;
  sent.exit_status = 17;
  sent.let_through = {"fork", "vfork"};
  sent.cut_short = true;

  shared_buffer buffer;
  put_result(buffer, sent);
  const sim::execution_result got = get_result(buffer);
  EXPECT_TRUE(buffer.at_end());

  ASSERT_EQ(got.failures.size(), 1U);
  const sim::failure& one = got.failures[0];
  EXPECT_EQ(one.kind, failure.kind);
  EXPECT_EQ(one.message, failure.message);
  EXPECT_EQ(one.thread, failure.thread);
  EXPECT_EQ(one.task, failure.task);
  EXPECT_EQ(one.stack, failure.stack);
  EXPECT_STREQ(one.file, file);
  EXPECT_NE(one.file, file) << "the other process may have had it in memory that this one has not";
  EXPECT_EQ(one.line, failure.line);
  EXPECT_EQ(one.signal, failure.signal);
  EXPECT_EQ(one.address, failure.address);
  ASSERT_EQ(one.related.size(), 1U);
  EXPECT_EQ(one.related[0].title, "where it was freed");
  EXPECT_EQ(one.related[0].stack, failure.related[0].stack);
  ASSERT_EQ(one.threads.size(), 1U);
  EXPECT_EQ(one.threads[0].id, 3U);
  EXPECT_EQ(one.threads[0].name, "worker");
  EXPECT_FALSE(one.threads[0].finished);
  EXPECT_TRUE(one.threads[0].blocked);
  EXPECT_EQ(one.threads[0].waiting_for, "lock #1");
  EXPECT_EQ(one.threads[0].stack, failure.threads[0].stack);
  EXPECT_EQ(one.threads[0].repeated, failure.threads[0].repeated);
  ASSERT_EQ(one.tasks.size(), 1U);
  EXPECT_EQ(one.tasks[0].id, 9U);
  EXPECT_EQ(one.tasks[0].name, "task");
  EXPECT_STREQ(one.tasks[0].spawned_at.function, "f()");
  ASSERT_EQ(one.tasks[0].awaiting.size(), 1U);
  EXPECT_STREQ(one.tasks[0].awaiting[0].file, "b.cpp");
  EXPECT_EQ(one.tasks[0].awaiting[0].function, nullptr);
  EXPECT_EQ(one.tasks[0].awaiting[0].line, 2U);
  EXPECT_EQ(one.tasks[0].waiting_for, "mutex");
  EXPECT_TRUE(one.tasks[0].queued);
  EXPECT_TRUE(one.tasks[0].polled);
  EXPECT_EQ(one.tasks[0].repeated, failure.tasks[0].repeated);

  ASSERT_EQ(got.accepted.size(), 2U);
  EXPECT_EQ(got.accepted[1].message, "known");
  EXPECT_EQ(got.event_hash, sent.event_hash);
  EXPECT_EQ(got.order_hash, sent.order_hash);
  EXPECT_EQ(got.steps, sent.steps);
  EXPECT_EQ(got.switches, sent.switches);
  EXPECT_EQ(got.decisions, sent.decisions);
  EXPECT_EQ(got.threads, sent.threads);
  EXPECT_EQ(got.clock, sent.clock);
  ASSERT_EQ(got.last_events.size(), 1U);
  EXPECT_EQ(got.last_events[0], sent.last_events[0]);
  EXPECT_EQ(got.last_events[0].pc, 7U);
  EXPECT_EQ(got.last_events[0].task, 2U);
  EXPECT_EQ(got.last_events[0].now, 3U);
  ASSERT_EQ(got.mishaps.size(), 1U);
  EXPECT_EQ(got.mishaps[0].kind, sim::mishap::what::sleep_over);
  EXPECT_EQ(got.mishaps[0].task, 22U);
  EXPECT_EQ(got.mishaps[0].name, "sleeper");
  ASSERT_EQ(got.mishaps[0].awaiting.size(), 1U);
  EXPECT_STREQ(got.mishaps[0].awaiting[0].function, "g()");
  ASSERT_EQ(got.spawned.size(), 1U);
  EXPECT_EQ(got.spawned[0].spawn, 30U);
  EXPECT_EQ(got.spawned[0].object, 31U);
  EXPECT_EQ(got.spawned[0].id, 32U);
  EXPECT_EQ(got.spawned[0].name, "reader");
  EXPECT_STREQ(got.spawned[0].spawned_at.function, "h()");
  EXPECT_TRUE(got.abandoned);
  EXPECT_EQ(got.exit_status, sent.exit_status);
  EXPECT_EQ(got.let_through, sent.let_through);
  EXPECT_TRUE(got.cut_short);
}

}  // namespace
}  // namespace heddle::check
