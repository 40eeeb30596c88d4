// Where virtual threads live: slots of address space, each a guard, a stack, a shadow call stack and
// the thread's record.
//
//   slot i:  | guard | stack, growing down ... | record | thread-locals | shadow call stack, growing up |
//
// Thread-local variables that do not fit there stand at a base of their own.
//
// A thread that asks for more stack than a slot has runs on one of the large stacks, which stand at a base of
// their own, each below its guard's end:  | guard | stack, growing down |.
//
// Slots stand at a fixed base address, mapped when first used and kept for the process: an execution
// makes no system call for them, and the same thread of the same execution always has the same stack
// addresses. Pages are touched only as far as they are used.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

struct stack_slots {
  static constexpr std::uintptr_t lowest_address = 0x2000'0000'0000;  // of all that is said here
  static constexpr std::size_t guard_size = 64 * 1024;
  static constexpr std::size_t stack_size = 1024 * 1024;
  static constexpr std::size_t record_size = 64 * 1024;  // the record and the thread-local variables
  static constexpr std::size_t shadow_size = 512 * 1024;
  static constexpr std::size_t slot_size = 2 * 1024 * 1024;
  static constexpr std::uint32_t slots_max = 65'535;
  static_assert(guard_size + stack_size + record_size + shadow_size <= slot_size);

  // Maps slots up to `index` where that has not been done. Aborts with a message when memory is out.
  static void ensure_mapped(std::uint32_t index);

  static std::byte* guard_of(std::uint32_t index) noexcept { return base() + std::size_t{index} * slot_size; }
  static std::byte* stack_top_of(std::uint32_t index) noexcept {
    return guard_of(index) + guard_size + stack_size - colour_of(index);
  }
  static std::byte* record_of(std::uint32_t index) noexcept { return stack_top_of(index); }
  // Memory for the thread-local variables of the slot's thread: `size` bytes at a multiple of `alignment`, the same for
  // all slots. REQUIRES: size <= variables_max and alignment <= variables_alignment_max.
  static std::byte* variables_of(std::uint32_t index, std::size_t size, std::size_t alignment, std::size_t record);
  static constexpr std::size_t variables_max = 64 * 1024 * 1024;
  static constexpr std::size_t variables_alignment_max = 4096;
  static constexpr std::size_t shadow_capacity = shadow_size / sizeof(std::uintptr_t);
  // The shadow call stack of the thread whose record stands at `record`.
  static std::uintptr_t* shadow_of(const void* record) noexcept {
    return reinterpret_cast<std::uintptr_t*>(reinterpret_cast<std::uintptr_t>(record) + record_size);
  }

  // Large stacks, numbered from 1; a thread may have all of one or less.
  static constexpr std::size_t large_size = 256 * 1024 * 1024;
  static void ensure_large_mapped(std::uint32_t number);
  static std::byte* large_guard_of(std::uint32_t number) noexcept {
    return reinterpret_cast<std::byte*>(std::uintptr_t{0x2900'0000'0000}) +
           std::size_t{number - 1} * (large_size + guard_size);
  }
  static std::byte* large_top_of(std::uint32_t number) noexcept {
    return large_guard_of(number) + guard_size + large_size - colour_of(number);
  }

  // The slot whose record stands at `record`; a number beyond all slots for any other address.
  static std::uint32_t slot_of_record(const void* record) noexcept {
    const std::uintptr_t distance = reinterpret_cast<std::uintptr_t>(record) - reinterpret_cast<std::uintptr_t>(base());
    const auto slot = static_cast<std::uint32_t>(distance / slot_size < slots_max ? distance / slot_size : slots_max);
    return slot < slots_max && record_of(slot) == record ? slot : slots_max;
  }

  // The slot that the address is in. REQUIRES: owns(address).
  static std::uint32_t slot_around(std::uintptr_t address) noexcept {
    return static_cast<std::uint32_t>((address - reinterpret_cast<std::uintptr_t>(base())) / slot_size);
  }

  // Whether it is an address of any slot.
  static bool owns(const void* address) noexcept {
    const std::uintptr_t distance =
        reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(base());
    return distance < std::size_t{slots_max} * slot_size;
  }

  // Whether `address` lies in the guard that ends at `stack_bottom`.
  static bool in_guard_below(const std::byte* stack_bottom, const void* address) noexcept {
    const auto* at = static_cast<const std::byte*>(address);
    return at >= stack_bottom - guard_size && at < stack_bottom;
  }

 private:
  static std::byte* large_variables_of(std::uint32_t index) noexcept {
    return reinterpret_cast<std::byte*>(lowest_address) + std::size_t{index} * variables_max;
  }

  // Slots lie at multiples of a large power of two; without a shift their tops would all compete for the
  // same few lines of the cache.
  static constexpr std::size_t colour_of(std::uint32_t index) noexcept { return (index % 32) * (33 * 64); }

  static std::byte* base() noexcept { return reinterpret_cast<std::byte*>(std::uintptr_t{0x2a00'0000'0000}); }
};

}  // namespace heddle::sim
