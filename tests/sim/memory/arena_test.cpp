#include "../support.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

// Where the blocks of an execution stood, in the order in which two threads asked for them.
std::vector<std::uintptr_t> addresses_of_an_execution(machine& on, std::uint64_t seed, bool leak) {
  std::vector<std::uintptr_t> addresses;
  addresses.reserve(100);
  seeded_source source(seed);
  on.run(source, [&] {
    const auto allocate = [&] {
      for (const std::size_t size : {1u, 16u, 17u, 100u, 1'000u, 1'025u, 5'000u, 100'000u}) {
        std::atomic<int> point{0};
        point.fetch_add(1);
        void* const block = malloc(size);
        std::memset(block, 1, size);
        addresses.push_back(reinterpret_cast<std::uintptr_t>(block));
        if (!leak || size % 2 == 0) free(block);
      }
    };
    std::thread one(allocate);
    std::thread two(allocate);
    one.join();
    two.join();
  });
  return addresses;
}

TEST(Arena, the_same_decisions_give_the_same_addresses) {
  machine on({});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_TRUE(addresses_of_an_execution(on, seed, false) == addresses_of_an_execution(on, seed, false));
  }
}

TEST(Arena, blocks_left_behind_move_later_addresses_by_whole_pages) {
  machine on({});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<std::uintptr_t> first = addresses_of_an_execution(on, seed, true);
    const std::vector<std::uintptr_t> second = addresses_of_an_execution(on, seed, true);
    ASSERT_EQ(first.size(), second.size());
    const std::uintptr_t distance = second[0] - first[0];
    EXPECT_NE(distance, 0u);
    EXPECT_EQ(distance % 4096, 0u);
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(second[i] - first[i], distance);
  }
}

TEST(Arena, blocks_do_not_overlap) {
  const execution_result result = run_once([] {
    constexpr std::size_t count = 500;
    std::vector<std::pair<unsigned char*, std::size_t>> blocks;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = (i * 7919) % 3'000 + 1;
      auto* const block = static_cast<unsigned char*>(malloc(size));
      std::memset(block, static_cast<int>(i % 251), size);
      blocks.emplace_back(block, size);
      if (i % 3 == 0) {
        free(blocks[i / 2].first);
        blocks[i / 2] = {static_cast<unsigned char*>(nullptr), 0};
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < blocks[i].second; ++j) {
        check(blocks[i].first[j] == i % 251, "a block was overwritten by another");
      }
    }
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(Arena, every_alignment_is_kept) {
  const execution_result result = run_once([] {
    for (std::size_t alignment = 16; alignment <= 65'536; alignment *= 2) {
      void* const block = aligned_alloc(alignment, alignment);
      check(reinterpret_cast<std::uintptr_t>(block) % alignment == 0, "not aligned");
      std::memset(block, 7, alignment);
      free(block);
    }
  });
  EXPECT_EQ(first_message(result), "");
}

}  // namespace
}  // namespace heddle::sim::testing
