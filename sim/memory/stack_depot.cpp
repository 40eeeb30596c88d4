#include "stack_depot.hpp"

#include "../machine/fatal.hpp"

#include <sys/mman.h>

namespace heddle::sim {

namespace {

constinit stack_depot the_depot;

template <typename T>
T* map_array(std::size_t count) noexcept {
  void* const memory =
      mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) fatal("out of memory for the call stacks of allocations");
  return static_cast<T*>(memory);
}

bool same(const stack_depot::entry& a, const stack_depot::entry& b) noexcept {
  if (a.thread != b.thread || a.depth != b.depth) return false;
  for (std::uint32_t i = 0; i < a.depth; ++i) {
    if (a.frames[i] != b.frames[i]) return false;
  }
  return true;
}

}  // namespace

stack_depot& allocation_stacks() noexcept {
  return the_depot;
}

void stack_depot::reserve() noexcept {
  numbers_ = map_array<std::uint32_t>(slots);
  entries_ = map_array<entry>(stacks_max + 1);
}

std::uint32_t stack_depot::add(thread_id thread, std::uintptr_t pc, const std::uintptr_t* base,
                               const std::uintptr_t* top) noexcept {
  if (numbers_ == nullptr) [[unlikely]]
    reserve();
  entry one;
  one.thread = thread;
  one.depth = 1;
  one.frames[0] = pc;
  std::uint64_t hash = (pc ^ thread) * 0x9e37'79b9'7f4a'7c15u;
  while (top != base && one.depth < frames_max) {
    one.frames[one.depth++] = *--top;
    hash = (hash ^ *top ^ (hash >> 29)) * 0x9e37'79b9'7f4a'7c15u;
  }
  auto at = static_cast<std::uint32_t>(hash >> 32) % slots;
  for (; numbers_[at] != 0; at = (at + 1) % slots) {
    if (same(entries_[numbers_[at]], one)) return numbers_[at];
  }
  if (used_ == stacks_max) return 0;
  numbers_[at] = ++used_;
  entries_[used_] = one;
  return used_;
}

}  // namespace heddle::sim
