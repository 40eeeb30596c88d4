#include "report/signature.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

frame user(const char* function, unsigned line) {
  return {0x1000 + line, function, "/src/bank.cpp", line, false};
}
frame library() {
  return {1, "std::mutex::lock", "/usr/include/c++/12/mutex", 100, true};
}

finding race() {
  finding found;
  found.kind = finding_kind::data_race;
  found.message = "read of 4 bytes by task 3 and write by task 2: nothing orders them";
  found.thread = 1;
  found.stacks = {{"thread 1", {user("total", 10), user("report", 30)}},
                  {"task 2, where it wrote 4 bytes of it before", {user("add", 20), library()}},
                  {"thread 0, where it allocated the block", {user("open", 5)}}};
  return found;
}

finding deadlock() {
  finding found;
  found.kind = finding_kind::deadlock;
  found.threads = {{0, "", "the end of thread 1", {"thread 0", {library(), user("body", 30)}}},
                   {1, "", "lock #2, held by thread 2", {"thread 1", {library(), user("transfer", 17)}}},
                   {2, "", "lock #1, held by thread 1", {"thread 2", {library(), user("transfer", 17)}}}};
  return found;
}

finding assertion(const char* message) {
  finding found;
  found.kind = finding_kind::assertion;
  found.message = message;
  found.where = {"/src/bank.cpp", "check", 50};
  found.stacks = {{"thread 0", {user("check", 50)}}};
  return found;
}

TEST(Signature, IsTheSameWhereLinesAddressesAndNumbersChange) {
  finding other = race();
  for (stack& one : other.stacks) {
    for (frame& level : one.frames) {
      level.pc += 99;
      level.line += 7;
      level.file = "/elsewhere/bank.cpp";
    }
  }
  other.message =
      "read of 4 bytes by task 7 and write by task 5: nothing orders them; 8 bytes into a block of 40 bytes";
  other.thread = 2;
  other.schedule = 12;
  other.event_hash = 77;
  other.token = "h1-other";
  EXPECT_EQ(signature_of(other), signature_of(race())) << signature_text(other);
  EXPECT_EQ(signature_of(race()).size(), 16U);
}

TEST(Signature, IsTheSameWhicheverSideOfARaceCameFirst) {
  finding other = race();
  std::swap(other.stacks[0].frames, other.stacks[1].frames);
  EXPECT_EQ(signature_of(other), signature_of(race()));
}

TEST(Signature, IsTheSameWhereverTheMemoryWasAllocated) {
  finding other = race();
  other.stacks[2].frames = {user("reopen", 6)};
  EXPECT_EQ(signature_of(other), signature_of(race()));
}

TEST(Signature, TellsKindFunctionFileAndVariableApart) {
  finding other = race();
  other.kind = finding_kind::use_after_free;
  EXPECT_NE(signature_of(other), signature_of(race()));
  other = race();
  other.stacks[0].frames[0].function = "sum";
  EXPECT_NE(signature_of(other), signature_of(race()));
  other = race();
  other.stacks[0].frames[0].file = "/src/shop.cpp";
  EXPECT_NE(signature_of(other), signature_of(race()));
  other = race();
  other.variable = "balance";
  EXPECT_NE(signature_of(other), signature_of(race()));
}

TEST(Signature, LooksAtTheInnermostFramesOfTheUsersCodeOnly) {
  finding other = race();
  other.stacks[0].frames = {library(), user("total", 1), user("total", 2), library(), user("report", 3)};
  EXPECT_EQ(signature_of(other), signature_of(race()));
  finding deep = race();
  finding deeper = race();
  for (const char* function : {"a", "b", "c"}) deep.stacks[0].frames.push_back(user(function, 1));
  for (const char* function : {"a", "x", "y"}) deeper.stacks[0].frames.push_back(user(function, 1));
  EXPECT_EQ(signature_of(deep), signature_of(deeper));
}

TEST(Signature, OfADeadlockIsThatOfItsCycle) {
  finding other = deadlock();
  other.threads = {{4, "", "lock #9, held by thread 3", {"thread 4", {user("transfer", 18)}}},
                   {3, "", "lock #8, held by thread 4", {"thread 3", {user("transfer", 18)}}},
                   {5, "", "lock #8, held by thread 4", {"thread 5", {user("audit", 60)}}}};
  EXPECT_EQ(signature_of(other), signature_of(deadlock())) << signature_text(other);
  other.threads[0].where.frames = {user("withdraw", 18)};
  EXPECT_NE(signature_of(other), signature_of(deadlock()));
}

