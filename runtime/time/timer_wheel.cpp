// Linking, spreading and taking out; see timer_wheel.hpp. Thread safety: none.
#include "time/timer_wheel.hpp"

#include "heddle/runtime/assert.hpp"

#include <algorithm>
#include <bit>
#include <chrono>

namespace heddle::detail {

namespace {

using tick_duration = std::chrono::milliseconds;

constexpr std::uint64_t span = std::uint64_t{1} << (timer_wheel::level_bits * timer_wheel::levels);
constexpr std::uint64_t slot_mask = timer_wheel::slots_per_level - 1;
// How many entries of a slot are looked at for the exact time to wait for.
constexpr int looked_at_max = 8;

// How many ticks a slot of `level` is long, as a power of two.
constexpr std::uint32_t shift_of(std::size_t level) noexcept {
  return static_cast<std::uint32_t>(level) * timer_wheel::level_bits;
}

}  // namespace

timer_wheel::timer_wheel() noexcept {
  for (timer_links& slot : slots_) slot.previous = slot.next = &slot;
}

std::uint64_t timer_wheel::first_tick_after(clock::time_point deadline) noexcept {
  const clock::duration since_epoch = std::max(deadline.time_since_epoch(), clock::duration::zero());
  return static_cast<std::uint64_t>(std::chrono::ceil<tick_duration>(since_epoch).count());
}

std::uint64_t timer_wheel::last_tick_before(clock::time_point now) noexcept {
  return static_cast<std::uint64_t>(std::chrono::floor<tick_duration>(now.time_since_epoch()).count());
}

timer_wheel::clock::time_point timer_wheel::time_of(std::uint64_t tick) noexcept {
  // The last tick is rounded up to beyond what the clock can say.
  if (tick > last_tick_before(clock::time_point::max())) return clock::time_point::max();
  return clock::time_point(tick_duration(static_cast<tick_duration::rep>(tick)));
}

std::size_t timer_wheel::slot_of(std::uint64_t now, std::uint64_t tick) noexcept {
  // At least level 0, at most the highest.
  const std::uint64_t differs = std::min((now ^ tick) | slot_mask, span - 1);
  const auto level = static_cast<std::size_t>(63 - std::countl_zero(differs)) / level_bits;
  return level * slots_per_level + ((tick >> shift_of(level)) & slot_mask);
}

void timer_wheel::insert(timer_entry& entry) noexcept {
  const std::uint64_t tick = first_tick_after(entry.deadline);
  HEDDLE_ASSERT(!entry.is_linked() && tick > now_, "a timer is inserted twice, or too late");
  link(entry, slot_of(now_, tick));
  ++count_;
}

void timer_wheel::remove(timer_entry& entry) noexcept {
  if (!entry.is_linked()) return;
  unlink(entry);
  --count_;
}

std::uint64_t timer_wheel::next_tick() const noexcept {
  expiration first{};
  if (!first_slot(first)) return never;
  const timer_links& slot = slots_[first.slot];
  clock::time_point earliest_deadline = clock::time_point::max();
  int looked_at = 0;
  for (const timer_links* each = slot.next; each != &slot; each = each->next) {
    if (++looked_at > looked_at_max) return first.tick;
    earliest_deadline = std::min(earliest_deadline, static_cast<const timer_entry*>(each)->deadline);
  }
  const std::uint64_t earliest = first_tick_after(earliest_deadline);
  // All of the slot may be there for a later turn of the wheel, and other slots come before that.
  const bool is_of_this_turn = (earliest - first.tick) >> shift_of(first.slot / slots_per_level) == 0;
  return is_of_this_turn ? earliest : first.tick;
}

std::size_t timer_wheel::take_due(std::uint64_t until, timer_entry** due, std::size_t count_max) noexcept {
  expiration first{};
  while (first_slot(first) && first.tick <= until) {
    now_ = first.tick;
    if (first.slot >= slots_per_level) {
      spread(first.slot);
      continue;
    }
    timer_links& slot = slots_[first.slot];
    std::size_t taken = 0;
    while (taken < count_max && slot.next != &slot) {
      due[taken] = static_cast<timer_entry*>(slot.next);
      remove(*due[taken++]);
    }
    return taken;
  }
  now_ = std::max(now_, until);
  return 0;
}

timer_entry* timer_wheel::take_any() noexcept {
  expiration first{};
  if (!first_slot(first)) return nullptr;
  auto* const entry = static_cast<timer_entry*>(slots_[first.slot].next);
  remove(*entry);
  return entry;
}

// The occupied slot that begins first. A lower level's slots come before all of a higher one's.
bool timer_wheel::first_slot(expiration& first) const noexcept {
  for (std::size_t level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) continue;
    const std::uint32_t shift = shift_of(level);
    // Level 0's current slot holds what fires now. Above it, the current slot was spread when it became the current
    // one; what is in it now is a turn of the highest level away.
    const std::uint64_t begin = (now_ >> shift) + (level == 0 ? 0 : 1);
    const auto turned = std::rotr(occupied_[level], static_cast<int>(begin & slot_mask));
    const std::uint64_t found = begin + static_cast<std::uint64_t>(std::countr_zero(turned));
    first.slot = level * slots_per_level + (found & slot_mask);
    first.tick = found << shift;
    return true;
  }
  return false;
}

void timer_wheel::link(timer_entry& entry, std::size_t slot) noexcept {
  timer_links& head = slots_[slot];
  entry.previous = head.previous;
  entry.next = &head;
  head.previous->next = &entry;
  head.previous = &entry;
  occupied_[slot / slots_per_level] |= std::uint64_t{1} << (slot & slot_mask);
}

void timer_wheel::unlink(timer_entry& entry) noexcept {
  entry.previous->next = entry.next;
  entry.next->previous = entry.previous;
  // Only the slot itself is left.
  if (entry.previous == entry.next) {
    const auto slot = static_cast<std::size_t>(entry.next - slots_.data());
    occupied_[slot / slots_per_level] &= ~(std::uint64_t{1} << (slot & slot_mask));
  }
  entry.previous = entry.next = nullptr;
}

// Moves the entries of a slot that begins now to the levels below, or for one that is further away than the wheel
// reaches, to where it goes for the next turn.
void timer_wheel::spread(std::size_t slot) noexcept {
  timer_links& head = slots_[slot];
  timer_links* each = head.next;
  head.previous = head.next = &head;
  occupied_[slot / slots_per_level] &= ~(std::uint64_t{1} << (slot & slot_mask));
  while (each != &head) {
    auto* const entry = static_cast<timer_entry*>(each);
    each = each->next;
    link(*entry, slot_of(now_, first_tick_after(entry->deadline)));
  }
}

}  // namespace heddle::detail
