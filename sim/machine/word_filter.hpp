// Which 8-byte granules may hold a word with a history of stores: what every plain write asks.
//
// How it works: one slot for all granules of one hash, which holds the number of the execution that last used it. So
// clearing it is one addition. It errs on the safe side: a granule that is not there may be said to be.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class word_filter {
 public:
  // Empty until the next one is added.
  constexpr void clear() noexcept { ++execution_; }
  void add(std::uintptr_t address) noexcept { slots_[slot_of(address)] = execution_; }

  bool may_contain(std::uintptr_t address) const noexcept { return slots_[slot_of(address)] == execution_; }
  // Whether any of the bytes may be in one of them; of a large range without looking.
  bool may_touch(std::uintptr_t address, std::size_t size) const noexcept {
    return may_contain(address) || (size != 0 && may_contain(address + size - 1)) || size > 16;
  }

 private:
  static constexpr std::size_t slots = 4096;
  static std::size_t slot_of(std::uintptr_t address) noexcept { return (address >> 3) % slots; }

  std::array<std::uint32_t, slots> slots_{};
  std::uint32_t execution_ = 1;
};

namespace detail {
// Of the execution that is running; empty outside of one, or without weak memory.
extern constinit word_filter watched_words;
}  // namespace detail

}  // namespace heddle::sim
