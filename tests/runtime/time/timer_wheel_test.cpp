// The timer wheel against a sorted list, and the edges between its levels.
#include "time/timer_wheel.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

constexpr std::uint64_t turn = std::uint64_t{1} << 36;

// Entries are told apart by their place in `entries`.
class wheel_and_list {
 public:
  void insert(std::uint64_t tick) {
    wheel_.insert(entries_.emplace_back(timer_wheel::time_of(tick)));
    waiting_.emplace(tick, &entries_.back());
  }
  void remove_nth(std::size_t n) {
    const auto chosen = std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(n % waiting_.size()));
    wheel_.remove(*chosen->second);
    EXPECT_FALSE(chosen->second->is_linked());
    waiting_.erase(chosen);
  }
  // Fires up to `until`, and compares each with what the list says. A multimap keeps the order of insertion.
  void advance(std::uint64_t until) {
    const std::uint64_t earliest = waiting_.empty() ? timer_wheel::never : waiting_.begin()->first;
    EXPECT_LE(wheel_.next_tick(), earliest);
    EXPECT_TRUE(wheel_.next_tick() > wheel_.now());
    std::array<timer_entry*, 3> due{};
    while (const std::size_t count = wheel_.take_due(until, due.data(), due.size())) {
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_FALSE(waiting_.empty());
        EXPECT_EQ(due[i], waiting_.begin()->second);
        EXPECT_EQ(timer_wheel::time_of(wheel_.now()), due[i]->deadline);
        waiting_.erase(waiting_.begin());
      }
    }
    EXPECT_EQ(wheel_.now(), until);
    EXPECT_TRUE(waiting_.empty() || waiting_.begin()->first > until);
    EXPECT_EQ(wheel_.is_empty(), waiting_.empty());
  }
  std::size_t waiting() const { return waiting_.size(); }
  std::uint64_t now() const { return wheel_.now(); }
  const timer_wheel& wheel() const { return wheel_; }

 private:
  timer_wheel wheel_;
  std::deque<timer_entry> entries_;
  std::multimap<std::uint64_t, timer_entry*> waiting_;
};

TEST(timer_wheel, an_empty_wheel_has_no_next_tick) {
  timer_wheel wheel;
  EXPECT_EQ(wheel.next_tick(), timer_wheel::never);
  EXPECT_EQ(wheel.take_due(1000, nullptr, 0), 0U);
  EXPECT_EQ(wheel.now(), 1000U);
  wheel.skip_to(2000);
  EXPECT_EQ(wheel.now(), 2000U);
  EXPECT_EQ(wheel.take_any(), nullptr);
}

TEST(timer_wheel, fires_each_entry_at_its_tick_and_not_before) {
  for (const std::uint64_t tick : std::vector<std::uint64_t>{1, 63, 64, 65, 4095, 4096, 4097, 262143, 262144, 262145,
                                                             turn - 1, turn, turn + 1, 3 * turn + 77}) {
    wheel_and_list both;
    both.insert(tick);
    // Beyond the next turn the wheel looks once a turn.
    EXPECT_EQ(both.wheel().next_tick(), tick < 2 * turn ? tick : turn);
    both.advance(tick - 1);
    EXPECT_EQ(both.waiting(), 1U) << tick;
    both.advance(tick);
    EXPECT_EQ(both.waiting(), 0U) << tick;
  }
}

TEST(timer_wheel, an_entry_a_turn_away_does_not_hide_nearer_ones) {
  wheel_and_list both;
  both.advance(5);
  // The same slot of the highest level as the current tick, and another one.
  both.insert(turn + 6);
  both.insert(turn / 2);
  EXPECT_EQ(both.wheel().next_tick(), turn / 2);
  both.advance(turn / 2);
  EXPECT_EQ(both.waiting(), 1U);
  both.advance(turn + 6);
  EXPECT_EQ(both.waiting(), 0U);
}

TEST(timer_wheel, entries_of_one_tick_fire_in_the_order_of_insertion_from_whatever_level) {
  wheel_and_list both;
  both.insert(5000);
  both.advance(4000);
  both.insert(5000);
  both.advance(4990);
  both.insert(5000);
  both.insert(5000);
  both.advance(6000);
}

TEST(timer_wheel, a_removed_entry_leaves_nothing_behind) {
  wheel_and_list both;
  for (const std::uint64_t tick : {1U, 100U, 10'000U, 1'000'000U}) both.insert(tick);
  while (both.waiting() != 0) both.remove_nth(both.waiting() / 2);
  EXPECT_EQ(both.wheel().next_tick(), timer_wheel::never);
  EXPECT_TRUE(both.wheel().is_empty());
}

TEST(timer_wheel, where_many_share_a_slot_the_next_tick_is_where_it_begins) {
  wheel_and_list both;
  for (std::uint64_t i = 0; i < 8; ++i) both.insert(200 - i);
  EXPECT_EQ(both.wheel().next_tick(), 193U);
  both.insert(199);
  EXPECT_EQ(both.wheel().next_tick(), 192U);
}

TEST(timer_wheel, take_any_empties_it) {
  timer_wheel wheel;
  std::deque<timer_entry> entries(100);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].deadline = timer_wheel::time_of(1 + i * i * i * 1000);
    wheel.insert(entries[i]);
  }
  std::size_t taken = 0;
  while (wheel.take_any() != nullptr) ++taken;
  EXPECT_EQ(taken, entries.size());
  EXPECT_TRUE(wheel.is_empty());
}

// Random, from fixed seeds: steps over distances of every magnitude.
TEST(timer_wheel, behaves_as_a_sorted_list) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    wheel_and_list both;
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t distance = 1 + (random() >> (24 + random() % 40));
      switch (random() % 4) {
        case 0:
        case 1:
          both.insert(both.now() + distance % (2 * turn) + 1);
          break;
        case 2:
          if (both.waiting() != 0) both.remove_nth(random());
          break;
        default:
          both.advance(both.now() + distance % turn);
      }
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace heddle::detail
