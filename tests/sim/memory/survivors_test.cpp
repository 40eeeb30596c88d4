// What executions leave behind: what can be reached stays, and leaks do not add up.
#include "../support.hpp"
#include "memory/arena.hpp"
#include "memory/shadow.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>

namespace heddle::sim::testing {
namespace {

constexpr std::size_t leaked_bytes = 200'000;
// So many leave several times what is left alone until it is looked through.
constexpr std::uint64_t schedules = 5 * arena::left_behind_max / leaked_bytes;

void* volatile leaked;

// Runs `body`, which leaks, and returns how far from the arena's base its executions came.
std::size_t farthest_of(const std::function<void(std::uint64_t)>& body) {
  machine on({});
  std::uintptr_t farthest = 0;
  for (std::uint64_t i = 0; i < schedules; ++i) {
    seeded_source source(i + 1);
    on.run(source, [&] {
      leaked = malloc(leaked_bytes);
      farthest = std::max(farthest, reinterpret_cast<std::uintptr_t>(leaked) + leaked_bytes);
      body(i);
    });
  }
  leaked = nullptr;
  return farthest - arena::base_address;
}

// Bytes of the arena that are in memory.
std::size_t resident_bytes(std::size_t until) {
  constexpr std::size_t page = 4096;
  std::vector<unsigned char> resident((until + page - 1) / page);
  mincore(reinterpret_cast<void*>(arena::base_address), resident.size() * page, resident.data());
  return page * static_cast<std::size_t>(std::count(resident.begin(), resident.end(), 1));
}

TEST(Survivors, leaks_take_no_more_memory_than_the_limit) {
  const std::size_t farthest = farthest_of([](std::uint64_t) { std::memset(leaked, 1, leaked_bytes); });
  EXPECT_GT(resident_bytes(farthest), leaked_bytes);
  EXPECT_LT(resident_bytes(farthest), arena::left_behind_max + arena::left_behind_max / 4);
  EXPECT_LE(execution_memory().bytes_left_behind(), arena::left_behind_max);
  EXPECT_LT(shadow_memory::pages_in_use() * shadow_memory::page_size, 2 * arena::left_behind_max);
}

struct node {
  node* next;
  std::uint64_t value;
};
node* kept_list;

TEST(Survivors, what_a_global_leads_to_stays) {
  kept_list = nullptr;
  // One in a hundred schedules adds to a list; the others leak around it.
  farthest_of([](std::uint64_t i) {
    if (i % 100 != 0) return;
    auto* const fresh = static_cast<node*>(malloc(sizeof(node)));
    *fresh = {.next = kept_list, .value = i};
    kept_list = fresh;
  });
  std::uint64_t expected = (schedules - 1) / 100 * 100;
  std::uint64_t found = 0;
  for (const node* one = kept_list; one != nullptr; one = one->next, expected -= 100, ++found) {
    ASSERT_EQ(one->value, expected);
  }
  EXPECT_EQ(found, (schedules + 99) / 100);
}

TEST(Survivors, what_host_memory_and_the_middle_of_a_block_lead_to_stays) {
  const auto outside = std::make_unique<char*>();
  farthest_of([&](std::uint64_t i) {
    if (i != 3) return;
    auto* const block = static_cast<char*>(malloc(1'000));
    std::memset(block, 42, 1'000);
    *outside = block + 500;
  });
  for (int i = -500; i < 500; ++i) ASSERT_EQ((*outside)[i], 42);
}

TEST(Survivors, a_survivor_can_be_freed_and_resized_in_a_later_execution) {
  static void* cache;
  cache = nullptr;
  machine on({});
  for (std::uint64_t i = 0; i < 100; ++i) {
    seeded_source source(i + 1);
    const execution_result& one = on.run(source, [&] {
      cache = realloc(cache, 100 * (i + 1));
      static_cast<char*>(cache)[100 * i] = static_cast<char>(i);
      for (std::uint64_t j = 0; j <= i; ++j) {
        check(static_cast<const char*>(cache)[100 * j] == static_cast<char>(j), "a survivor lost its contents");
      }
    });
    ASSERT_EQ(first_message(one), "");
  }
  free(cache);
}

TEST(Survivors, a_survivor_freed_by_the_host_gives_its_place_back) {
  machine on({});
  std::vector<std::uintptr_t> places;
  places.reserve(20);
  for (std::uint64_t i = 0; i < 20; ++i) {
    void* left = nullptr;
    seeded_source source(i + 1);
    on.run(source, [&] { left = malloc(100); });
    places.push_back(reinterpret_cast<std::uintptr_t>(left));
    free(left);
  }
  EXPECT_EQ(std::count(places.begin(), places.end(), places.front()), 20);
}

// The limit of it: another OS thread could move a pointer while the search goes on, so nothing is searched.
TEST(Survivors, with_other_os_threads_leaks_stay) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        {
          const machine first({});
        }
        std::thread other([] { std::this_thread::sleep_for(std::chrono::hours(1)); });
        const std::size_t farthest = farthest_of([](std::uint64_t) { std::memset(leaked, 1, leaked_bytes); });
        std::_Exit(resident_bytes(farthest) > 4 * arena::left_behind_max ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace heddle::sim::testing
