// Call stacks by number: where blocks were allocated and freed.
//
// How it works. A stack is kept once, however often it occurs: programs allocate from few places, and the same
// ones in each execution. Open addressing on a hash of the frames leads to the number, which a block's header
// has room for; two stacks with one hash of 64 bits are taken for the same. Nothing is ever forgotten, so a number
// stays good; memory for it is reserved once and touched as it is used.
//
// Thread safety: the machine's OS thread only.
//
// Limits: the innermost 16 frames of a stack; 65,535 different stacks in the life of a process, after which
// further ones have the number 0 and a report says less.
#pragma once

#include "heddle/sim/operation.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class stack_depot {
 public:
  static constexpr std::uint32_t frames_max = 16;
  static constexpr std::uint32_t stacks_max = 65'535;

  struct entry {
    thread_id thread;
    std::uint32_t depth;
    std::uintptr_t frames[frames_max];  // return addresses, innermost first
  };

  // The number of the stack that is at `pc`, called from the sites in [base, top), innermost last; 0 when the depot
  // is full.
  std::uint32_t add(thread_id thread, std::uintptr_t pc, const std::uintptr_t* base,
                    const std::uintptr_t* top) noexcept;
  // Null for the number 0.
  const entry* find(std::uint32_t number) const noexcept { return number == 0 ? nullptr : &entries_[number]; }

 private:
  static constexpr std::uint32_t slots_max = 2 * (stacks_max + 1);

  void reserve() noexcept;

  struct slot {
    std::uint64_t hash;
    std::uint32_t number;  // 0: free
  };

  slot* slots_ = nullptr;
  entry* entries_ = nullptr;  // by number
  std::uint32_t used_ = 0;
};

// The one depot of the process.
stack_depot& allocation_stacks() noexcept;

}  // namespace heddle::sim
