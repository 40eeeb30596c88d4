// Hashes of hand-written transitions: which orders they tell apart, and which they do not.
#include "strategies/bounded/path_hash.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using sim::operation_kind;

// One step of a thread: it looks at a word, or changes it.
struct step {
  sim::thread_id thread = 0;
  operation_kind kind = operation_kind::atomic_load;
  sim::object_id word = 1;
};
using steps = std::vector<step>;

constexpr auto look = operation_kind::atomic_load;
constexpr auto change = operation_kind::atomic_update;

// Runs the steps after the beginning, of which the first `kept` transitions are those of the run before.
std::uint64_t state_after(path_hash& path, const steps& run, std::size_t kept = 0) {
  path.restart(kept);
  for (const step& one : run) {
    path.end_transition();
    path.begin_transition(one.thread, {.kind = one.kind, .writes = one.kind == change, .object = one.word});
    sim::event done;
    done.thread = static_cast<std::uint16_t>(one.thread);
    done.kind = one.kind;
    done.object = one.word;
    path.on_event(done, std::uintptr_t{one.word} << 8);
  }
  path.end_transition();
  return path.state({});
}
std::uint64_t state_after(const steps& run) {
  path_hash path(sim::granularity::sync);
  return state_after(path, run);
}

TEST(PathHash, IsTheSameWhateverTheOrderOfIndependentOperations) {
  EXPECT_EQ(state_after({{1, change, 1}, {2, change, 2}}), state_after({{2, change, 2}, {1, change, 1}}));
  EXPECT_EQ(state_after({{1, look, 1}, {2, look, 1}}), state_after({{2, look, 1}, {1, look, 1}}));
}

TEST(PathHash, TellsTheOrderOfConflictingOperations) {
  EXPECT_NE(state_after({{1, change, 1}, {2, change, 1}}), state_after({{2, change, 1}, {1, change, 1}}));
  EXPECT_NE(state_after({{1, change, 1}, {2, look, 1}}), state_after({{2, look, 1}, {1, change, 1}}));
}

// What was announced is touched once, known as an object or not.
TEST(PathHash, DoesNotTellWhoUsedAnObjectFirst) {
  EXPECT_EQ(state_after({{1, look, 1}, {2, look, 1}, {1, look, 2}, {2, look, 2}}),
            state_after({{2, look, 1}, {2, look, 2}, {1, look, 1}, {1, look, 2}}));
}

TEST(PathHash, GoesOnFromWhereAnExecutionPartsWithTheOneBefore) {
  const steps first{{1, change, 1}, {2, change, 2}, {1, change, 2}, {2, change, 1}};
  const steps second{{1, change, 1}, {2, change, 2}, {2, change, 1}, {1, change, 2}, {1, look, 1}};
  for (std::size_t kept = 0; kept <= 3; ++kept) {
    path_hash path(sim::granularity::sync);
    state_after(path, first);
    EXPECT_EQ(state_after(path, second, kept), state_after(second)) << kept;
    EXPECT_EQ(state_after(path, first, kept), state_after(first)) << kept;
  }
}

// An execution that ended in the middle of a transition.
TEST(PathHash, TakesBackWhatARunningTransitionHasChanged) {
  const steps run{{1, change, 1}, {2, change, 1}};
  path_hash path(sim::granularity::sync);
  state_after(path, run);
  path.begin_transition(1, {});
  path.on_touch(change, std::uintptr_t{1} << 8);
  EXPECT_EQ(state_after(path, run, 2), state_after(run));
}

TEST(PathHash, WantsToKnowOfNothingThatItKnowsAlready) {
  path_hash path(sim::granularity::sync);
  state_after(path, {{1, change, 1}, {2, change, 1}});
  path.restart(2);
  EXPECT_FALSE(path.wants_touches());
  path.end_transition();
  EXPECT_FALSE(path.wants_touches());
  path.end_transition();
  EXPECT_TRUE(path.wants_touches());
  path.stop();
  EXPECT_FALSE(path.wants_touches());
}

}  // namespace
}  // namespace heddle::check
