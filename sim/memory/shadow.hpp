// What is known of each 8 bytes of the program's memory in the running execution: flags, and a cell for a
// race detector.
//
// How it works. Addresses are cut into granules of 8 bytes and pages of 4 KiB. A table with one entry for every
// page of user space, reserved and never filled, leads to the page's record in a pool: an epoch, a byte of flags
// for each granule, and, in a pool beside it that is touched only when asked for, a cell of 32 bytes for each.
// A cell carries the number of its execution, and a record to the execution whose epoch it carries: starting anew is
// one addition, and a page pays for its clearing when it is next written to. A page that nothing was ever said of
// shares record 0, which belongs to no execution; so a look-up is two loads and a compare, and no branch for absence. A
// flag that holds for a whole page is kept once (`every`), so that freeing a large block is cheap; `seen` tells which
// flags a page has at all, so that a range without any is passed over a page at a time.
//
// Thread safety: looked at by any thread once reserved, changed by the machine's OS thread only. Another OS
// thread may see a flag late; it is not part of the execution and does nothing with it.
//
// Limits: 64 GiB of memory that something is said of at one time. Addresses below 2^47.
#pragma once

#include "access_cell.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace heddle::sim {

// What a granule can be. Values of a set.
namespace granule_flag {
inline constexpr std::uint8_t freed = 1;    // of a block that was freed and not handed out again
inline constexpr std::uint8_t history = 2;  // an atomic whose earlier stores are kept: a plain write ends them
inline constexpr std::uint8_t word = 4;     // an object of kind `word` has an identity
inline constexpr std::uint8_t object = 8;   // an object of another kind has one
}  // namespace granule_flag

namespace detail {
// Of the running or last execution. Records of pages carry it.
extern constinit std::uint64_t shadow_epoch;
// Likewise; cells carry it. Never 0.
extern constinit std::uint16_t cells_execution;
}  // namespace detail

class shadow_memory {
 public:
  static constexpr std::size_t granule = 8;
  static constexpr std::size_t page_size = 4096;
  static constexpr std::size_t granules_per_page = page_size / granule;

  struct page {
    std::uint64_t epoch;      // of the execution whose flags these are
    std::uint32_t number;     // in the pools
    std::uint32_t next_free;  // of a record that serves no page
    std::uint8_t seen;        // flags that a granule of it had in this execution
    std::uint8_t every;       // flags that all its granules have
    alignas(64) std::uint8_t flags[granules_per_page];
  };
  static_assert(sizeof(page) == 64 + granules_per_page);

  // Maps the table and the pools, once in a process. REQUIRES: called before anything else here.
  static void reserve() noexcept;
  // Forgets everything.
  static void begin_execution() noexcept {
    ++detail::shadow_epoch;
    if (++detail::cells_execution == 0) [[unlikely]]
      clear_all_cells();
  }

  // The flags of the granule that `address` is in.
  static std::uint8_t flags_at(std::uintptr_t address) noexcept {
    const page& at = record_of(address);
    if (at.epoch != detail::shadow_epoch) return 0;
    return at.flags[index_of(address)] | at.every;
  }
  // Whether a granule of the range has one of the `wanted` flags.
  static bool any(std::uintptr_t address, std::size_t size, std::uint8_t wanted) noexcept {
    if (address % page_size + size <= page_size && !may_have(address, wanted)) [[likely]]
      return false;
    return first(address, size, wanted) != 0;
  }
  // Whether a granule of the page that `address` is in may have one of the `wanted` flags.
  static bool may_have(std::uintptr_t address, std::uint8_t wanted) noexcept {
    const page& at = record_of(address);
    return at.epoch == detail::shadow_epoch && (at.seen & wanted) != 0;
  }
  // The first such granule, or 0.
  static std::uintptr_t first(std::uintptr_t address, std::size_t size, std::uint8_t wanted) noexcept;

