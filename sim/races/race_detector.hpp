// Data races: two accesses to the same bytes, one of them a write, one of them plain, and nothing that orders them.
//
// How it works. Each plain access of instrumented code, and each atomic operation, is compared with what the granule's
// cells know of earlier ones. An earlier access is ordered before this one if the actor's clock has reached its
// time; if it is not, no schedule of these synchronisations would have ordered them, whatever the order in which
// they were executed here. A write that is ordered after all others makes them forgotten; one reader is kept in the
// cell itself, further ones, and atomic operations by actor, in a list.
//
// Actors are threads, and tasks on a multi-thread runtime; the memory model has their clocks.
//
// Invariant: of each byte, every access that could still race with one to come is known. After a race that is gone on
// after, the earlier access is one of the list.
//
// Source: Flanagan, Freund, "FastTrack: Efficient and Precise Dynamic Race Detection", PLDI 2009. Deviations: bytes
// instead of variables, atomic operations of C++, a list of readers instead of a vector.
//
// Thread safety: the machine's OS thread only. Limits: 65,535 actors in one execution.
#pragma once

#include "../machine/host_memory.hpp"
#include "../memory/access_cell.hpp"
#include "../memory_model/vector_clock.hpp"

#include <cstdint>

namespace heddle::sim {

enum class race_access : std::uint8_t { read, write, free, atomic_load, atomic_store };

// One access to bytes of one granule.
struct observed_access {
  std::uint64_t stamp = 0;
  std::uint8_t bytes = 0;
  race_access kind = race_access::read;
  std::uint32_t place = 0;
};

// An earlier access that nothing orders before the one at hand.
struct conflicting_access {
  actor_id actor = 0;
  race_access kind = race_access::read;
  std::uint32_t time = 0;  // the actor's own
  std::uint32_t place = 0;
  std::uint8_t bytes = 0;  // of it, those both touch
};

class race_detector {
 public:
  // With room for a small execution's records, so that it does not ask for more.
  race_detector() {
    cells_.reserve(1U << 10);
    others_.reserve(1U << 10);
  }

  void begin_execution() noexcept {
    cells_.clear();
    others_.clear();
    free_other_ = 0;
    lists_writes_ = false;
  }

  // Whether the actor of the stamp has made the same access to the cell's bytes at the same time of its own, or instead
  // of a read a write: what would race with this one races with that.
  [[gnu::always_inline]] static bool repeats(const access_cell& cell, std::uint8_t bytes, std::uint64_t stamp,
                                             race_access kind) noexcept {
    const bool wrote = (cell.write & access_cell::stamp_bits) == stamp;
    const bool did = kind == race_access::read ? wrote || (cell.read & access_cell::stamp_bits) == stamp : wrote;
    return did && kind <= race_access::write && (bytes & ~cell.bytes()) == 0;
  }
  // The same, of any of the granule's cells. REQUIRES: they are of the running execution.
  bool repeats_any(const access_cell& first, const observed_access& now) const noexcept {
    for (const access_cell* cell = &first;; cell = &cells_[cell->next - 1]) {
      if (repeats(*cell, now.bytes, now.stamp, now.kind)) return true;
      if (cell->next == 0) return false;
    }
  }

