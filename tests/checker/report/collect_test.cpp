#include "report/collect.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

[[gnu::noinline]] int some_function(int value) {
  asm volatile("" : "+r"(value));
  return value;
}

std::uintptr_t begin_of_some_function() {
  return reinterpret_cast<std::uintptr_t>(&some_function);
}

TEST(Collect, TakesTheInterruptedInstructionOfASignalAsItIs) {
  symbolizer symbols;
  sim::failure failure;
  failure.kind = sim::failure_kind::crash;
  failure.signal = 11;
  failure.stack = {begin_of_some_function()};
  const finding found = collect(failure, symbols);
  EXPECT_EQ(found.kind, finding_kind::crash);
  EXPECT_EQ(found.signal, 11);
  EXPECT_TRUE(found.where.function.ends_with("some_function")) << found.where.function;
}

TEST(Collect, BeginsTheStackWhereTheAssertionSaysItStands) {
  symbolizer symbols;
  sim::failure failure;
  failure.file = "a.cpp";
  failure.line = 12;
  failure.stack = {begin_of_some_function() + 1};
  const finding found = collect(failure, symbols);
  EXPECT_EQ(found.where.file, "a.cpp");
  EXPECT_EQ(found.where.line, 12U);
  ASSERT_EQ(found.stacks.size(), 1U);
  ASSERT_GE(found.stacks[0].frames.size(), 2U);
  EXPECT_EQ(found.stacks[0].frames[0].line, 12U);
  EXPECT_TRUE(found.stacks[0].frames[1].function.ends_with("some_function"));
}

TEST(Collect, KeepsTheStacksThatExplainAFailureBehindItsOwn) {
  symbolizer symbols;
  sim::failure failure;
  failure.thread = 1;
  failure.stack = {begin_of_some_function() + 1};
  failure.related = {{.title = "thread 2, where it freed the block", .stack = {begin_of_some_function() + 1}}};
  const finding found = collect(failure, symbols);
  ASSERT_EQ(found.stacks.size(), 2U);
  EXPECT_EQ(found.stacks[0].title, "thread 1");
  EXPECT_EQ(found.stacks[1].title, "thread 2, where it freed the block");
  EXPECT_TRUE(found.stacks[1].frames.front().function.ends_with("some_function"));
}

TEST(Collect, LeavesOutThreadsThatEnded) {
  symbolizer symbols;
  sim::failure failure;
  failure.kind = sim::failure_kind::deadlock;
  failure.threads.resize(2);
  failure.threads[0].finished = true;
  failure.threads[1].id = 1;
  failure.threads[1].blocked = true;
  failure.threads[1].waiting_for = "lock #1";
  const finding found = collect(failure, symbols);
  ASSERT_EQ(found.threads.size(), 1U);
  EXPECT_EQ(found.threads[0].waiting_for, "lock #1");
  EXPECT_FALSE(found.thread);
}

TEST(Collect, TellsEachKindOfFailure) {
  EXPECT_EQ(finding_kind_of(sim::failure_kind::assertion), finding_kind::assertion);
  EXPECT_EQ(finding_kind_of(sim::failure_kind::exception), finding_kind::exception);
  EXPECT_EQ(finding_kind_of(sim::failure_kind::deadlock), finding_kind::deadlock);
  EXPECT_EQ(finding_kind_of(sim::failure_kind::crash), finding_kind::crash);
  EXPECT_EQ(finding_kind_of(sim::failure_kind::stack_overflow), finding_kind::stack_overflow);
  EXPECT_EQ(finding_kind_of(sim::failure_kind::step_limit), finding_kind::step_limit);
  EXPECT_EQ(finding_kind_of(sim::failure_kind::use_after_free), finding_kind::use_after_free);
}

}  // namespace
}  // namespace heddle::check
