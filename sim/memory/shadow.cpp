#include "shadow.hpp"

#include "../machine/arch.hpp"
#include "../machine/fatal.hpp"

#include <sys/mman.h>

namespace heddle::sim {

namespace detail {
constinit std::uint64_t shadow_epoch = 1;  // record 0 has 0
constinit std::uint16_t cells_execution = 1;
}  // namespace detail

namespace {

// Record 0 is that of all pages without one.
constinit std::uint32_t used_records = 1;
constinit std::uint32_t first_free = 0;
constinit std::size_t free_records = 0;

void map_at(std::uintptr_t address, std::size_t size) noexcept {
  void* const wanted = reinterpret_cast<void*>(address);
  void* const region = mmap(wanted, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (region != wanted) fatal("cannot reserve the addresses of the shadow memory");
  // A huge page would make much out of a single entry.
  madvise(region, size, MADV_NOHUGEPAGE);
}

constexpr std::uint64_t repeated(std::uint8_t byte) noexcept {
  return 0x0101'0101'0101'0101u * byte;
}

std::uint64_t eight_flags(const std::uint8_t* flags) noexcept {
  std::uint64_t all = 0;
  __builtin_memcpy(&all, flags, sizeof all);
  return all;
}

// The first of `flags[from, to)` that has a wanted one, or `to`.
std::size_t first_flagged(const std::uint8_t* flags, std::size_t from, std::size_t to, std::uint8_t wanted) noexcept {
  for (; from < to && from % 8 != 0; ++from) {
    if ((flags[from] & wanted) != 0) return from;
  }
  for (; from + 8 <= to; from += 8) {
    const std::uint64_t hits = eight_flags(flags + from) & repeated(wanted);
    if (hits != 0) return from + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
  }
  for (; from < to; ++from) {
    if ((flags[from] & wanted) != 0) return from;
  }
  return to;
}

// flags[from, to) with `kept` of them left, and `added` put in.
void change(std::uint8_t* flags, std::size_t from, std::size_t to, std::uint8_t kept, std::uint8_t added) noexcept {
  for (; from < to && from % 8 != 0; ++from) flags[from] = static_cast<std::uint8_t>((flags[from] & kept) | added);
  for (; from + 8 <= to; from += 8) {
    const std::uint64_t changed = (eight_flags(flags + from) & repeated(kept)) | repeated(added);
    __builtin_memcpy(flags + from, &changed, sizeof changed);
  }
  for (; from < to; ++from) flags[from] = static_cast<std::uint8_t>((flags[from] & kept) | added);
}

// The granules of one page that a range touches.
struct part {
  std::uintptr_t page;
  std::size_t from;
  std::size_t to;
  bool whole() const noexcept { return from == 0 && to == shadow_memory::granules_per_page; }
};

// Calls `visit(part)` page by page until it returns true.
template <typename Visit>
void each_page(std::uintptr_t address, std::size_t size, Visit visit) {
  if (size == 0) return;
  const std::uintptr_t last = (address + size - 1) / shadow_memory::granule;
  for (std::uintptr_t at = address / shadow_memory::granule; at <= last;) {
    const std::size_t from = at % shadow_memory::granules_per_page;
    const std::size_t left = last - at + 1;
    const std::size_t room = shadow_memory::granules_per_page - from;
    const std::size_t count = left < room ? left : room;
    if (visit(part{.page = (at - from) * shadow_memory::granule, .from = from, .to = from + count})) return;
    at += count;
  }
}

}  // namespace

void shadow_memory::reserve() noexcept {
  static bool reserved = false;
  if (reserved) return;
  map_at(table_address, table_entries * sizeof(std::uint32_t));
  map_at(pool_address, pages_max * sizeof(page));
  map_at(cells_address, pages_max * cells_size);
  reserved = true;
}

shadow_memory::page& shadow_memory::renew(std::uintptr_t address) noexcept {
  std::uint32_t& entry = entry_of(address);
  if (entry == 0) {
    std::uint32_t number = first_free;
    if (number != 0) {
      first_free = record_at(number).next_free;
      --free_records;
    } else {
      if (used_records == pages_max) fatal("the shadow memory is used up: 64 GiB of memory that something is known of");
      number = used_records++;
    }
    record_at(number).number = number;
    entry = static_cast<std::uint32_t>(number * sizeof(page) / 64);
  }
  page& at = record_of(address);
  at.epoch = detail::shadow_epoch;
  at.seen = at.every = 0;
  arch::fill(at.flags, 0, sizeof at.flags);
  return at;
}

std::uintptr_t shadow_memory::first(std::uintptr_t address, std::size_t size, std::uint8_t wanted) noexcept {
  std::uintptr_t found = 0;
  each_page(address, size, [&](const part& one) {
    const page& at = record_of(one.page);
    if (at.epoch != detail::shadow_epoch || (at.seen & wanted) == 0) return false;
    const bool all = (at.every & wanted) != 0;
    const std::size_t hit = all ? one.from : first_flagged(at.flags, one.from, one.to, wanted);
    if (hit != one.to) found = one.page + hit * granule;
    return hit != one.to;
  });
  return found;
}

void shadow_memory::set(std::uintptr_t address, std::size_t size, std::uint8_t flags) noexcept {
  each_page(address, size, [&](const part& one) {
    page& at = claim(one.page);
    at.seen |= flags;
    if (one.whole()) {
      at.every |= flags;
    } else {
      change(at.flags, one.from, one.to, 0xff, flags);
    }
    return false;
  });
}

void shadow_memory::clear(std::uintptr_t address, std::size_t size, std::uint8_t flags) noexcept {
  const auto kept = static_cast<std::uint8_t>(~flags);
  each_page(address, size, [&](const part& one) {
    page& at = record_of(one.page);
    if (at.epoch != detail::shadow_epoch || (at.seen & flags) == 0) return false;
    if (const auto spread = static_cast<std::uint8_t>(at.every & flags); spread != 0) {
      at.every &= kept;
      if (!one.whole()) change(at.flags, 0, granules_per_page, 0xff, spread);
    }
    change(at.flags, one.from, one.to, kept, 0);
    if (one.whole()) at.seen &= kept;
    return false;
  });
}

// Once in 65,535 executions.
void shadow_memory::clear_all_cells() noexcept {
  detail::cells_execution = 1;
  for (std::uint32_t number = 1; number < used_records; ++number) {
    access_cell* const cells = cells_of(number);
    for (std::size_t i = 0; i < granules_per_page; ++i) cells[i] = {};
  }
}

void shadow_memory::forget_cells(std::uintptr_t address, std::size_t size) noexcept {
  each_page(address, size, [&](const part& one) {
    const page& at = record_of(one.page);
    if (at.number == 0) return false;
    access_cell* const cells = cells_of(at.number);
    for (std::size_t i = one.from; i < one.to; ++i) cells[i].read = 0;
    return false;
  });
}

void shadow_memory::release(std::uintptr_t address, std::size_t size) noexcept {
  each_page(address, size, [&](const part& one) {
    std::uint32_t& entry = entry_of(one.page);
    if (entry == 0 || !one.whole()) return false;
    page& at = record_of(one.page);
    at.epoch = 0;
    at.next_free = first_free;
    first_free = at.number;
    ++free_records;
    entry = 0;
    return false;
  });
}

std::size_t shadow_memory::pages_in_use() noexcept {
  return used_records - 1 - free_records;
}

}  // namespace heddle::sim
