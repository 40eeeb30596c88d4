#include "explore/distinct.hpp"

#include <algorithm>
#include <bit>

namespace heddle::check {

distinct_schedules::distinct_schedules(std::uint64_t expected, std::size_t limit)
    : limit_(limit),
      slots_(std::bit_ceil(std::max<std::uint64_t>(slots_min, 2 * std::min<std::uint64_t>(expected, limit))), 0) {}

std::uint64_t& distinct_schedules::find(std::uint64_t hash) noexcept {
  std::size_t slot = slot_of(hash);
  while (slots_[slot] != 0 && (slots_[slot] & ~seen_again) != hash) slot = (slot + 1) & (slots_.size() - 1);
  return slots_[slot];
}

void distinct_schedules::insert_pending() {
  if (pending_ == 0 || full_) return;
  std::uint64_t& slot = find(pending_);
  if (slot == 0) {
    slot = pending_;
    ++count_;
    ++once_;
    last_new_ = added_;
  } else if ((slot & seen_again) == 0) {
    slot |= seen_again;
    --once_;
  }
  ++added_;
  pending_ = 0;
  if (count_ == limit_) full_ = true;
  if (!full_ && 2 * count_ > slots_.size()) grow();
}

void distinct_schedules::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2, 0);
  old.swap(slots_);
  for (const std::uint64_t hash : old) {
    if (hash != 0) find(hash & ~seen_again) = hash;
  }
}

}  // namespace heddle::check
