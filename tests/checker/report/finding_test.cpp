#include "heddle/check/finding.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

TEST(FindingKind, NamesAreTheStableOnes) {
  EXPECT_EQ(to_string(finding_kind::data_race), "data-race");
  EXPECT_EQ(to_string(finding_kind::lock_held_across_await), "lock-held-across-await");
  EXPECT_EQ(to_string(finding_kind::deadlock), "deadlock");
  EXPECT_EQ(to_string(finding_kind::assertion), "assertion");
  EXPECT_EQ(to_string(finding_kind::crash), "crash");
  EXPECT_EQ(to_string(finding_kind::step_limit), "step-limit");
}

TEST(FindingKind, NamesAreReadBack) {
  for (std::size_t i = 0; i < finding_kinds; ++i) {
    const auto kind = static_cast<finding_kind>(i);
    EXPECT_EQ(parse_finding_kind(to_string(kind)), kind);
  }
  EXPECT_EQ(parse_finding_kind("race"), std::nullopt);
}

}  // namespace
}  // namespace heddle::check
