// What an access of the program is checked for: memory that was freed, data races, and an atomic whose history a plain
// write ends.
//
// How it works. All are flags or cells of the shadow memory; an access to memory without them costs its look-up. A
// check stands behind the scheduling point of the access, if it has one: at the point another thread may free the
// memory.
#pragma once

#include "../machine/execution.hpp"
#include "../memory/shadow.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

enum class access_kind : std::uint8_t { read, write, atomic };

constexpr race_access race_kind(access_kind kind) noexcept {
  return kind == access_kind::read ? race_access::read : race_access::write;
}

// The whole of a plain access of the calling thread, to any range: at granularity::memory a scheduling point, then the
// checks. Nothing outside an execution.
void on_access(const void* address, std::size_t size, access_kind kind, std::uintptr_t pc);

// Tells the observer of a plain access, by the words of 8 bytes that it is to.
void tell_access(execution& machine, const void* address, std::size_t size, access_kind kind);

// The flags that matter to an access.
constexpr std::uint8_t flags_watched(access_kind kind) noexcept {
  return kind == access_kind::write ? granule_flag::freed | granule_flag::history : granule_flag::freed;
}

// An access to a range where some granule has a watched flag. Does not return when it is freed memory.
void on_flagged_access(execution& machine, const void* address, std::size_t size, access_kind kind, std::uintptr_t pc);

// Whether the address is below the stack pointer of the function that called this one's: `frame` is the
// __builtin_frame_address of the callback, which keeps its own frame pointer and where it returns to in between.
[[gnu::always_inline]] inline bool is_below_stack_pointer(std::uintptr_t address, const void* frame) noexcept {
  constexpr std::size_t looked_at = std::size_t{1} << 20;
  return reinterpret_cast<std::uintptr_t>(frame) + 2 * sizeof(void*) - 1 - address < looked_at;
}

// Before an access of at most 8 bytes that lies in one granule.
[[gnu::always_inline]] inline void watch_granule(execution& machine, const void* address, std::size_t size,
                                                 access_kind kind, std::uintptr_t pc) {
  if ((shadow_memory::flags_at(reinterpret_cast<std::uintptr_t>(address)) & flags_watched(kind)) != 0) [[unlikely]]
    on_flagged_access(machine, address, size, kind, pc);
}

// Before any access.
inline void watch_range(execution& machine, const void* address, std::size_t size, access_kind kind,
                        std::uintptr_t pc) {
  if (shadow_memory::any(reinterpret_cast<std::uintptr_t>(address), size, flags_watched(kind))) [[unlikely]]
    on_flagged_access(machine, address, size, kind, pc);
}

}  // namespace heddle::sim
