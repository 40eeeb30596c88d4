#include "race_detector.hpp"

namespace heddle::sim {

namespace {

constexpr std::uint64_t stamp_bits = access_cell::stamp_bits;

bool is_atomic(race_access kind) noexcept {
  return kind == race_access::atomic_load || kind == race_access::atomic_store;
}
bool writes(race_access kind) noexcept {
  return kind == race_access::write || kind == race_access::free || kind == race_access::atomic_store;
}
// Whether two accesses without an order are a race.
bool are_a_race(race_access one, race_access other) noexcept {
  return (writes(one) || writes(other)) && !(is_atomic(one) && is_atomic(other));
}

}  // namespace

bool race_detector::access_slowly(access_cell& first, std::uint16_t execution, const observed_access& now,
                                  const vector_clock& known) {
  if (first.execution() != execution) {
    first = {};
    first.read = execution;
  }
  if (first.bytes() == 0) first.write |= now.bytes;
  std::uint8_t left = now.bytes;
  std::uint32_t last = 0;
  for (std::uint32_t at = 0;;) {
    access_cell* cell = at == 0 ? &first : &cells_[at - 1];
    if (const auto common = static_cast<std::uint8_t>(cell->bytes() & left); common != 0) {
      if (common != cell->bytes()) {
        split(*cell, common);
        cell = at == 0 ? &first : &cells_[at - 1];
      }
      if (examine(*cell, now, known)) return true;
      left = static_cast<std::uint8_t>(left & ~common);
    }
    last = at;
    if (left == 0 || cell->next == 0) break;
    at = cell->next;
  }
  if (left == 0) return false;
  access_cell fresh;
  fresh.write = left;
  enter(fresh, now, known);
  cells_.push_back(fresh);
  (last == 0 ? first : cells_[last - 1]).next = static_cast<std::uint32_t>(cells_.size());
  return false;
}

// The cell keeps `bytes` of its own; the others get one that knows the same.
void race_detector::split(access_cell& cell, std::uint8_t bytes) {
  access_cell rest = cell;
  rest.write = (cell.write & stamp_bits) | static_cast<std::uint8_t>(cell.bytes() & ~bytes);
  rest.read = cell.read & stamp_bits;
  rest.others = 0;
  for (std::uint32_t at = cell.others; at != 0; at = others_[at - 1].next) {
    const other_access one = others_[at - 1];
    add_other(rest, {.stamp = one.stamp, .bytes = 0, .kind = one.kind, .place = one.place});
  }
  cell.write = (cell.write & stamp_bits) | bytes;
  cell.next = static_cast<std::uint32_t>(cells_.size()) + 1;
  cells_.push_back(rest);
}

bool race_detector::examine(access_cell& cell, const observed_access& now, const vector_clock& known) {
  const bool plain = now.kind <= race_access::write;
  if (plain && cell.others == 0 && ordered(cell.write & stamp_bits, known) && ordered(cell.read & stamp_bits, known)) {
    enter_alone(cell, now);
    return false;
  }
  if (races(cell, now, known)) return true;
  enter(cell, now, known);
  return false;
}

bool race_detector::races(const access_cell& cell, const observed_access& now, const vector_clock& known) {
  const std::uint64_t write = cell.write & stamp_bits;
  if (!ordered(write, known)) {
    found(write, race_access::write, cell.write_place, cell.bytes());
    return true;
  }
  const std::uint64_t read = cell.read & stamp_bits;
  if (writes(now.kind) && !ordered(read, known)) {
    found(read, race_access::read, cell.read_place, cell.bytes());
    return true;
  }
  for (std::uint32_t at = cell.others; at != 0; at = others_[at - 1].next) {
    const other_access& one = others_[at - 1];
    if (!are_a_race(one.kind, now.kind) || ordered(one.stamp, known)) continue;
    found(one.stamp, one.kind, one.place, cell.bytes());
    return true;
  }
  return false;
}

void race_detector::enter(access_cell& cell, const observed_access& now, const vector_clock& known) {
  if (is_atomic(now.kind)) return add_other(cell, now);
  if (now.kind == race_access::read) return enter_read(cell, now, known);
  cell.write = now.stamp | cell.bytes();
  cell.write_place = now.place;
  // All others are ordered before this write: whoever is ordered after it is ordered after them.
  cell.read &= ~stamp_bits;
  drop_others(cell);
}

void race_detector::enter_read(access_cell& cell, const observed_access& now, const vector_clock& known) {
  const std::uint64_t before = cell.read & stamp_bits;
  if (!ordered(before, known)) {
    const observed_access one{
        .stamp = before, .bytes = cell.bytes(), .kind = race_access::read, .place = cell.read_place};
    add_other(cell, one);
  }
  cell.read = now.stamp | cell.execution();
  cell.read_place = now.place;
}

// In the place of an earlier one of the same actor and kind.
void race_detector::add_other(access_cell& cell, const observed_access& now) {
  for (std::uint32_t at = cell.others; at != 0; at = others_[at - 1].next) {
    other_access& one = others_[at - 1];
    if (one.kind != now.kind || stamp::actor_of(one.stamp) != stamp::actor_of(now.stamp)) continue;
    one.stamp = now.stamp;
    one.place = now.place;
    return;
  }
  std::uint32_t fresh = free_other_;
  if (fresh != 0) {
    free_other_ = others_[fresh - 1].next;
  } else {
    others_.emplace_back();
    fresh = static_cast<std::uint32_t>(others_.size());
  }
  others_[fresh - 1] = {.stamp = now.stamp, .place = now.place, .next = cell.others, .kind = now.kind};
  cell.others = fresh;
}

void race_detector::drop_others(access_cell& cell) noexcept {
  while (cell.others != 0) {
    other_access& one = others_[cell.others - 1];
    const std::uint32_t next = one.next;
    one.next = free_other_;
    free_other_ = cell.others;
    cell.others = next;
  }
}

}  // namespace heddle::sim
