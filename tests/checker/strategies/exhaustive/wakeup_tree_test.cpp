// Sequences of hand-written transitions: which share a branch, which are covered, and which accesses conflict.
#include "strategies/exhaustive/wakeup_tree.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

wakeup_step write_by(sim::thread_id thread, std::uintptr_t object) {
  return {thread, {{object, access_kind::write}}, {}};
}

// Transitions in that order; each happens after all earlier ones with which it conflicts, or that its thread did.
wakeup_sequence sequence_of(const std::vector<wakeup_step>& steps) {
  wakeup_sequence result;
  for (std::uint32_t at = 0; at < steps.size(); ++at) {
    std::vector<std::uint32_t> before;
    for (std::uint32_t earlier = 0; earlier < at; ++earlier) {
      if (steps[earlier].thread == steps[at].thread || conflict(steps[earlier].touched, steps[at].touched))
        before.push_back(earlier);
    }
    result.add(steps[at], before);
  }
  return result;
}

// "1(2,3)4": branches 1 and 4, and below 1 the branches 2 and 3.
std::string shape(const std::vector<wakeup_branch>& tree) {
  std::string text;
  for (const wakeup_branch& branch : tree) {
    text += std::to_string(branch.step.thread);
    if (!branch.next.empty()) text += "(" + shape(branch.next) + ")";
  }
  return text;
}

TEST(WakeupTree, KeepsASequenceAsOneBranch) {
  std::vector<wakeup_branch> tree;
  insert(tree, sequence_of({write_by(1, 10), write_by(2, 10), write_by(3, 10)}));
  EXPECT_EQ(shape(tree), "1(2(3))");
}

// What it touches is not known before it has run.
TEST(WakeupTree, ATransitionThatMayTouchAnythingIsNotCoveredByOthers) {
  std::vector<wakeup_branch> tree;
  insert(tree, sequence_of({write_by(1, 10)}));
  insert(tree, sequence_of({write_by(2, 20)}));
  EXPECT_EQ(shape(tree), "1") << "2 comes after 1 as well";
  insert(tree, sequence_of({{2, {{20, access_kind::write}, any_access}, {}}}));
  EXPECT_EQ(shape(tree), "12");
}

TEST(WakeupTree, SharesPrefixesAndKeepsTheOrderOfInsertion) {
  std::vector<wakeup_branch> tree;
  insert(tree, sequence_of({write_by(1, 10), write_by(2, 10)}));
  insert(tree, sequence_of({write_by(3, 10), write_by(2, 10)}));
  insert(tree, sequence_of({write_by(1, 10), write_by(3, 10)}));
  EXPECT_EQ(shape(tree), "1(23)3(2)");
}

TEST(WakeupTree, IndependentTransitionsShareABranchInEitherOrder) {
  std::vector<wakeup_branch> tree;
  insert(tree, sequence_of({write_by(1, 10), write_by(2, 20), write_by(3, 20)}));
  insert(tree, sequence_of({write_by(2, 20), write_by(1, 10)}));
  EXPECT_EQ(shape(tree), "1(2(3))");
  insert(tree, sequence_of({write_by(3, 20), write_by(1, 10)}));
  EXPECT_EQ(shape(tree), "1(2(3)3)");
}

TEST(WakeupTree, ABranchThatConflictsWithNothingLeadsThereToo) {
  std::vector<wakeup_branch> tree;
  insert(tree, sequence_of({write_by(1, 10), write_by(2, 20)}));
  // Thread 1 is not in the sequence, and what it does may as well come first.
  insert(tree, sequence_of({write_by(3, 20)}));
  EXPECT_EQ(shape(tree), "1(23)");
}

TEST(WakeupTree, WhatBeginsWithALeafIsCovered) {
  std::vector<wakeup_branch> tree;
  insert(tree, sequence_of({write_by(1, 10)}));
  insert(tree, sequence_of({write_by(1, 10), write_by(2, 10)}));
  EXPECT_EQ(shape(tree), "1");
}

TEST(WakeupSequence, MayBeginWithWhatNothingComesBefore) {
  const wakeup_sequence two = sequence_of({write_by(1, 10), write_by(2, 10), write_by(3, 20)});
  EXPECT_TRUE(two.may_begin_with(1, {}));
  EXPECT_FALSE(two.may_begin_with(2, {}));
  EXPECT_TRUE(two.may_begin_with(3, {}));
  EXPECT_TRUE(two.may_begin_with(4, {{30, access_kind::write}}));
  EXPECT_FALSE(two.may_begin_with(4, {{20, access_kind::read}}));
}

TEST(Access, ReadsAndSharedLocksCommuteAndNothingElseOfOneObjectDoes) {
  const auto conflicts = [](access_kind a, access_kind b) { return conflict(access{1, a}, access{1, b}); };
  EXPECT_FALSE(conflicts(access_kind::read, access_kind::read));
  EXPECT_FALSE(conflicts(access_kind::acquire_shared, access_kind::release_shared));
  EXPECT_TRUE(conflicts(access_kind::read, access_kind::write));
  EXPECT_TRUE(conflicts(access_kind::acquire, access_kind::acquire_shared));
  EXPECT_TRUE(conflicts(access_kind::release, access_kind::acquire));
  EXPECT_FALSE(conflict(access{1, access_kind::write}, access{2, access_kind::write}));
}

}  // namespace
}  // namespace heddle::check
