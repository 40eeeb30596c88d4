// Reversible races of an execution: pairs of transitions whose order could have been the other one.
//
// How it works. Vector clocks give the happens-before order of the transitions, from their threads, from what they
// waited for and from their conflicts. Two of different threads race when they conflict and nothing between them
// orders them. To reverse the race, all that does not depend on the first is done without it, and then the second.
//
// Locks. To take a lock happens after it was given back, but that order cannot be reversed, since the lock cannot be
// taken before; what can be is the order of two who took it. So an acquisition races with earlier ones, and is ordered
// after releases. A transition that takes a lock and goes on does not race with what was done before that lock was
// given back, since it would have waited.
//
// Source: as wakeup_tree.hpp; the treatment of locks is that of its section on processes that disable each other.
#pragma once

#include "strategies/exhaustive/object_map.hpp"
#include "strategies/exhaustive/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace heddle::check {

struct race {
  std::uint32_t first = 0;  // numbers of transitions
  std::uint32_t second = 0;
};

class race_finder {
 public:
  // Computes the clocks of the transitions from number `from` on, and returns their races with earlier ones, until the
  // next call. Those below `from` must be the same as in the call before.
  const std::vector<race>& find(std::span<transition> transitions, std::uint32_t from);

 private:
  struct entry {
    std::uint32_t transition = 0;
    sim::thread_id thread = 0;
    access_kind kind = access_kind::write;
  };
  struct candidate {
    std::uint32_t transition = 0;
    sim::thread_id thread = 0;
    std::uint32_t access = 0;  // of the later transition: its number among those
    bool reversible = false;   // not so the order of a release and an acquisition
  };
  void forget(std::uint32_t from);
  void order(std::span<transition> transitions, std::uint32_t number);
  std::uint32_t number_of(std::uintptr_t object);
  void collect(const transition& later);
  bool had_waited(std::span<const transition> transitions, const candidate& one) const;
  bool can_acquire(std::span<const transition> transitions, std::uint32_t later, const candidate& without);

  object_map<std::uint32_t> numbers_;        // of objects, from 1
  std::vector<std::vector<entry>> history_;  // by object
  std::vector<std::uint32_t> entered_;       // objects of all entries, in order
  std::vector<std::uint32_t> last_;          // by thread: 1 + its last transition
  std::vector<race> races_;

  // Of the transition that is looked at.
  std::vector<std::uint32_t> touched_;  // its objects, by access
  std::vector<candidate> candidates_;
  transition_clock ruled_out_;           // races with these would not be immediate
  std::vector<std::uint32_t> acquired_;  // see can_acquire
};

}  // namespace heddle::check
