// Recorded decisions as text and back, and an execution that follows them or leaves them.
#include "strategies/record.hpp"

#include "strategies/random.hpp"
#include "strategies/replay.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using sim::choice_kind;

sim::scheduling_point point_of(std::span<const sim::thread_id> runnable, sim::thread_id current) {
  sim::scheduling_point point;
  point.runnable = runnable;
  point.current = current;
  point.current_runnable = std::find(runnable.begin(), runnable.end(), current) != runnable.end();
  return point;
}

constexpr std::array<sim::thread_id, 3> three{0, 1, 2};
constexpr std::array<sim::thread_id, 2> two{1, 2};

TEST(Record, KeepsStaysAsOneEntry) {
  decision_record record;
  for (int i = 0; i < 1000; ++i) record.add_stay();
  ASSERT_EQ(record.entries().size(), 1U);
  EXPECT_EQ(record.entries()[0].answer, 1000U);
  EXPECT_LE(record.encode().size(), 4U);
}

TEST(Record, IsReadBackAsItWasWritten) {
  generator numbers(5);
  for (int round = 0; round < 200; ++round) {
    decision_record record;
    const std::uint32_t length = below(numbers.next(), 50);
    for (std::uint32_t i = 0; i < length; ++i) {
      const auto answer = static_cast<std::uint32_t>(numbers.next() >> (32 + below(numbers.next(), 32)));
      switch (below(numbers.next(), 3)) {
        case 0:
          record.add_stay();
          break;
        case 1:
          record.add_thread(answer);
          break;
        default:
          record.add_choice(static_cast<choice_kind>(below(numbers.next(), 6)), answer);
      }
    }
    EXPECT_EQ(decision_record::decode(record.encode()), record);
  }
}

TEST(Record, RefusesWhatItCannotHaveWritten) {
  EXPECT_FALSE(decision_record::decode("A"));   // no digit
  EXPECT_FALSE(decision_record::decode("a"));   // not a whole byte
  EXPECT_FALSE(decision_record::decode("77"));  // an entry that goes on
  EXPECT_FALSE(decision_record::decode("ab"));  // bits left over
  EXPECT_FALSE(decision_record::decode("am"));  // a tag that does not exist
  EXPECT_FALSE(decision_record::decode("aa"));  // no stays at all
}

TEST(Replay, FollowsARecordToItsEnd) {
  random_strategy strategy(3);
  decision_record record;
  recording_source recorder(strategy, record);
  std::vector<std::uint32_t> answers;
  const auto ask = [&](sim::decision_source& source) {
    std::vector<std::uint32_t> result;
    sim::thread_id current = 0;
    for (int i = 0; i < 500; ++i) {
      current =
          i % 7 == 0 ? source.choose_thread(point_of(two, current)) : source.choose_thread(point_of(three, current));
      result.push_back(current);
      if (i % 5 == 0) result.push_back(source.choose(choice_kind::test, 10));
    }
    return result;
  };
  for (std::uint64_t index = 0; index < 20; ++index) {
    ASSERT_TRUE(strategy.begin(index));
    record.clear();
    const auto recorded = ask(recorder);
    replay_source replayed(record);
    EXPECT_EQ(ask(replayed), recorded);
    EXPECT_EQ(replayed.divergence(), std::nullopt);
  }
}

TEST(Replay, SaysWhereTheExecutionLeftTheRecord) {
  decision_record record;
  record.add_thread(0);
  record.add_choice(choice_kind::test, 3);
  {
    replay_source source(record);
    EXPECT_EQ(source.choose_thread(point_of(two, 1)), 1U);
    EXPECT_EQ(source.divergence(), "at decision 1 the recorded thread cannot run");
  }
  {
    replay_source source(record);
    EXPECT_EQ(source.choose(choice_kind::test, 2), 0U);
    EXPECT_EQ(source.divergence(), "decision 1 is of another kind than the recorded one");
  }
  {
    replay_source source(record);
    EXPECT_EQ(source.choose_thread(point_of(three, 1)), 0U);
    EXPECT_EQ(source.divergence(), "the execution ended after decision 1, before the record did");
    EXPECT_EQ(source.choose(choice_kind::test, 3), 0U);
    EXPECT_EQ(source.divergence(), "at decision 2 there are fewer candidates than recorded");
  }
  {
    replay_source source(record);
    source.choose_thread(point_of(three, 1));
    EXPECT_EQ(source.choose(choice_kind::test, 4), 3U);
    EXPECT_EQ(source.divergence(), std::nullopt);
    EXPECT_EQ(source.choose_thread(point_of(three, 2)), 2U);
    EXPECT_EQ(source.divergence(), "the record ends before decision 3");
  }
}

}  // namespace
}  // namespace heddle::check
