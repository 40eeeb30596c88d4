// operator new and delete in all forms. libstdc++'s would do, as they call malloc and free; these tell reports
// the line of the new expression, where malloc would see only libstdc++.
//
// They are weak: a program that replaces them keeps its own, which reach the machine through malloc.
#include "allocation.hpp"
#include "real.hpp"

#include <cstddef>
#include <new>

using heddle::sim::allocate_block;
using heddle::sim::free_block;

namespace {

constexpr std::size_t usual_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

void* allocate_or_throw(std::size_t size, std::size_t alignment, std::uintptr_t pc) {
  for (;;) {
    if (void* const block = allocate_block(size, alignment, pc); block != nullptr) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc{};
    handler();
  }
}

void* allocate_or_null(std::size_t size, std::size_t alignment, std::uintptr_t pc) noexcept {
  try {
    return allocate_or_throw(size, alignment, pc);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void free_any(void* block, std::uintptr_t pc) noexcept {
  if (block != nullptr) free_block(block, pc);
}

}  // namespace

#define HEDDLE_NEW(NAME)                                                                                   \
  [[gnu::weak]] void* NAME(std::size_t size) {                                                             \
    return allocate_or_throw(size, usual_alignment, HEDDLE_CALLER);                                        \
  }                                                                                                        \
  [[gnu::weak]] void* NAME(std::size_t size, const std::nothrow_t&) noexcept {                             \
    return allocate_or_null(size, usual_alignment, HEDDLE_CALLER);                                         \
  }                                                                                                        \
  [[gnu::weak]] void* NAME(std::size_t size, std::align_val_t alignment) {                                 \
    return allocate_or_throw(size, static_cast<std::size_t>(alignment), HEDDLE_CALLER);                    \
  }                                                                                                        \
  [[gnu::weak]] void* NAME(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept { \
    return allocate_or_null(size, static_cast<std::size_t>(alignment), HEDDLE_CALLER);                     \
  }

#define HEDDLE_DELETE(NAME)                                                                \
  [[gnu::weak]] void NAME(void* block) noexcept {                                          \
    free_any(block, HEDDLE_CALLER);                                                        \
  }                                                                                        \
  [[gnu::weak]] void NAME(void* block, const std::nothrow_t&) noexcept {                   \
    free_any(block, HEDDLE_CALLER);                                                        \
  }                                                                                        \
  [[gnu::weak]] void NAME(void* block, std::size_t) noexcept {                             \
    free_any(block, HEDDLE_CALLER);                                                        \
  }                                                                                        \
  [[gnu::weak]] void NAME(void* block, std::align_val_t) noexcept {                        \
    free_any(block, HEDDLE_CALLER);                                                        \
  }                                                                                        \
  [[gnu::weak]] void NAME(void* block, std::align_val_t, const std::nothrow_t&) noexcept { \
    free_any(block, HEDDLE_CALLER);                                                        \
  }                                                                                        \
  [[gnu::weak]] void NAME(void* block, std::size_t, std::align_val_t) noexcept {           \
    free_any(block, HEDDLE_CALLER);                                                        \
  }

HEDDLE_NEW(operator new)
HEDDLE_NEW(operator new[])
HEDDLE_DELETE(operator delete)
HEDDLE_DELETE(operator delete[])
