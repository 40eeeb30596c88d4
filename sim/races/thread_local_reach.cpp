#include "thread_local_reach.hpp"

#include <algorithm>
#include <cstring>

namespace heddle::sim {

std::size_t thread_local_reach::block_of(std::uintptr_t address) const noexcept {
  const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), address,
                                      [](std::uintptr_t at, const live_block& one) { return at < one.begin; });
  if (after == blocks_.begin()) return none;
  const auto found = std::prev(after);
  return address < found->end ? static_cast<std::size_t>(found - blocks_.begin()) : none;
}

void thread_local_reach::follow(const void* begin, std::size_t size) {
  const auto* at = static_cast<const std::byte*>(begin);
  for (; size >= sizeof(std::uintptr_t) && looked_at_ < bytes_max; at += sizeof(std::uintptr_t)) {
    std::uintptr_t word = 0;
    std::memcpy(&word, at, sizeof word);
    size -= sizeof word;
    looked_at_ += sizeof word;
    if (!arena::owns(reinterpret_cast<const void*>(word))) continue;
    const std::size_t block = block_of(word);
    if (block == none || reached_[block] != 0) continue;
    reached_[block] = 1;
    waiting_.push_back(block);
  }
}

bool thread_local_reach::contains(const tls_layout& layout, std::byte* variables, std::uintptr_t address) {
  const std::size_t wanted = block_of(address);
  if (wanted == none) return false;
  layout.for_each(variables, [this](const void* begin, std::size_t size) { follow(begin, size); });
  while (!waiting_.empty() && reached_[wanted] == 0) {
    const live_block& next = blocks_[waiting_.back()];
    waiting_.pop_back();
    follow(reinterpret_cast<const void*>(next.begin), next.end - next.begin);
  }
  return reached_[wanted] != 0;
}

}  // namespace heddle::sim
