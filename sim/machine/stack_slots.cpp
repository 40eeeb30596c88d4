#include "stack_slots.hpp"

#include "fatal.hpp"

#include <sys/mman.h>

namespace heddle::sim {

namespace {
constinit std::uint32_t mapped_slots = 0;
constinit std::uint32_t mapped_large = 0;
constinit std::uint32_t mapped_variables = 0;
}  // namespace

void stack_slots::ensure_mapped(std::uint32_t index) {
  for (; mapped_slots <= index; ++mapped_slots) {
    std::byte* at = guard_of(mapped_slots);
    void* slot =
        mmap(at, slot_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (slot != at) fatal("cannot map the stack of a virtual thread: out of address space or of memory maps");
    if (mprotect(at + guard_size, slot_size - guard_size, PROT_READ | PROT_WRITE) != 0) {
      fatal("cannot map the stack of a virtual thread: out of memory or of memory maps");
    }
  }
}

void stack_slots::ensure_large_mapped(std::uint32_t number) {
  for (; mapped_large < number; ++mapped_large) {
    std::byte* at = large_guard_of(mapped_large + 1);
    void* stack = mmap(at, guard_size + large_size, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (stack != at) fatal("cannot map a large stack: out of address space or of memory maps");
    if (mprotect(at + guard_size, large_size, PROT_READ | PROT_WRITE) != 0) {
      fatal("cannot map a large stack: out of memory or of memory maps");
    }
  }
}

std::byte* stack_slots::variables_of(std::uint32_t index, std::size_t size, std::size_t alignment, std::size_t record) {
  constexpr std::size_t line = 64;
  const std::size_t after_record = (record + line - 1) & ~(line - 1);
  if (alignment <= line && after_record + size <= record_size) return record_of(index) + after_record;
  for (; mapped_variables <= index; ++mapped_variables) {
    std::byte* const at = large_variables_of(mapped_variables);
    void* const memory = mmap(at, variables_max, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory != at) fatal("cannot map the thread_local variables of a virtual thread: out of address space");
  }
  return large_variables_of(index);
}

}  // namespace heddle::sim
