// malloc and its kin: the arena inside an execution, libc outside. operator new arrives here through
// libstdc++.
#include "../machine/execution.hpp"
#include "../memory/arena.hpp"
#include "real.hpp"

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <malloc.h>

using namespace heddle::sim;

extern "C" {

void* __libc_malloc(size_t size);
void __libc_free(void* block);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

}  // extern "C"

namespace {

void* allocate(size_t size, size_t alignment = 16) noexcept {
  void* const block = execution_memory().allocate(size, alignment);
  if (block == nullptr) errno = ENOMEM;
  return block;
}

void* move_to(void* fresh, const void* old, size_t old_size, size_t size) noexcept {
  if (fresh != nullptr) std::memcpy(fresh, old, old_size < size ? old_size : size);
  return fresh;
}

}  // namespace

extern "C" {

void* malloc(size_t size) noexcept {
  return running() == nullptr ? __libc_malloc(size) : allocate(size);
}

void free(void* block) noexcept {
  if (arena::owns(block)) {
    execution* const machine = running();
    if (machine != nullptr && machine->weak()) machine->forget_history(block, execution_memory().size_of(block));
    execution_memory().release(block);
  } else {
    __libc_free(block);
  }
}

void* calloc(size_t count, size_t size) noexcept {
  if (running() == nullptr) return __libc_calloc(count, size);
  size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* const block = allocate(total);
  return block == nullptr ? nullptr : std::memset(block, 0, total);
}

void* realloc(void* block, size_t size) noexcept {
  const bool inside = running() != nullptr;
  if (block == nullptr) return malloc(size);
  const bool ours = arena::owns(block);
  if (!ours && !inside) return __libc_realloc(block, size);
  if (size == 0) {
    free(block);
    return nullptr;
  }
  // A block keeps its home only when it is resized where it was made.
  const size_t old_size = ours ? execution_memory().size_of(block) : malloc_usable_size(block);
  void* const fresh = move_to(inside ? allocate(size) : __libc_malloc(size), block, old_size, size);
  if (fresh != nullptr) free(block);
  return fresh;
}

void* memalign(size_t alignment, size_t size) noexcept {
  return running() == nullptr ? __libc_memalign(alignment, size) : allocate(size, std::bit_ceil(alignment));
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  return memalign(alignment, size);
}

int posix_memalign(void** result, size_t alignment, size_t size) noexcept {
  if (!std::has_single_bit(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  void* const block = memalign(alignment, size);
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

void* valloc(size_t size) noexcept {
  return memalign(4096, size);
}

void* pvalloc(size_t size) noexcept {
  return memalign(4096, (size + 4095) & ~size_t{4095});
}

size_t malloc_usable_size(void* block) noexcept {
  if (arena::owns(block)) return execution_memory().size_of(block);
  return HEDDLE_REAL(malloc_usable_size)(block);
}

}  // extern "C"