  static void set(std::uintptr_t address, std::size_t size, std::uint8_t flags) noexcept;
  // Of one granule.
  static void set(std::uintptr_t address, std::uint8_t flags) noexcept {
    page& at = claim(address);
    at.seen |= flags;
    at.flags[index_of(address)] |= flags;
  }
  static void clear(std::uintptr_t address, std::size_t size, std::uint8_t flags) noexcept;

  // Calls `visit(address)` for each granule of the range that has one of the `wanted` flags.
  template <typename Visit>
  static void for_each(std::uintptr_t address, std::size_t size, std::uint8_t wanted, Visit visit) {
    const std::uintptr_t end = address + size;
    while ((address = first(address, end - address, wanted)) != 0) {
      visit(address);
      address += granule;
      if (address >= end) return;
    }
  }

  // The cell of the granule that `address` is in. It may be of an earlier execution.
  static access_cell& cell_at(std::uintptr_t address) noexcept {
    const page* at = &record_of(address);
    if (at->number == 0) [[unlikely]]
      at = &renew(address);
    return cells_of(at->number)[index_of(address)];
  }
  // The same to look at only: one of no execution where nothing was ever said of the page.
  static const access_cell& known_cell_at(std::uintptr_t address) noexcept {
    return cells_of(record_of(address).number)[index_of(address)];
  }
  // Of a whole granule; nothing is known of it any more.
  static void forget_cells(std::uintptr_t address, std::size_t size) noexcept;
  // The number by which cells of the running execution are told from older ones.
  static std::uint16_t execution_number() noexcept { return detail::cells_execution; }

  // Nothing will be said of these whole pages for a while: their records may serve others. REQUIRES: called before
  // the running execution says anything of cells.
  static void release(std::uintptr_t address, std::size_t size) noexcept;

  // Records that are in use for pages, of this execution or an earlier one.
  static std::size_t pages_in_use() noexcept;

  static constexpr std::uintptr_t table_address = 0x2c00'0000'0000;
  static constexpr std::uintptr_t pool_address = 0x2c40'0000'0000;
  static constexpr std::uintptr_t cells_address = 0x2d00'0000'0000;
  static constexpr std::uintptr_t end_address = 0x2d80'0000'0000;

 private:
  static constexpr unsigned user_bits = 47;
  static constexpr std::size_t table_entries = std::size_t{1} << (user_bits - 12);
  static constexpr std::size_t pages_max = std::size_t{1} << 24;
  static constexpr std::size_t cells_size = granules_per_page * sizeof(access_cell);
  static_assert(table_address + table_entries * sizeof(std::uint32_t) <= pool_address);
  static_assert(pool_address + pages_max * sizeof(page) <= cells_address);
  static_assert(cells_address + pages_max * cells_size <= end_address);

  static std::size_t index_of(std::uintptr_t address) noexcept { return address / granule % granules_per_page; }
  // An entry counts the cache lines from the start of the pool.
  static std::uint32_t& entry_of(std::uintptr_t address) noexcept {
    return reinterpret_cast<std::uint32_t*>(table_address)[address << (64 - user_bits) >> (64 - user_bits + 12)];
  }
  static page& record_of(std::uintptr_t address) noexcept {
    return *reinterpret_cast<page*>(pool_address + (std::size_t{entry_of(address)} << 6));
  }
  static page& record_at(std::uint32_t number) noexcept { return reinterpret_cast<page*>(pool_address)[number]; }

  static access_cell* cells_of(std::uint32_t number) noexcept {
    return reinterpret_cast<access_cell*>(cells_address + number * cells_size);
  }
  static void clear_all_cells() noexcept;

  // The page's record, made or cleared for this execution where need be.
  static page& claim(std::uintptr_t address) noexcept {
    page& at = record_of(address);
    if (at.epoch == detail::shadow_epoch) [[likely]]
      return at;
    return renew(address);
  }
  static page& renew(std::uintptr_t address) noexcept;
};

}  // namespace heddle::sim
