// A set of hashes, among them the one that stands for an empty place.
#include "strategies/bounded/state_set.hpp"

#include "strategies/generator.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

TEST(StateSet, TellsWhatIsNewWhileItGrows) {
  state_set states;
  for (std::uint64_t i = 0; i < 10'000; ++i) ASSERT_TRUE(states.insert(mix(i)));
  for (std::uint64_t i = 0; i < 10'000; ++i) ASSERT_FALSE(states.insert(mix(i)));
  EXPECT_EQ(states.size(), 10'000U);
  EXPECT_TRUE(states.contains(mix(5)));
  EXPECT_FALSE(states.contains(mix(10'000)));
}

TEST(StateSet, HoldsAHashOfZero) {
  state_set states;
  EXPECT_FALSE(states.contains(0));
  EXPECT_TRUE(states.insert(0));
  EXPECT_TRUE(states.contains(0));
}

}  // namespace
}  // namespace heddle::check
