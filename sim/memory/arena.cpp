#include "arena.hpp"

#include "../machine/arch.hpp"
#include "../machine/fatal.hpp"
#include "../machine/never_destroyed.hpp"
#include "shadow.hpp"

#include <bit>

#include <sys/mman.h>

namespace heddle::sim {

namespace {

constinit never_destroyed<arena> the_arena;

std::size_t least(std::size_t a, std::size_t b) noexcept {
  return a < b ? a : b;
}

}  // namespace

arena& execution_memory() noexcept {
  return the_arena.value;
}

// ---------------------------------------------------------------- from one execution to the next

void arena::reserve() noexcept {
  void* const wanted = reinterpret_cast<void*>(base_address);
  void* const region = mmap(wanted, region_size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (region != wanted) fatal("cannot reserve 64 GiB of addresses for the memory of executions");
  reserved_ = true;
}

void arena::begin_execution(std::size_t quarantine_bytes_max) noexcept {
  if (!reserved_) reserve();
  for (std::uint32_t i = 0; i <= highest_class_; ++i) free_[i] = nullptr;
  highest_class_ = 0;
  oldest_freed_ = newest_freed_ = nullptr;
  quarantined_bytes_ = 0;
  quarantine_bytes_max_ = quarantine_bytes_max;
  if (next_ - base_address > touched_) touched_ = next_ - base_address;
  if (bytes_used() > used_max_) used_max_ = bytes_used();
  if (live_blocks() != 0) leave_behind();
  allocated_ = 0;
  released_elsewhere_.store(0, std::memory_order_relaxed);
  if (left_behind_bytes_ >= look_through_at_) look_through_survivors();
  if (++executions_ % trim_interval == 0) trim();
  next_ = start_.load(std::memory_order_relaxed);
}

void arena::leave_behind() noexcept {
  const std::uintptr_t start = start_.load(std::memory_order_relaxed);
  const std::uintptr_t end = (next_ + page - 1) & ~(page - 1);
  left_behind_.push_back({.begin = start, .end = end});
  left_behind_bytes_ += end - start;
  start_.store(end, std::memory_order_relaxed);
}

void arena::trim() noexcept {
  const std::size_t used = start_.load(std::memory_order_relaxed) - base_address + used_max_;
  const std::size_t keep = (used + page - 1) & ~(page - 1);
  used_max_ = 0;
  if (touched_ < keep + trim_min) return;
  madvise(reinterpret_cast<void*>(base_address + keep), touched_ - keep, MADV_DONTNEED);
  touched_ = keep;
}

// ---------------------------------------------------------------- blocks

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

arena::header* arena::header_of(const void* block) noexcept {
  auto address = reinterpret_cast<std::uintptr_t>(block);
  if (address % minimum_alignment != 0 || address < base_address + sizeof(header)) return nullptr;
  const auto* const before = reinterpret_cast<const shifted*>(address) - 1;
  if (before->check == check_of(address, shifted_salt)) address -= before->offset;
  auto* const head = reinterpret_cast<header*>(address) - 1;
  return is_header(head) ? head : nullptr;
}

// Of a block of the execution by the machine's OS thread: no other frees it, unless the program is wrong.
void arena::set_state(header& of, block_state now) noexcept {
  __atomic_store_n(&of.state, static_cast<std::uint8_t>(now), __ATOMIC_RELEASE);
}

arena::block_state arena::state_of(const header& of) noexcept {
  return static_cast<block_state>(__atomic_load_n(&of.state, __ATOMIC_ACQUIRE));
}

bool arena::is_live(const void* block) noexcept {
  const header* const head = header_of(block);
  return head != nullptr && state_of(*head) == block_state::live;
}

arena::extent arena::extent_of(const void* block) noexcept {
  const header& head = *header_of(block);
  return {.address = head.payload(), .size = class_size(head.size_class)};
}

arena::header& arena::take_reused(std::uint32_t size_class) noexcept {
  header& reused = *free_[size_class];
  free_[size_class] = reused.next;
  shadow_memory::clear(reused.payload(), class_size(size_class), granule_flag::freed);
  return reused;
}

arena::header& arena::take_fresh(std::uint32_t size_class) noexcept {
  const std::size_t size = class_size(size_class);
  if (sizeof(header) + size > limit_.load(std::memory_order_relaxed) - next_) {
    fatal("the memory of executions is used up: 64 GiB of addresses for what one uses and what others left behind");
  }
  auto& fresh = *reinterpret_cast<header*>(next_);
  next_ += sizeof(header) + size;
  fresh.check = check_of(fresh.payload(), plain_salt);
  fresh.size_class = static_cast<std::uint8_t>(size_class);
  arch::fill(reinterpret_cast<void*>(fresh.payload()), pattern, least(size, filled_max));
  return fresh;
}

arena::allocation arena::allocate(std::size_t size, std::size_t alignment, std::uint32_t stack) noexcept {
  if (size > region_size / 2 || alignment > (std::size_t{1} << 30)) return {.block = nullptr, .reused = false};
  const std::size_t padding = alignment > minimum_alignment ? alignment : 0;
  const std::uint32_t size_class = class_of(size + padding);
  const bool reused = free_[size_class] != nullptr;
  header& head = reused ? take_reused(size_class) : take_fresh(size_class);
  head.size = size;
  head.allocated_at = stack;
  head.freed_at = 0;
  set_state(head, block_state::live);
  ++allocated_;
  const std::uintptr_t payload = head.payload();
  const std::uintptr_t address = padding == 0 ? payload : (payload + alignment - 1) & ~(alignment - 1);
  if (address != payload) {
    reinterpret_cast<shifted*>(address)[-1] = {
        .check = check_of(address, shifted_salt), .offset = static_cast<std::uint32_t>(address - payload), .unused = 0};
  }
  return {.block = reinterpret_cast<void*>(address), .reused = reused};
}

arena::release_result arena::release(void* block, std::uint32_t stack) noexcept {
  header* const head = header_of(block);
  if (!is_current(block)) {
    if (head != nullptr) set_state(*head, block_state::freed);
    return release_result::survivor;
  }
  if (head == nullptr) return release_result::not_a_block;
  if (state_of(*head) != block_state::live) return release_result::freed_before;
  head->coroutine = coroutine_of(*head);
  set_state(*head, block_state::freed);
  --allocated_;
  head->freed_at = stack;
  const std::size_t size = class_size(head->size_class);
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(block) - head->payload();
  arch::fill(block, pattern, least(size - offset, filled_max));
  shadow_memory::set(head->payload(), size, granule_flag::freed);
  enqueue(*head);
  return release_result::released;
}

void arena::release_outside(void* block) noexcept {
  header* const head = header_of(block);
  if (head == nullptr) return;
  const auto freed = static_cast<std::uint8_t>(block_state::freed);
  if (__atomic_exchange_n(&head->state, freed, __ATOMIC_ACQ_REL) == freed) return;
  if (is_current(block)) released_elsewhere_.fetch_add(1, std::memory_order_relaxed);
}

void arena::enqueue(header& freed) noexcept {
  freed.next = nullptr;
  (newest_freed_ != nullptr ? newest_freed_->next : oldest_freed_) = &freed;
  newest_freed_ = &freed;
  quarantined_bytes_ += sizeof(header) + class_size(freed.size_class);
  while (quarantined_bytes_ > quarantine_bytes_max_) {
    header& oldest = *oldest_freed_;
    oldest_freed_ = oldest.next;
    if (oldest_freed_ == nullptr) newest_freed_ = nullptr;
    quarantined_bytes_ -= sizeof(header) + class_size(oldest.size_class);
    if (oldest.size_class > highest_class_) highest_class_ = oldest.size_class;
    oldest.next = free_[oldest.size_class];
    free_[oldest.size_class] = &oldest;
  }
}

arena::view arena::block_around(std::uintptr_t address) const noexcept {
  view found;
  each_block({.begin = start_.load(std::memory_order_relaxed), .end = next_}, [&](const header& one) {
    const std::uintptr_t payload = one.payload();
    if (address < payload || address - payload > class_size(one.size_class)) return;
    found = {.address = payload,
             .size = one.size,
             .allocated_at = one.allocated_at,
             .freed_at = one.freed_at,
             .coroutine = coroutine_of(one)};
  });
  return found;
}

coroutine_state arena::coroutine_of(const header& of) noexcept {
  if (state_of(of) == block_state::freed) return of.coroutine;
  return coroutine_at(reinterpret_cast<const void*>(of.payload()), of.size);
}

live_block arena::live(const header& of) noexcept {
  return {.begin = of.payload(),
          .end = of.payload() + class_size(of.size_class),
          .size = of.size,
          .allocated_at = of.allocated_at};
}

host_vector<live_block> arena::blocks() const {
  host_vector<live_block> all;
  each_block({.begin = start_.load(std::memory_order_relaxed), .end = next_}, [&](const header& one) {
    if (state_of(one) == block_state::live) all.push_back(live(one));
  });
  return all;
}

}  // namespace heddle::sim
