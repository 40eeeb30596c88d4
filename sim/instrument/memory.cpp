// Plain memory accesses. Points only at granularity::memory; elsewhere they cost a load and a branch.
#include "../interpose/real.hpp"
#include "../machine/execution.hpp"

#include <cstdint>
#include <cstring>

using namespace heddle::sim;

namespace {

[[gnu::noinline]] void point_at_access(const void* address, operation_kind kind, std::uintptr_t pc) {
  execution* const machine = interleaving();
  if (machine == nullptr) return;
  const object_id id = machine->identity(address, object_kind::word);
  machine->point({.kind = kind, .writes = kind == operation_kind::memory_write, .object = id}, pc);
  if (kind == operation_kind::memory_write) machine->progress();
}

// A plain write to a word with a history of atomic stores, or to what was one: it begins anew.
[[gnu::noinline]] void begin_anew(const void* address, std::size_t size) {
  if (execution* const machine = running()) machine->forget_history(address, size);
}

// Apart from the point and tail-calling it, so that the usual way out saves no register.
[[gnu::always_inline]] inline void at_access(const void* address, operation_kind kind, std::uintptr_t pc) {
  if (__atomic_load_n(&detail::accesses_are_points, __ATOMIC_RELAXED)) [[unlikely]]
    point_at_access(address, kind, pc);
}

[[gnu::always_inline]] inline void at_write(const void* address, std::size_t size, std::uintptr_t pc) {
  if (detail::watched_words.may_touch(reinterpret_cast<std::uintptr_t>(address), size)) [[unlikely]]
    begin_anew(address, size);
  at_access(address, operation_kind::memory_write, pc);
}

}  // namespace

#define HEDDLE_READ(NAME)                                           \
  void NAME(void* address) {                                        \
    at_access(address, operation_kind::memory_read, HEDDLE_CALLER); \
  }
#define HEDDLE_WRITE(NAME, SIZE)            \
  void NAME(void* address) {                \
    at_write(address, SIZE, HEDDLE_CALLER); \
  }
// The _pc forms are for callers that say where the access is.
#define HEDDLE_READ_PC(NAME)                                                               \
  void NAME(void* address, void* pc) {                                                     \
    at_access(address, operation_kind::memory_read, reinterpret_cast<std::uintptr_t>(pc)); \
  }
#define HEDDLE_WRITE_PC(NAME, SIZE)                                \
  void NAME(void* address, void* pc) {                             \
    at_write(address, SIZE, reinterpret_cast<std::uintptr_t>(pc)); \
  }

extern "C" {

HEDDLE_READ(__tsan_read1)
HEDDLE_READ(__tsan_read2)
HEDDLE_READ(__tsan_read4)
HEDDLE_READ(__tsan_read8)
HEDDLE_READ(__tsan_read16)
HEDDLE_READ(__tsan_unaligned_read2)
HEDDLE_READ(__tsan_unaligned_read4)
HEDDLE_READ(__tsan_unaligned_read8)
HEDDLE_READ(__tsan_unaligned_read16)
HEDDLE_READ(__tsan_volatile_read1)
HEDDLE_READ(__tsan_volatile_read2)
HEDDLE_READ(__tsan_volatile_read4)
HEDDLE_READ(__tsan_volatile_read8)
HEDDLE_READ(__tsan_volatile_read16)
HEDDLE_READ(__tsan_unaligned_volatile_read2)
HEDDLE_READ(__tsan_unaligned_volatile_read4)
HEDDLE_READ(__tsan_unaligned_volatile_read8)
HEDDLE_READ(__tsan_unaligned_volatile_read16)
HEDDLE_READ_PC(__tsan_read1_pc)
HEDDLE_READ_PC(__tsan_read2_pc)
HEDDLE_READ_PC(__tsan_read4_pc)
HEDDLE_READ_PC(__tsan_read8_pc)
HEDDLE_READ_PC(__tsan_read16_pc)

HEDDLE_WRITE(__tsan_write1, 1)
HEDDLE_WRITE(__tsan_write2, 2)
HEDDLE_WRITE(__tsan_write4, 4)
HEDDLE_WRITE(__tsan_write8, 8)
HEDDLE_WRITE(__tsan_write16, 16)
HEDDLE_WRITE(__tsan_unaligned_write2, 2)
HEDDLE_WRITE(__tsan_unaligned_write4, 4)
HEDDLE_WRITE(__tsan_unaligned_write8, 8)
HEDDLE_WRITE(__tsan_unaligned_write16, 16)
HEDDLE_WRITE(__tsan_volatile_write1, 1)
HEDDLE_WRITE(__tsan_volatile_write2, 2)
HEDDLE_WRITE(__tsan_volatile_write4, 4)
HEDDLE_WRITE(__tsan_volatile_write8, 8)
HEDDLE_WRITE(__tsan_volatile_write16, 16)
HEDDLE_WRITE(__tsan_unaligned_volatile_write2, 2)
HEDDLE_WRITE(__tsan_unaligned_volatile_write4, 4)
HEDDLE_WRITE(__tsan_unaligned_volatile_write8, 8)
HEDDLE_WRITE(__tsan_unaligned_volatile_write16, 16)
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
HEDDLE_WRITE(__tsan_read_write16, 16)
HEDDLE_WRITE(__tsan_unaligned_read_write2, 2)
HEDDLE_WRITE(__tsan_unaligned_read_write4, 4)
HEDDLE_WRITE(__tsan_unaligned_read_write8, 8)
HEDDLE_WRITE(__tsan_unaligned_read_write16, 16)

void __tsan_read_range(void* address, std::size_t) {
  at_access(address, operation_kind::memory_read, HEDDLE_CALLER);
}
void __tsan_write_range(void* address, std::size_t size) {
  at_write(address, size, HEDDLE_CALLER);
}
void __tsan_read_range_pc(void* address, std::size_t, void* pc) {
  at_access(address, operation_kind::memory_read, reinterpret_cast<std::uintptr_t>(pc));
}
void __tsan_write_range_pc(void* address, std::size_t size, void* pc) {
  at_write(address, size, reinterpret_cast<std::uintptr_t>(pc));
}

void __tsan_vptr_read(void** address) {
  at_access(address, operation_kind::memory_read, HEDDLE_CALLER);
}
void __tsan_vptr_update(void** address, void*) {
  at_write(address, sizeof(void*), HEDDLE_CALLER);
}

void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  at_access(from, operation_kind::memory_read, HEDDLE_CALLER);
  at_write(to, size, HEDDLE_CALLER);
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  at_access(from, operation_kind::memory_read, HEDDLE_CALLER);
  at_write(to, size, HEDDLE_CALLER);
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, std::size_t size) {
  at_write(to, size, HEDDLE_CALLER);
  return std::memset(to, value, size);
}

}  // extern "C"
