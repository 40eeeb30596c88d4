#include "memory/stack_depot.hpp"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

namespace heddle::sim {
namespace {

TEST(StackDepot, a_stack_keeps_its_number_and_its_frames_innermost_first) {
  const std::array<std::uintptr_t, 3> sites{10, 20, 30};
  const std::uint32_t number = allocation_stacks().add(5, 40, sites.data(), sites.data() + 3);
  EXPECT_EQ(allocation_stacks().add(5, 40, sites.data(), sites.data() + 3), number);
  const stack_depot::entry& one = *allocation_stacks().find(number);
  EXPECT_EQ(one.thread, 5u);
  ASSERT_EQ(one.depth, 4u);
  EXPECT_EQ(one.frames[0], 40u);
  EXPECT_EQ(one.frames[1], 30u);
  EXPECT_EQ(one.frames[3], 10u);
}

TEST(StackDepot, another_thread_place_or_caller_is_another_stack) {
  const std::array<std::uintptr_t, 2> sites{10, 20};
  const std::array<std::uintptr_t, 2> others{10, 21};
  const std::uint32_t number = allocation_stacks().add(1, 40, sites.data(), sites.data() + 2);
  EXPECT_NE(allocation_stacks().add(2, 40, sites.data(), sites.data() + 2), number);
  EXPECT_NE(allocation_stacks().add(1, 41, sites.data(), sites.data() + 2), number);
  EXPECT_NE(allocation_stacks().add(1, 40, others.data(), others.data() + 2), number);
}

TEST(StackDepot, of_a_deep_stack_the_innermost_frames_are_kept) {
  std::array<std::uintptr_t, 100> sites{};
  for (std::size_t i = 0; i < sites.size(); ++i) sites[i] = 1'000 + i;
  const stack_depot::entry& one =
      *allocation_stacks().find(allocation_stacks().add(0, 7, sites.data(), sites.data() + sites.size()));
  ASSERT_EQ(one.depth, stack_depot::frames_max);
  EXPECT_EQ(one.frames[1], 1'099u);
  EXPECT_EQ(one.frames[15], 1'085u);
}

TEST(StackDepot, a_full_depot_gives_the_number_of_no_stack) {
  const std::array<std::uintptr_t, 1> sites{1};
  std::uint32_t last = 1;
  for (std::uintptr_t pc = 1'000'000; last != 0 && pc < 1'100'000; ++pc) {
    last = allocation_stacks().add(0, pc, sites.data(), sites.data() + 1);
  }
  EXPECT_EQ(last, 0u);
  EXPECT_EQ(allocation_stacks().find(0), nullptr);
}

}  // namespace
}  // namespace heddle::sim
