// What is known of the last accesses to some bytes of one 8-byte granule, for the race detector.
//
// How it works. The last plain write and the last plain read, each as who and when: an actor's number and its own
// time, which together are one word to compare. Further readers, and atomic operations, are in a list beside. Bytes
// of a granule that have been accessed differently have a cell each: the first in the shadow memory, the others linked
// to it. A cell belongs to the execution whose number it carries, so nothing need be cleared between executions.
//
// Invariant: the cells of one granule have no byte in common.
#pragma once

#include "../memory_model/vector_clock.hpp"

#include <cstdint>

namespace heddle::sim {

// Who and when. 0: nobody.
struct stamp {
  static constexpr std::uint64_t make(actor_id actor, std::uint32_t time) noexcept {
    return (std::uint64_t{time} << 32) | (std::uint64_t{actor} << 16);
  }
  static constexpr actor_id actor_of(std::uint64_t value) noexcept { return static_cast<actor_id>(value >> 16); }
  static constexpr std::uint32_t time_of(std::uint64_t value) noexcept {
    return static_cast<std::uint32_t>(value >> 32);
  }
};

// Which of a granule's bytes the access touches, as a set of bits. REQUIRES: it lies in the granule.
constexpr std::uint8_t bytes_of(std::uintptr_t address, std::size_t size) noexcept {
  return static_cast<std::uint8_t>(((1U << size) - 1) << (address & 7));
}

struct access_cell {
  std::uint64_t write = 0;        // a stamp, and in the lowest byte which bytes of the granule the cell is of
  std::uint64_t read = 0;         // a stamp, and in the lower 16 bits the number of the execution
  std::uint32_t write_place = 0;  // in the call tree
  std::uint32_t read_place = 0;
  std::uint32_t others = 0;  // 1 + the place of the first further access, or 0
  std::uint32_t next = 0;    // 1 + the place of the granule's next cell, or 0

  static constexpr std::uint64_t stamp_bits = ~std::uint64_t{0xffff};

  std::uint8_t bytes() const noexcept { return static_cast<std::uint8_t>(write); }
  std::uint16_t execution() const noexcept { return static_cast<std::uint16_t>(read); }
};
static_assert(sizeof(access_cell) == 32);

}  // namespace heddle::sim
