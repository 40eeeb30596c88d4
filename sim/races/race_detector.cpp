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
                                  const vector_clock& known, race_policy policy) {
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
      if (policy == race_policy::enter) {
        enter_and_keep(*cell, now, known);
      } else if (examine(*cell, now, known)) {
        return true;
      }
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

template <typename Found>
bool race_detector::each_conflict(const access_cell& cell, const host_vector<other_access>& others,
                                  const observed_access& now, const vector_clock& known, Found found) {
  const auto tell = [&](std::uint64_t stamp, race_access kind, std::uint32_t place) {
    return found(conflicting_access{.actor = stamp::actor_of(stamp),
                                    .kind = kind,
                                    .time = stamp::time_of(stamp),
                                    .place = place,
                                    .bytes = cell.bytes()});
  };
  const std::uint64_t write = cell.write & stamp_bits;
  if (!ordered(write, known) && tell(write, race_access::write, cell.write_place)) return true;
  const std::uint64_t read = cell.read & stamp_bits;
  if (writes(now.kind) && !ordered(read, known) && tell(read, race_access::read, cell.read_place)) return true;
  for (std::uint32_t at = cell.others; at != 0; at = others[at - 1].next) {
    const other_access& one = others[at - 1];
    if (!are_a_race(one.kind, now.kind) || ordered(one.stamp, known)) continue;
    if (tell(one.stamp, one.kind, one.place)) return true;
  }
  return false;
}

bool race_detector::races(const access_cell& cell, const observed_access& now, const vector_clock& known) {
  return each_conflict(cell, others_, now, known, [this](const conflicting_access& one) {
    conflict_ = one;
    return true;
  });
}

const host_vector<conflicting_access>& race_detector::conflicts_of(const access_cell& first, const observed_access& now,
                                                                   const vector_clock& known) {
  conflicts_.clear();
  for (const access_cell* cell = &first;; cell = &cells_[cell->next - 1]) {
    if ((cell->bytes() & now.bytes) != 0) {
      each_conflict(*cell, others_, now, known, [this](const conflicting_access& one) {
        conflicts_.push_back(one);
        return false;
      });
    }
    if (cell->next == 0) return conflicts_;
  }
}

void race_detector::enter_beside(access_cell& first, std::uint16_t execution, const observed_access& now,
                                 const vector_clock& known) {
  access_slowly(first, execution, now, known, race_policy::enter);
}

// What is not ordered before a write that takes its place moves to the list.
void race_detector::enter_and_keep(access_cell& cell, const observed_access& now, const vector_clock& known) {
  if (now.kind != race_access::write) return enter(cell, now, known);
  host_vector<observed_access> kept;
  const auto keep = [&](std::uint64_t stamp, race_access kind, std::uint32_t place) {
    if (!ordered(stamp, known)) kept.push_back({.stamp = stamp, .bytes = 0, .kind = kind, .place = place});
  };
  for (std::uint32_t at = cell.others; at != 0; at = others_[at - 1].next) {
    keep(others_[at - 1].stamp, others_[at - 1].kind, others_[at - 1].place);
  }
  // Last, as they are the newest of their actors.
  keep(cell.write & stamp_bits, race_access::write, cell.write_place);
  keep(cell.read & stamp_bits, race_access::read, cell.read_place);
  enter(cell, now, known);
  for (const observed_access& one : kept) {
    add_other(cell, one);
    lists_writes_ = lists_writes_ || one.kind == race_access::write;
  }
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
