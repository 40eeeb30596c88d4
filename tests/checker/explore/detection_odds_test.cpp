#include "explore/detection_odds.hpp"

#include "report/share_text.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

TEST(DetectionOdds, OfNoBoundAreNone) {
  detection_odds odds;
  odds.add({}, 4, 100);
  EXPECT_FALSE(odds.found());
}

TEST(DetectionOdds, OfOneScheduleAreThoseOfItsDepth) {
  detection_odds odds;
  odds.add({.depth = 2, .among = 10}, 4, 10);
  const auto found = odds.found();
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ((*found)[0], 1.0 / 40);
  EXPECT_DOUBLE_EQ((*found)[1], 1.0 / 40);
  EXPECT_EQ((*found)[2], 0.0) << "a bug of depth 3 needs two changes";
}

TEST(DetectionOdds, GrowWithEachSchedule) {
  detection_odds odds;
  for (int i = 0; i < 100; ++i) odds.add({.depth = 3, .among = 10}, 2, 5);
  for (int i = 0; i < 20; ++i) odds.add({.depth = 1, .among = 10}, 2, 5);
  const auto found = odds.found();
  ASSERT_TRUE(found);
  EXPECT_NEAR((*found)[2], 1 - std::pow(1 - 1.0 / 200, 100), 1e-12);
  EXPECT_NEAR((*found)[0], 1 - std::pow(1 - 1.0 / 200, 100) * std::pow(0.5, 20), 1e-12);
}

// Behind the last point at which a change can be, there is none.
TEST(DetectionOdds, OfAScheduleLongerThanExpectedAreThoseOfDepthOne) {
  detection_odds odds;
  odds.add({.depth = 3, .among = 10}, 4, 11);
  const auto found = odds.found();
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ((*found)[0], 1.0 / 4);
  EXPECT_EQ((*found)[1], 0.0);
}

TEST(DetectionOdds, OfOneThreadAreNearlyCertain) {
  detection_odds odds;
  odds.add({.depth = 1, .among = 10}, 1, 10);
  EXPECT_NEAR((*odds.found())[0], 1.0, 1e-6);
}

TEST(ShareText, SaysNoMoreThanIsKnown) {
  EXPECT_EQ(share_text(0), "0.0%");
  EXPECT_EQ(share_text(0.00001), "<0.1%");
  EXPECT_EQ(share_text(0.0234), "2.3%");
  EXPECT_EQ(share_text(0.234), "23%");
  EXPECT_EQ(share_text(0.9985), "99.9%");
  EXPECT_EQ(share_text(0.99999), ">99.9%");
  EXPECT_EQ(share_text(1), "100.0%");
}

}  // namespace
}  // namespace heddle::check
