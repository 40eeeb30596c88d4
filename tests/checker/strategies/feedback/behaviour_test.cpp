// What is new in hand-written events.
#include "strategies/feedback/behaviour.hpp"

#include "heddle/sim/decision.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using sim::operation_kind;

constexpr std::uintptr_t key = 1000;

sim::event event_of(std::uint16_t thread, operation_kind kind, std::uintptr_t place, sim::object_id object = 1) {
  sim::event what;
  what.thread = thread;
  what.kind = kind;
  what.pc = place;
  what.object = object;
  return what;
}

void store(behaviour& seen, std::uint16_t thread, std::uintptr_t place, sim::object_id object = 1) {
  seen.on_event(event_of(thread, operation_kind::atomic_store, place, object), key);
}
void load(behaviour& seen, std::uint16_t thread, std::uintptr_t place, sim::object_id object = 1) {
  seen.on_event(event_of(thread, operation_kind::atomic_load, place, object), key);
}

TEST(Behaviour, IsNewWhenAnotherThreadsChangeIsSeen) {
  behaviour seen;
  seen.begin();
  store(seen, 1, 10);
  load(seen, 1, 20);
  EXPECT_EQ(seen.news(), 0U) << "a thread sees its own";
  load(seen, 2, 20);
  EXPECT_EQ(seen.news(), 1U);
  load(seen, 2, 30);
  EXPECT_EQ(seen.news(), 2U) << "at another place";
  store(seen, 2, 40, 2);
  load(seen, 1, 20, 3);
  EXPECT_EQ(seen.news(), 2U) << "of different objects";
}

TEST(Behaviour, OfTheSamePlacesIsNewOnceForAllThreadsAndExecutions) {
  behaviour seen;
  for (const std::uint64_t expected : {1U, 0U}) {
    seen.begin();
    store(seen, 1, 10);
    load(seen, 2, 20);
    EXPECT_EQ(seen.news(), expected);
  }
  seen.begin();
  store(seen, 3, 10);
  load(seen, 4, 20);
  EXPECT_EQ(seen.news(), 0U);
  EXPECT_EQ(seen.pairs(), 1U);
}

TEST(Behaviour, IsNewByHowOftenInMagnitudes) {
  behaviour seen;
  seen.begin();
  store(seen, 1, 10);
  for (int i = 0; i < 20; ++i) load(seen, 2, 20);
  EXPECT_EQ(seen.news(), 5U) << "1, 2, 3, 4, 16";
  seen.begin();
  store(seen, 1, 10);
  for (int i = 0; i < 63; ++i) load(seen, 2, 20);
  EXPECT_EQ(seen.news(), 0U);
  load(seen, 2, 20);
  EXPECT_EQ(seen.news(), 1U);
}

TEST(Behaviour, EndsWithItsExecution) {
  behaviour seen;
  seen.begin();
  store(seen, 1, 10);
  seen.begin();
  load(seen, 2, 20);
  EXPECT_EQ(seen.news(), 0U);
}

TEST(Behaviour, TellsALoadOfAnOlderStoreFromThatOfTheNewest) {
  behaviour seen;
  const auto choice = [&seen](sim::choice_kind kind, std::uint32_t answer) {
    sim::event what = event_of(2, operation_kind::choice, 0, answer);
    what.detail = static_cast<std::uint8_t>(kind);
    seen.on_event(what, 0);
  };
  seen.begin();
  store(seen, 1, 10);
  load(seen, 2, 20);
  choice(sim::choice_kind::read_from, 0);
  choice(sim::choice_kind::test, 1);
  EXPECT_EQ(seen.news(), 1U);
  choice(sim::choice_kind::read_from, 1);
  EXPECT_EQ(seen.news(), 2U);
}

TEST(Behaviour, OfTheRuntimeIsNone) {
  behaviour seen;
  seen.begin();
  store(seen, 1, 10);
  sim::event lock = event_of(2, operation_kind::mutex_lock, 20);
  lock.detail = sim::trusted_detail;
  seen.on_event(lock, key);
  EXPECT_EQ(seen.news(), 0U);
}

TEST(Behaviour, TellsManyPairsApart) {
  behaviour seen;
  seen.begin();
  for (std::uintptr_t place = 1; place <= 5000; ++place) {
    store(seen, 1, place);
    load(seen, 2, place);
  }
  EXPECT_EQ(seen.pairs(), 5000U);
}

}  // namespace
}  // namespace heddle::check
