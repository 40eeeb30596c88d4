// malloc and its kin: the arena inside an execution, libc outside. A block is freed where it was made, wherever
// that is asked for. operator new and delete stand in new_delete.cpp.
#include "allocation.hpp"

#include "../machine/arch.hpp"
#include "../machine/execution.hpp"
#include "../machine/stack_slots.hpp"
#include "real.hpp"

#include <bit>
#include <cerrno>
#include <cstdint>

#include <malloc.h>

using namespace heddle::sim;

extern "C" {

void* __libc_malloc(size_t size);
void __libc_free(void* block);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

}  // extern "C"

namespace heddle::sim {

void* allocate_block(std::size_t size, std::size_t alignment, std::uintptr_t pc) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return alignment > 16 ? __libc_memalign(alignment, size) : __libc_malloc(size);
  void* const block = machine->allocation_fails() ? nullptr : machine->allocate(size, alignment, pc);
  if (block == nullptr) errno = ENOMEM;
  return block;
}

void free_block(void* block, std::uintptr_t pc) noexcept {
  execution* const machine = running();
  if (!arena::owns(block)) {
    if (machine != nullptr && stack_slots::owns(block)) machine->fail_free(block, "free of an address on a stack", pc);
    __libc_free(block);
  } else if (machine != nullptr) {
    machine->release(block, pc);
  } else {
    execution_memory().release_outside(block);
  }
}

}  // namespace heddle::sim

namespace {

// A block keeps its home only when it is resized where it was made, and in an execution it always moves: a pointer
// to where it was is as wrong then as it would be with another allocator.
void* resize_block(void* block, size_t size, std::uintptr_t pc) noexcept {
  if (block == nullptr) return allocate_block(size, 16, pc);
  const bool ours = arena::owns(block);
  if (!ours && running() == nullptr) return __libc_realloc(block, size);
  if (size == 0) {
    free_block(block, pc);
    return nullptr;
  }
  if (ours && !arena::is_live(block)) {
    free_block(block, pc);  // which says what is wrong with it
    return nullptr;
  }
  const size_t old_size = ours ? arena::size_of(block) : malloc_usable_size(block);
  void* const fresh = allocate_block(size, 16, pc);
  if (fresh == nullptr) return nullptr;
  arch::copy(fresh, block, old_size < size ? old_size : size);
  free_block(block, pc);
  return fresh;
}

}  // namespace

extern "C" {

void* malloc(size_t size) noexcept {
  return allocate_block(size, 16, HEDDLE_CALLER);
}

void free(void* block) noexcept {
  if (block != nullptr) free_block(block, HEDDLE_CALLER);
}

void* calloc(size_t count, size_t size) noexcept {
  if (running() == nullptr) return __libc_calloc(count, size);
  size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* const block = allocate_block(total, 16, HEDDLE_CALLER);
  // Up to the next multiple of 16, which is the block's too.
  if (block != nullptr) arch::fill(block, 0, (total + 15) & ~size_t{15});
  return block;
}

void* realloc(void* block, size_t size) noexcept {
  return resize_block(block, size, HEDDLE_CALLER);
}

void* reallocarray(void* block, size_t count, size_t size) noexcept {
  size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    errno = ENOMEM;
    return nullptr;
  }
  return resize_block(block, total, HEDDLE_CALLER);
}

void* memalign(size_t alignment, size_t size) noexcept {
  return allocate_block(size, std::bit_ceil(alignment), HEDDLE_CALLER);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  return allocate_block(size, std::bit_ceil(alignment), HEDDLE_CALLER);
}

int posix_memalign(void** result, size_t alignment, size_t size) noexcept {
  if (!std::has_single_bit(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  void* const block = allocate_block(size, alignment, HEDDLE_CALLER);
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

void* valloc(size_t size) noexcept {
  return allocate_block(size, 4096, HEDDLE_CALLER);
}

void* pvalloc(size_t size) noexcept {
  return allocate_block((size + 4095) & ~size_t{4095}, 4096, HEDDLE_CALLER);
}

size_t malloc_usable_size(void* block) noexcept {
  if (arena::owns(block)) return arena::is_live(block) ? arena::size_of(block) : 0;
  return HEDDLE_REAL(malloc_usable_size)(block);
}

}  // extern "C"
