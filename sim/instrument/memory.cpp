// Plain memory accesses: watched everywhere (see watch.hpp), scheduling points at granularity::memory.
#include "../interpose/real.hpp"
#include "../machine/execution.hpp"
#include "watch.hpp"

#include <cstdint>
#include <cstring>

using namespace heddle::sim;

namespace {

// Of at most 8 bytes, aligned: in one granule.
[[gnu::always_inline]] inline void at_access(const void* address, std::size_t size, access_kind kind,
                                             std::uintptr_t pc) {
  if (running() == nullptr) return;
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  if (is_below_stack_pointer(at, __builtin_frame_address(0))) [[unlikely]]
    return on_access(address, size, kind, pc);
  const std::uint8_t watched = flags_watched(kind);
  // Most pages have no such flag at all, so that is asked first.
  if (shadow_memory::may_have(at, watched) && (shadow_memory::flags_at(at) & watched) != 0) [[unlikely]]
    return on_access(address, size, kind, pc);
  execution* const machine = watching();
  if (machine == nullptr) return;
  if (detail::accesses_are_wanted) [[unlikely]]
    return on_access(address, size, kind, pc);
  if (!machine->has_observed(at, size, race_kind(kind)))
    machine->observe_within_granule(address, size, race_kind(kind), pc);
}

}  // namespace

// In one granule.
#define HEDDLE_READ(NAME, SIZE)                                 \
  void NAME(void* address) {                                    \
    at_access(address, SIZE, access_kind::read, HEDDLE_CALLER); \
  }
#define HEDDLE_WRITE(NAME, SIZE)                                 \
  void NAME(void* address) {                                     \
    at_access(address, SIZE, access_kind::write, HEDDLE_CALLER); \
  }
// In several, perhaps.
#define HEDDLE_READ_ACROSS(NAME, SIZE)                          \
  void NAME(void* address) {                                    \
    on_access(address, SIZE, access_kind::read, HEDDLE_CALLER); \
  }
#define HEDDLE_WRITE_ACROSS(NAME, SIZE)                          \
  void NAME(void* address) {                                     \
    on_access(address, SIZE, access_kind::write, HEDDLE_CALLER); \
  }
// The _pc forms are for callers that say where the access is.
#define HEDDLE_READ_PC(NAME, SIZE)                                                     \
  void NAME(void* address, void* pc) {                                                 \
    on_access(address, SIZE, access_kind::read, reinterpret_cast<std::uintptr_t>(pc)); \
  }
#define HEDDLE_WRITE_PC(NAME, SIZE)                                                     \
  void NAME(void* address, void* pc) {                                                  \
    on_access(address, SIZE, access_kind::write, reinterpret_cast<std::uintptr_t>(pc)); \
  }

extern "C" {

HEDDLE_READ(__tsan_read1, 1)
HEDDLE_READ(__tsan_read2, 2)
HEDDLE_READ(__tsan_read4, 4)
HEDDLE_READ(__tsan_read8, 8)
HEDDLE_READ_ACROSS(__tsan_read16, 16)
HEDDLE_READ_ACROSS(__tsan_unaligned_read2, 2)
HEDDLE_READ_ACROSS(__tsan_unaligned_read4, 4)
HEDDLE_READ_ACROSS(__tsan_unaligned_read8, 8)
HEDDLE_READ_ACROSS(__tsan_unaligned_read16, 16)
HEDDLE_READ(__tsan_volatile_read1, 1)
HEDDLE_READ(__tsan_volatile_read2, 2)
HEDDLE_READ(__tsan_volatile_read4, 4)
HEDDLE_READ(__tsan_volatile_read8, 8)
HEDDLE_READ_ACROSS(__tsan_volatile_read16, 16)
HEDDLE_READ_ACROSS(__tsan_unaligned_volatile_read2, 2)
HEDDLE_READ_ACROSS(__tsan_unaligned_volatile_read4, 4)
HEDDLE_READ_ACROSS(__tsan_unaligned_volatile_read8, 8)
HEDDLE_READ_ACROSS(__tsan_unaligned_volatile_read16, 16)
HEDDLE_READ_PC(__tsan_read1_pc, 1)
HEDDLE_READ_PC(__tsan_read2_pc, 2)
HEDDLE_READ_PC(__tsan_read4_pc, 4)
HEDDLE_READ_PC(__tsan_read8_pc, 8)
HEDDLE_READ_PC(__tsan_read16_pc, 16)

HEDDLE_WRITE(__tsan_write1, 1)
HEDDLE_WRITE(__tsan_write2, 2)
HEDDLE_WRITE(__tsan_write4, 4)
HEDDLE_WRITE(__tsan_write8, 8)
HEDDLE_WRITE_ACROSS(__tsan_write16, 16)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_write2, 2)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_write4, 4)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_write8, 8)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_write16, 16)
HEDDLE_WRITE(__tsan_volatile_write1, 1)
HEDDLE_WRITE(__tsan_volatile_write2, 2)
HEDDLE_WRITE(__tsan_volatile_write4, 4)
HEDDLE_WRITE(__tsan_volatile_write8, 8)
HEDDLE_WRITE_ACROSS(__tsan_volatile_write16, 16)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_volatile_write2, 2)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_volatile_write4, 4)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_volatile_write8, 8)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_volatile_write16, 16)
HEDDLE_WRITE_PC(__tsan_write1_pc, 1)
HEDDLE_WRITE_PC(__tsan_write2_pc, 2)
HEDDLE_WRITE_PC(__tsan_write4_pc, 4)
HEDDLE_WRITE_PC(__tsan_write8_pc, 8)
HEDDLE_WRITE_PC(__tsan_write16_pc, 16)