  // Enters the access; true when it races with an earlier one, which is then in `conflict()`.
  // REQUIRES: it is none of kind free, which free_races() is for.
  [[gnu::always_inline]] bool access(access_cell& first, std::uint16_t execution, const observed_access& now,
                                     const vector_clock& known) {
    access_cell* const cell = exact_cell(first, execution, now.bytes);
    if (cell != nullptr) {
      if (now.kind <= race_access::write && is_alone(*cell, known)) {
        enter_alone(*cell, now);
        return false;
      }
      // It races with plain writes alone.
      if (now.kind == race_access::atomic_load && !lists_writes_ &&
          ordered(cell->write & access_cell::stamp_bits, known)) {
        add_other(*cell, now);
        return false;
      }
    }
    return access_slowly(first, execution, now, known);
  }
  // The cell of exactly these bytes, if there is one. A first cell of an earlier execution is taken for it.
  [[gnu::always_inline]] access_cell* exact_cell(access_cell& first, std::uint16_t execution,
                                                 std::uint8_t bytes) noexcept {
    if (first.execution() != execution) first = {.write = bytes, .read = execution};
    for (access_cell* cell = &first;; cell = &cells_[cell->next - 1]) {
      if (cell->bytes() == bytes) return cell;
      if (cell->next == 0) return nullptr;
    }
  }
  // Whether a plain access to the cell's bytes is ordered after all that it knows. Most memory is touched by one actor
  // at a time, and always in the same pieces.
  static bool is_alone(const access_cell& cell, const vector_clock& known) noexcept {
    return cell.others == 0 && ordered(cell.write & access_cell::stamp_bits, known) &&
           ordered(cell.read & access_cell::stamp_bits, known);
  }
  // A plain access after which nothing earlier matters.
  static void enter_alone(access_cell& cell, const observed_access& now) noexcept {
    if (now.kind == race_access::read) {
      cell.read = now.stamp | cell.execution();
      cell.read_place = now.place;
    } else {
      cell.write = now.stamp | cell.bytes();
      cell.write_place = now.place;
      cell.read = cell.execution();
    }
  }
  // Whether freeing these bytes races with an access to them, which is then in `conflict()`.
  // REQUIRES: the cells are of the running execution.
  bool free_races(const access_cell& first, std::uint8_t bytes, const vector_clock& known) {
    for (const access_cell* cell = &first;; cell = &cells_[cell->next - 1]) {
      if ((cell->bytes() & bytes) != 0 && races(*cell, {.kind = race_access::free}, known)) return true;
      if (cell->next == 0) return false;
    }
  }

  // What access() or free_races() found, or look_at() was given.
  const conflicting_access& conflict() const noexcept { return conflict_; }

  // All earlier accesses that this one races with: access() and free_races() stop at the first. Valid until the next
  // call. REQUIRES: one of them has just found one.
  const host_vector<conflicting_access>& conflicts_of(const access_cell& first, const observed_access& now,
                                                      const vector_clock& known);
  void look_at(const conflicting_access& one) noexcept { conflict_ = one; }
  // Enters an access in spite of what it races with, which stays known: later ones are compared with both.
  // REQUIRES: access() has just found a race.
  void enter_beside(access_cell& first, std::uint16_t execution, const observed_access& now, const vector_clock& known);

 private:
  struct other_access {
    std::uint64_t stamp = 0;
    std::uint32_t place = 0;
    std::uint32_t next = 0;  // 1 + its place, or 0
    race_access kind = race_access::read;
  };

  // What becomes of an access that races with an earlier one.
  enum class race_policy : std::uint8_t { stop, enter };
  bool access_slowly(access_cell& first, std::uint16_t execution, const observed_access& now, const vector_clock& known,
                     race_policy policy = race_policy::stop);
  static bool ordered(std::uint64_t earlier, const vector_clock& known) noexcept {
    return earlier == 0 || known.at(stamp::actor_of(earlier)) >= stamp::time_of(earlier);
  }
  bool examine(access_cell& cell, const observed_access& now, const vector_clock& known);
  bool races(const access_cell& cell, const observed_access& now, const vector_clock& known);
  // Calls `found` with each earlier access that races with this one, until it returns true; whether it did.
  template <typename Found>
  static bool each_conflict(const access_cell& cell, const host_vector<other_access>& others,
                            const observed_access& now, const vector_clock& known, Found found);
  void enter_and_keep(access_cell& cell, const observed_access& now, const vector_clock& known);
  void enter(access_cell& cell, const observed_access& now, const vector_clock& known);
  void enter_read(access_cell& cell, const observed_access& now, const vector_clock& known);
  void add_other(access_cell& cell, const observed_access& now);
  void drop_others(access_cell& cell) noexcept;
  void split(access_cell& cell, std::uint8_t bytes);

  host_vector<access_cell> cells_;  // beyond the first of a granule
  host_vector<other_access> others_;
  std::uint32_t free_other_ = 0;  // 1 + its place, or 0
  bool lists_writes_ = false;     // plain ones are among others_
  conflicting_access conflict_;
  host_vector<conflicting_access> conflicts_;
};

}  // namespace heddle::sim