TEST(Signature, OfAWaitWithoutACycleIsWhatEachWaitsFor) {
  finding one;
  one.kind = finding_kind::deadlock;
  one.threads = {{0, "", "the end of thread 1", {"", {user("body", 1)}}},
                 {1, "", "a notification of condition variable #3", {"", {user("pop", 9)}}},
                 {2, "heddle-worker", "a notification of condition variable #4", {"", {library()}}}};
  one.tasks = {{7, "", {}, {{"/src/bank.cpp", "take()", 8}}, "oneshot::receiver #3", false}};
  finding other = one;
  other.threads.erase(other.threads.begin());
  other.threads[0].waiting_for = "a notification of condition variable #8";
  other.tasks[0].waiting_for = "oneshot::receiver #12";
  EXPECT_EQ(signature_of(one), signature_of(other)) << signature_text(other);
  other.tasks[0].waiting_for = "sync::mutex #12";
  EXPECT_NE(signature_of(one), signature_of(other));
}

TEST(Signature, OfALivelockIsWhereEveryoneGoesRoundWhoeverNoticesIt) {
  finding one;
  one.kind = finding_kind::livelock;
  one.message = "nothing changes any more: thread 1 (yield), thread 2 (atomic load #3)";
  one.where = {"/src/bank.cpp", "left", 9};
  one.thread = 1;
  one.stacks = {{"thread 1", {user("left", 9)}}};
  one.threads = {{0, "", "the end of thread 1", {"", {user("body", 1)}}},
                 {1, "", "", {"", {user("left", 9)}}, {{"/src/bank.cpp", "left", 9}}},
                 {2, "", "", {"", {user("right", 5)}}, {{"/src/bank.cpp", "right", 5}}}};
  finding other = one;
  other.stacks = {{"thread 2", {user("right", 6)}}};
  other.where = {"/src/bank.cpp", "right", 6};
  std::swap(other.threads[1], other.threads[2]);
  EXPECT_EQ(signature_of(one), signature_of(other)) << signature_text(other);
  other.threads[1].repeated[0].function = "middle";
  EXPECT_NE(signature_of(one), signature_of(other));
}

TEST(Signature, OfALivelockOfTasksIsWhereTheyGoRound) {
  finding one;
  one.kind = finding_kind::livelock;
  one.message = "nothing changes any more: task 1 (task poll)";
  one.tasks.resize(1);
  one.tasks[0].repeated = {{"/src/bank.cpp", "left", 9}};
  finding other = one;
  EXPECT_EQ(signature_of(one), signature_of(other));
  other.tasks[0].repeated[0].function = "right";
  EXPECT_NE(signature_of(one), signature_of(other));
}

TEST(Signature, OfAnAssertionIsItsTextWithoutValues) {
  const std::string one = signature_of(assertion("Expected equality of these values:\n  sum\n    Which is: 1\n  2\n"));
  EXPECT_EQ(signature_of(assertion("Expected equality of these values:\n  sum\n    Which is: 17\n  2\n")), one);
  EXPECT_NE(signature_of(assertion("Expected equality of these values:\n  count\n    Which is: 1\n  2\n")), one);
  EXPECT_EQ(signature_of(assertion("Expected: (a) < (b), actual: 3 vs 2")),
            signature_of(assertion("Expected: (a) < (b), actual: 4 vs \"x\"")));
  const std::string of_rapidcheck = signature_of(assertion("RC_ASSERT(sum == expected)\nExpands to:\n0 == 1"));
  EXPECT_EQ(signature_of(assertion("RC_ASSERT(sum == expected)\nExpands to:\n[] == [a]")), of_rapidcheck);
  EXPECT_NE(signature_of(assertion("RC_ASSERT(sum == other)\nExpands to:\n0 == 1")), of_rapidcheck);
}

TEST(Signature, LeavesNumbersAndQuotedValuesOut) {
  EXPECT_EQ(without_numbers("lock #12, held by thread 3"), "lock #, held by thread #");
  EXPECT_EQ(without_numbers("x2 is 0x7f00ab or 1.5e3, and \"so 4\""), "x2 is # or #, and \"\"");
}

TEST(Signature, OfSeveralFindingsWithOneTheFirstIsKept) {
  std::vector<finding> all{race(), deadlock(), race()};
  all[2].schedule = 5;
  remove_duplicates(all);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].kind, finding_kind::data_race);
  EXPECT_EQ(all[0].schedule, 0U);
  EXPECT_EQ(all[1].signature, signature_of(deadlock()));
}

}  // namespace
}  // namespace heddle::check
