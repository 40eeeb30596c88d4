#include "arena.hpp"

#include "../machine/execution.hpp"
#include "../machine/fatal.hpp"

#include <bit>

#include <sys/mman.h>

namespace heddle::sim {

namespace {
constinit arena the_arena;
}

arena& execution_memory() noexcept {
  return the_arena;
}

void arena::reserve() noexcept {
  void* const wanted = reinterpret_cast<void*>(base_address);
  void* const region = mmap(wanted, region_size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (region != wanted) fatal("cannot reserve 64 GiB of addresses for the memory of executions");
  reserved_ = true;
}

void arena::begin_execution() noexcept {
  if (!reserved_) reserve();
  for (std::uint32_t i = 0; i <= highest_class_; ++i) free_[i] = nullptr;
  highest_class_ = 0;
  std::uintptr_t start = start_.load(std::memory_order_relaxed);
  if (live_blocks() != 0) start = (next_ + page - 1) & ~(page - 1);
  start_.store(start, std::memory_order_relaxed);
  allocated_ = 0;
  released_elsewhere_.store(0, std::memory_order_relaxed);
  next_ = start;
}

std::uint32_t arena::class_of(std::size_t size) noexcept {
  if (size <= small_max) return static_cast<std::uint32_t>((size + 15) / 16);
  // Four classes to each power of two.
  const std::size_t power = static_cast<std::size_t>(std::bit_width(size - 1)) - 1;
  const std::size_t quarter = (size - 1 - (std::size_t{1} << power)) >> (power - 2);
  return static_cast<std::uint32_t>(small_max / 16 + 1 + 4 * (power - 10) + quarter);
}

std::size_t arena::class_size(std::uint32_t size_class) noexcept {
  if (size_class <= small_max / 16) return std::size_t{size_class == 0 ? 1 : size_class} * 16;
  const std::size_t index = size_class - small_max / 16 - 1;
  const std::size_t power = index / 4 + 10;
  return (std::size_t{1} << power) + ((index % 4 + 1) << (power - 2));
}

void* arena::take(std::uint32_t size_class) noexcept {
  if (free_block* const reused = free_[size_class]; reused != nullptr) {
    free_[size_class] = reused->next;
    return reused;
  }
  const std::uintptr_t raw = next_;
  const std::size_t size = sizeof(header) + class_size(size_class);
  if (size > base_address + region_size - raw) {
    fatal(
        "the memory of executions is used up: 64 GiB of addresses; each schedule leaves blocks behind that cannot be "
        "reused");
  }
  next_ = raw + size;
  return reinterpret_cast<void*>(raw + sizeof(header));
}

void* arena::allocate(std::size_t size, std::size_t alignment) noexcept {
  if (size > region_size / 2 || alignment > region_size / 4) return nullptr;
  const std::size_t padding = alignment > minimum_alignment ? alignment : 0;
  const std::uint32_t size_class = class_of(size + padding);
  void* const raw = take(size_class);
  auto address = reinterpret_cast<std::uintptr_t>(raw);
  if (padding != 0) address = (address + alignment - 1) & ~(alignment - 1);
  void* const block = reinterpret_cast<void*>(address);
  header_of(block) = {.size = size,
                      .size_class = size_class,
                      .offset = static_cast<std::uint32_t>(address - reinterpret_cast<std::uintptr_t>(raw))};
  ++allocated_;
  return block;
}

void arena::release(void* block) noexcept {
  // A survivor of an earlier execution: its addresses are not handed out again.
  if (reinterpret_cast<std::uintptr_t>(block) < start_.load(std::memory_order_relaxed)) return;
  if (running() == nullptr) {
    released_elsewhere_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  --allocated_;
  const header& head = header_of(block);
  auto* const freed = reinterpret_cast<free_block*>(static_cast<std::byte*>(block) - head.offset);
  if (head.size_class > highest_class_) highest_class_ = head.size_class;
  freed->next = free_[head.size_class];
  free_[head.size_class] = freed;
}

}  // namespace heddle::sim