// clang's compound form: read, then written, as of one value.
HEDDLE_WRITE(__tsan_read_write1, 1)
HEDDLE_WRITE(__tsan_read_write2, 2)
HEDDLE_WRITE(__tsan_read_write4, 4)
HEDDLE_WRITE(__tsan_read_write8, 8)
HEDDLE_WRITE_ACROSS(__tsan_read_write16, 16)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_read_write2, 2)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_read_write4, 4)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_read_write8, 8)
HEDDLE_WRITE_ACROSS(__tsan_unaligned_read_write16, 16)

// The access itself as well, of <sanitizer/common_interface_defs.h>.
#define HEDDLE_UNALIGNED(BITS)                                                       \
  std::uint##BITS##_t __sanitizer_unaligned_load##BITS(const void* address) {        \
    on_access(address, BITS / 8, access_kind::read, HEDDLE_CALLER);                  \
    std::uint##BITS##_t value = 0;                                                   \
    std::memcpy(&value, address, sizeof value);                                      \
    return value;                                                                    \
  }                                                                                  \
  void __sanitizer_unaligned_store##BITS(void* address, std::uint##BITS##_t value) { \
    on_access(address, BITS / 8, access_kind::write, HEDDLE_CALLER);                 \
    std::memcpy(address, &value, sizeof value);                                      \
  }
HEDDLE_UNALIGNED(16)
HEDDLE_UNALIGNED(32)
HEDDLE_UNALIGNED(64)

void __tsan_read_range(void* address, std::size_t size) {
  on_access(address, size, access_kind::read, HEDDLE_CALLER);
}
void __tsan_write_range(void* address, std::size_t size) {
  on_access(address, size, access_kind::write, HEDDLE_CALLER);
}
void __tsan_read_range_pc(void* address, std::size_t size, void* pc) {
  on_access(address, size, access_kind::read, reinterpret_cast<std::uintptr_t>(pc));
}
void __tsan_write_range_pc(void* address, std::size_t size, void* pc) {
  on_access(address, size, access_kind::write, reinterpret_cast<std::uintptr_t>(pc));
}

void __tsan_vptr_read(void** address) {
  at_access(address, sizeof(void*), access_kind::read, HEDDLE_CALLER);
}
// A constructor or destructor that stores what is there already has changed nothing: destructors of classes that only
// inherit do so while others may still call.
void __tsan_vptr_update(void** address, void* value) {
  if (running() == nullptr || *address == value) return;
  at_access(address, sizeof(void*), access_kind::write, HEDDLE_CALLER);
}

void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  on_access(from, size, access_kind::read, HEDDLE_CALLER);
  on_access(to, size, access_kind::write, HEDDLE_CALLER);
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  on_access(from, size, access_kind::read, HEDDLE_CALLER);
  on_access(to, size, access_kind::write, HEDDLE_CALLER);
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, std::size_t size) {
  on_access(to, size, access_kind::write, HEDDLE_CALLER);
  return std::memset(to, value, size);
}

}  // extern "C"
