#include "explore/distinct.hpp"

#include <algorithm>
#include <bit>

namespace heddle::check {

distinct_schedules::distinct_schedules(std::uint64_t expected, std::size_t limit)
    : limit_(limit),
      slots_(std::bit_ceil(std::max<std::uint64_t>(slots_min, 2 * std::min<std::uint64_t>(expected, limit))), 0) {}

bool distinct_schedules::insert(std::uint64_t hash) noexcept {
  std::size_t slot = slot_of(hash);
  while (slots_[slot] != 0) {
    if (slots_[slot] == hash) return false;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  slots_[slot] = hash;
  return true;
}

void distinct_schedules::insert_pending() {
  if (pending_ == 0 || full_) return;
  if (insert(pending_)) ++count_;
  pending_ = 0;
  if (count_ == limit_) full_ = true;
  if (!full_ && 2 * count_ > slots_.size()) grow();
}

void distinct_schedules::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2, 0);
  old.swap(slots_);
  for (const std::uint64_t hash : old) {
    if (hash != 0) insert(hash);
  }
}

}  // namespace heddle::check
