// Deadlines in a hierarchy of wheels: to add, remove and fire one takes constant time, however many there are.
//
// How it works. Six levels of 64 slots. A slot of level 0 holds the entries of one tick, a slot of level n those of
// 64^n ticks. An entry goes to the level of the highest group of six bits in which its tick differs from the current
// one. When the current tick reaches the begin of a slot of a higher level, its entries are spread over the levels
// below. So an entry moves at most five times. A word for each level tells which of its slots have entries.
//
// Entries further away than 64^6 ticks (over two years) wait in the highest level for a turn of the wheel, and then
// again.
//
// An entry stores its deadline, and neither tick nor slot: a tick is a millisecond of the clock, the slot of an entry
// that waits is the one where it would be put now, and one that empties a slot has the slot itself on both sides.
//
// Thread safety. None; the driver locks.
//
// Invariants.
//   1. An entry's tick is later than the current one, or equal while that tick is being fired.
//   2. A slot's bit is set if and only if its list is not empty: an entry that is removed leaves nothing behind.
//   3. Entries of one tick fire in the order in which they were inserted.
//
// Algorithm: Varghese and Lauck, Hashed and Hierarchical Timing Wheels, scheme 7, as Tokio, runtime/time/wheel.
#pragma once

#include "heddle/runtime/detail/timer_entry.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace heddle::detail {

class timer_wheel {
 public:
  using clock = std::chrono::steady_clock;

  static constexpr std::uint32_t level_bits = 6;
  static constexpr std::size_t slots_per_level = std::size_t{1} << level_bits;
  static constexpr std::size_t levels = 6;
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  timer_wheel() noexcept;
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  // The first tick that is not before `deadline`, and the last that is not after `now`.
  static std::uint64_t first_tick_after(clock::time_point deadline) noexcept;
  static std::uint64_t last_tick_before(clock::time_point now) noexcept;
  static clock::time_point time_of(std::uint64_t tick) noexcept;

  // REQUIRES: in no slot; its tick is later than now().
  void insert(timer_entry& entry) noexcept;
  // Does nothing for an entry that is in no slot.
  void remove(timer_entry& entry) noexcept;

  // A tick at which `take_due` must be called, and before which it has nothing to give; `never` if there are no
  // entries. Where a slot of a higher level has many entries, or those of a later turn, its begin, which may be earlier
  // than all of them.
  std::uint64_t next_tick() const noexcept;

  // Moves the current tick towards `until`, up to the first one with entries that are due, and takes up to `count_max`
  // of those out, all of one tick. Zero: none is left that is due at `until`, which is the current tick now.
  std::size_t take_due(std::uint64_t until, timer_entry** due, std::size_t count_max) noexcept;

  // Takes one entry out, due or not; null when there is none left.
  timer_entry* take_any() noexcept;

  // The current tick.
  std::uint64_t now() const noexcept { return now_; }
  bool is_empty() const noexcept { return count_ == 0; }
  // With no entries, time may pass without further ado.
  void skip_to(std::uint64_t tick) noexcept {
    if (count_ == 0 && tick > now_) now_ = tick;
  }

 private:
  struct expiration {
    std::size_t slot;    // of all
    std::uint64_t tick;  // where it begins
  };

  static std::size_t slot_of(std::uint64_t now, std::uint64_t tick) noexcept;
  [[nodiscard]] bool first_slot(expiration& first) const noexcept;
  void link(timer_entry& entry, std::size_t slot) noexcept;
  void unlink(timer_entry& entry) noexcept;
  void spread(std::size_t slot) noexcept;

  std::uint64_t now_ = 0;  // since the clock's epoch
  std::size_t count_ = 0;
  std::array<std::uint64_t, levels> occupied_{};
  std::array<timer_links, levels * slots_per_level> slots_;
};

}  // namespace heddle::detail
