// What the allocation functions of C and of C++ have in common.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

// From the arena inside an execution, from libc outside. Null, and errno set, when there is none.
// `alignment` is a power of two; `pc` is where it was asked for.
void* allocate_block(std::size_t size, std::size_t alignment, std::uintptr_t pc) noexcept;

// Where it was made. Fails the running execution when it cannot be freed. REQUIRES: not null.
void free_block(void* block, std::uintptr_t pc) noexcept;

}  // namespace heddle::sim
