// A set of states, by their hashes: open addressing with linear probing and a load of at most one half, so 16 to 32
// bytes for each. Its order never shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::check {

class state_set {
 public:
  bool contains(std::uint64_t hash) const noexcept { return slots_[slot_of(hash)] != 0; }
  // Whether it was not there before.
  bool insert(std::uint64_t hash) {
    const std::size_t slot = slot_of(hash);
    if (slots_[slot] != 0) return false;
    slots_[slot] = as_kept(hash);
    if (2 * ++count_ > slots_.size()) grow();
    return true;
  }
  std::size_t size() const noexcept { return count_; }

 private:
  static constexpr std::size_t slots_min = 1024;

  static std::uint64_t as_kept(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }
  // Where the hash is, or would be.
  std::size_t slot_of(std::uint64_t hash) const noexcept {
    hash = as_kept(hash);
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & mask;
    return slot;
  }
  void grow() {
    std::vector<std::uint64_t> old(2 * slots_.size());
    old.swap(slots_);
    for (const std::uint64_t hash : old) {
      if (hash != 0) slots_[slot_of(hash)] = hash;
    }
  }

  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(slots_min);  // 0: free; their number a power of two
  std::size_t count_ = 0;
};

}  // namespace heddle::check
