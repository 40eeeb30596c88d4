#include "stack_depot.hpp"

#include "../machine/fatal.hpp"

#include <array>

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

// Odd numbers without a pattern, one for each frame: a sum of products needs no product to wait for another.
constexpr std::array<std::uint64_t, stack_depot::frames_max + 1> multipliers = [] {
  std::array<std::uint64_t, stack_depot::frames_max + 1> made{};
  std::uint64_t state = 0x9e37'79b9'7f4a'7c15u;
  for (std::uint64_t& one : made) {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    one = (state ^ (state >> 29)) | 1;
  }
  return made;
}();

}  // namespace

stack_depot& allocation_stacks() noexcept {
  return the_depot;
}

void stack_depot::reserve() noexcept {
  slots_ = map_array<slot>(slots_max);
  entries_ = map_array<entry>(stacks_max + 1);
}

std::uint32_t stack_depot::add(thread_id thread, std::uintptr_t pc, const std::uintptr_t* base,
                               const std::uintptr_t* top) noexcept {
  if (slots_ == nullptr) [[unlikely]]
    reserve();
  const std::uintptr_t* const end = top - base < frames_max - 1 ? base : top - (frames_max - 1);
  std::uint64_t hash = pc * multipliers[0] + thread * multipliers[frames_max];
  std::uint32_t depth = 1;
  for (const std::uintptr_t* frame = top; frame != end; ++depth) hash += *--frame * multipliers[depth];
  hash ^= hash >> 32;
  std::size_t at = hash % slots_max;
  for (; slots_[at].number != 0; at = (at + 1) % slots_max) {
    if (slots_[at].hash == hash) return slots_[at].number;
  }
  if (used_ == stacks_max) return 0;
  slots_[at] = {.hash = hash, .number = ++used_};
  entry& fresh = entries_[used_];
  fresh.thread = thread;
  fresh.depth = depth;
  fresh.frames[0] = pc;
  for (std::uint32_t i = 1; i < depth; ++i) fresh.frames[i] = *--top;
  return used_;
}

}  // namespace heddle::sim
