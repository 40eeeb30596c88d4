// Where the blocks of tasks come from: a few of each size that a thread has freed are kept for the next ones it makes.
//
// How it works. A thread keeps blocks in lists, one for each size that malloc tells apart, and takes them from there.
// It is asked for no lock and no atomic operation, and what was freed last is still in the processor's cache. All
// blocks are those of the global operator new, so that it does not matter which thread frees one, nor whether it keeps
// it. Where an allocator watches over what is freed, nothing is kept: in checked builds, whose machine has memory of
// its own, and in programs with a sanitizer, whichever of their translation units it instruments.
//
// Thread safety. Any thread.
//
// Limits. What one thread frees and another one makes goes through the global allocator. A thread keeps up to 128
// blocks of each size, and none above 520 bytes, until it ends.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"

#include <cstddef>
#include <new>

namespace heddle::detail {

class frame_pool {
 public:
#if !HEDDLE_CHECKED
  // A block of at least so many bytes, aligned as by operator new. Throws std::bad_alloc.
  static void* allocate(std::size_t bytes);
  // REQUIRES: it was allocated with the same size.
  static void free(void* block, std::size_t bytes) noexcept;
#else
  // Part of the caller, so that the place of the allocation is its.
  HEDDLE_INHERITS_CODE static void* allocate(std::size_t bytes) { return ::operator new(bytes); }
  HEDDLE_INHERITS_CODE static void free(void* block, std::size_t) noexcept { ::operator delete(block); }
#endif

  // Blocks that this thread keeps of that size.
  static std::size_t kept(std::size_t bytes) noexcept;
  // How many it keeps at most.
  static constexpr std::size_t kept_max = 128;
};

}  // namespace heddle::detail
