#include "memory/shadow.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::sim {
namespace {

using namespace granule_flag;

// Addresses that nobody touches: the shadow is about numbers.
class Shadow : public ::testing::Test {
 protected:
  Shadow() {
    shadow_memory::reserve();
    shadow_memory::begin_execution();
  }
  static constexpr std::uintptr_t base = 0x1234'5678'9000;
};

TEST_F(Shadow, a_granule_has_the_flags_that_were_set_and_its_neighbours_do_not) {
  shadow_memory::set(base + 16, 8, freed | history);
  EXPECT_EQ(shadow_memory::flags_at(base + 15), 0);
  for (std::uintptr_t at = base + 16; at < base + 24; ++at) EXPECT_EQ(shadow_memory::flags_at(at), freed | history);
  EXPECT_EQ(shadow_memory::flags_at(base + 24), 0);
}

TEST_F(Shadow, a_range_sets_every_granule_it_touches) {
  shadow_memory::set(base + 7, 2, word);
  EXPECT_EQ(shadow_memory::flags_at(base), word);
  EXPECT_EQ(shadow_memory::flags_at(base + 8), word);
  EXPECT_EQ(shadow_memory::flags_at(base + 16), 0);
}

TEST_F(Shadow, clearing_part_of_a_range_leaves_the_rest_for_all_sizes) {
  for (const std::size_t size : {8u, 64u, 1'000u, 4'096u, 10'000u, 50'000u}) {
    for (const std::size_t offset : {0u, 8u, 512u, 4'088u}) {
      shadow_memory::begin_execution();
      const std::uintptr_t begin = base + offset;
      shadow_memory::set(begin, size, freed);
      const std::uintptr_t hole = begin + size / 2 / 8 * 8;
      shadow_memory::clear(hole, 8, freed);
      for (std::uintptr_t at = begin; at < begin + size; at += 8) {
        ASSERT_EQ(shadow_memory::flags_at(at), at == hole ? 0 : freed) << size << ' ' << at - begin;
      }
      EXPECT_EQ(shadow_memory::flags_at(begin - 8), 0);
      EXPECT_EQ(shadow_memory::flags_at(begin + (size + 7) / 8 * 8), 0);
    }
  }
}

TEST_F(Shadow, a_flag_of_a_whole_page_goes_with_a_clearing_of_the_whole_page) {
  shadow_memory::set(base, 3 * 4096, freed);
  shadow_memory::set(base + 4096, 8, word);
  shadow_memory::clear(base, 3 * 4096, freed);
  EXPECT_FALSE(shadow_memory::any(base, 3 * 4096, freed));
  EXPECT_EQ(shadow_memory::flags_at(base + 4096), word);
}

TEST_F(Shadow, the_first_flagged_granule_of_a_range_is_found_wherever_it_is) {
  for (std::uintptr_t at = 0; at < 3 * 4096; at += 8) {
    shadow_memory::begin_execution();
    shadow_memory::set(base + at, 8, history);
    ASSERT_EQ(shadow_memory::first(base, 3 * 4096, history), base + at);
    ASSERT_EQ(shadow_memory::first(base, 3 * 4096, freed), 0u);
    ASSERT_FALSE(shadow_memory::any(base, at, history));
    ASSERT_FALSE(shadow_memory::any(base + at + 8, 4096, history));
  }
}

TEST_F(Shadow, each_flagged_granule_is_visited_once_and_in_order) {
  const std::vector<std::uintptr_t> wanted{base + 8, base + 64, base + 4088, base + 4096, base + 9000 / 8 * 8};
  for (const std::uintptr_t at : wanted) shadow_memory::set(at, 1, history);
  std::vector<std::uintptr_t> seen;
  shadow_memory::for_each(base, 3 * 4096, history, [&](std::uintptr_t at) { seen.push_back(at); });
  EXPECT_EQ(seen, wanted);
}

TEST_F(Shadow, the_next_execution_begins_without_flags_and_cells) {
  shadow_memory::set(base, 4096, freed);
  shadow_memory::cell_at(base).read = shadow_memory::execution_number();
  shadow_memory::begin_execution();
  EXPECT_FALSE(shadow_memory::any(base, 4096, freed));
  EXPECT_NE(shadow_memory::cell_at(base).execution(), shadow_memory::execution_number());
  EXPECT_EQ(shadow_memory::flags_at(base), 0);
}

TEST_F(Shadow, each_granule_has_a_cell_of_its_own) {
  for (std::uint32_t i = 0; i < 2'000; ++i) shadow_memory::cell_at(base + 8 * i).others = i + 1;
  for (std::uint32_t i = 0; i < 2'000; ++i) EXPECT_EQ(shadow_memory::cell_at(base + 8 * i + 7).others, i + 1);
}

TEST_F(Shadow, addresses_of_all_kinds_of_memory_are_served) {
  static int global = 0;
  int local = 0;
  const auto heap = std::make_unique<int>();
  for (const int* one : {&global, &local, heap.get()}) {
    const auto address = reinterpret_cast<std::uintptr_t>(one);
    shadow_memory::set(address, sizeof(int), word);
    EXPECT_EQ(shadow_memory::flags_at(address), word);
  }
  // What is no address of user space must not crash the look-up.
  EXPECT_EQ(shadow_memory::flags_at(0), 0);
  (void)shadow_memory::flags_at(~std::uintptr_t{0});
}

TEST_F(Shadow, released_pages_serve_others) {
  shadow_memory::set(base, 100 * 4096, freed);
  const std::size_t in_use = shadow_memory::pages_in_use();
  for (int i = 0; i < 10; ++i) {
    shadow_memory::release(base, 100 * 4096);
    EXPECT_EQ(shadow_memory::pages_in_use(), in_use - 100);
    EXPECT_FALSE(shadow_memory::any(base, 100 * 4096, freed));
    shadow_memory::set(base, 100 * 4096, freed);
    EXPECT_EQ(shadow_memory::pages_in_use(), in_use);
  }
}

}  // namespace
}  // namespace heddle::sim
