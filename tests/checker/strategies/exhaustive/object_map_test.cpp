// A map of objects, beyond the size it begins with.
#include "strategies/exhaustive/object_map.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// Keys as far apart as addresses of words, and so close that they meet in one place.
std::uintptr_t key(std::uint32_t number) {
  return ~std::uintptr_t{0} - std::uintptr_t{number} * 8;
}

TEST(ObjectMap, KeepsWhatItWasGivenWhileItGrows) {
  object_map<std::uint32_t> map;
  for (std::uint32_t i = 0; i < 5000; ++i) map[key(i)] = i + 1;
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(map[key(i)], i + 1);
  EXPECT_EQ(map[key(5000)], 0U);
}

TEST(ObjectMap, ForgetsEverythingWhenItIsCleared) {
  object_map<std::uint32_t> map;
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < 100; ++i) {
      ASSERT_EQ(map[key(i)], 0U);
      map[key(i)] = i + 1;
    }
    map.clear();
  }
}

}  // namespace
}  // namespace heddle::check
