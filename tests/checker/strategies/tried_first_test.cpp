// Which of the two decides, the record or the other strategy, on made-up scheduling points.
#include "strategies/tried_first.hpp"

#include "strategies/point.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// Always the last candidate.
class last_strategy final : public explorer_strategy {
 public:
  bool begin(std::uint64_t) noexcept override { return true; }
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override { return point.runnable.back(); }
  std::uint32_t choose(sim::choice_kind, std::uint32_t candidates) noexcept override { return candidates - 1; }
};

tried_first_strategy after_threads(std::initializer_list<sim::thread_id> threads) {
  decision_record record;
  for (const sim::thread_id one : threads) record.add_thread(one);
  return {std::move(record), std::make_unique<last_strategy>()};
}

TEST(TriedFirst, FollowsTheRecordInTheFirstScheduleAndThenTheOtherStrategy) {
  tried_first_strategy tested = after_threads({1, 0});
  ASSERT_TRUE(tested.begin(0));
  const point_of three(3);
  EXPECT_EQ(tested.choose_thread(three.point), 1U);
  EXPECT_EQ(tested.choose_thread(three.point), 0U);
  EXPECT_EQ(tested.choose_thread(three.point), 2U);
  EXPECT_EQ(tested.choose(sim::choice_kind::test, 5), 4U);
}

TEST(TriedFirst, LeavesTheRecordForGoodWhereAQuestionDoesNotFit) {
  tried_first_strategy tested = after_threads({1, 0, 1});
  ASSERT_TRUE(tested.begin(0));
  point_of three(3);
  EXPECT_EQ(tested.choose_thread(three.point), 1U);
  EXPECT_EQ(tested.choose(sim::choice_kind::test, 5), 4U);
  EXPECT_EQ(tested.choose_thread(three.point), 2U);
}

TEST(TriedFirst, LeavesTheOtherSchedulesToTheOtherStrategy) {
  tried_first_strategy tested = after_threads({1, 0});
  ASSERT_TRUE(tested.begin(1));
  const point_of three(3);
  EXPECT_EQ(tested.choose_thread(three.point), 2U);
  ASSERT_TRUE(tested.begin(0));
  EXPECT_EQ(tested.choose_thread(three.point), 1U);
}

TEST(TriedFirst, RecordsWhatItDecides) {
  tried_first_strategy tested = after_threads({1});
  ASSERT_TRUE(tested.begin(0));
  const point_of three(3);
  for (int i = 0; i < 2; ++i) static_cast<void>(tested.choose_thread(three.point));
  static_cast<void>(tested.choose(sim::choice_kind::test, 5));
  decision_record expected;
  expected.add_thread(1);
  expected.add_thread(2);
  expected.add_choice(sim::choice_kind::test, 4);
  EXPECT_EQ(tested.decisions(), expected);
}

}  // namespace
}  // namespace heddle::check
