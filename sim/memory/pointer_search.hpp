// Which blocks can be reached: a conservative search for their addresses, as leak checkers do it.
//
// How it works. Every word of the memory that is looked in, at multiples of 4 bytes, is taken for a pointer when it is
// an address within a block, its interior included. So are words with something else in the 16 bits that addresses of
// user space leave free, above or below: that is where counted and tagged pointers keep the rest. A block that was
// reached is looked in by `follow`.
//
// The end of a block does not count: it is the address of the next header, which the arena's own records hold.
//
// Thread safety: the machine's OS thread, outside of executions.
//
// Limits: a pointer that is encrypted, compressed to fewer bits, or kept in a file, in shared memory or by the kernel
// is not seen.
#pragma once

#include "../machine/host_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace heddle::sim {

struct memory_range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

// A block that is alive.
struct live_block {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;          // of all that its user may use
  std::size_t size = 0;            // as asked for
  std::uint32_t allocated_at = 0;  // number of the stack
  bool of_this_execution = false;  // in a list with others
  bool reached = false;
  live_block* next_pending = nullptr;  // of those that were reached and not looked in
};

class pointer_search {
 public:
  // The blocks are sorted by address; there is one at least.
  explicit pointer_search(host_vector<live_block>& blocks)
      : blocks_(blocks), low_(blocks.front().begin - 1), span_(blocks.back().end - low_), unreached_(blocks.size()) {}

  // Reaches what the memory leads to.
  void look_in(memory_range memory) {
    each_target(memory, [this](live_block& one) { reach(one); });
  }
  // Follows what was reached until there is no more.
  void follow() {
    while (pending_ != nullptr) {
      const live_block& one = *pending_;
      pending_ = one.next_pending;
      look_in({.begin = one.begin, .end = one.end});
    }
  }
  bool reached_all() const noexcept { return unreached_ == 0; }

  // Calls `visit(block)` for each word that is the address of one.
  template <typename Visit>
  void each_target(memory_range memory, Visit visit) const {
    constexpr std::uintptr_t step = 4;
    for (std::uintptr_t at = (memory.begin + step - 1) & ~(step - 1); at + sizeof(std::uintptr_t) <= memory.end;
         at += step) {
      // Volatile: no matter what the compiler thinks is there.
      const std::uintptr_t word = reinterpret_cast<const volatile unaligned_word*>(at)->value;
      for (const std::uintptr_t address : {word & low_bits, word >> (64 - address_bits)}) {
        if (address - low_ >= span_) continue;
        if (live_block* const found = block_around(address)) visit(*found);
      }
    }
  }

  // The block that the address is in, or null.
  live_block* block_around(std::uintptr_t address) const noexcept {
    const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), address,
                                        [](std::uintptr_t value, const live_block& one) { return value < one.begin; });
    if (after == blocks_.begin()) return nullptr;
    live_block& one = *std::prev(after);
    return address < one.end ? &one : nullptr;
  }

 private:
  static constexpr unsigned address_bits = 48;
  static constexpr std::uintptr_t low_bits = (std::uintptr_t{1} << address_bits) - 1;
  struct [[gnu::packed, gnu::may_alias]] unaligned_word {
    std::uintptr_t value;
  };

  void reach(live_block& one) noexcept {
    if (one.reached) return;
    one.reached = true;
    --unreached_;
    one.next_pending = pending_;
    pending_ = &one;
  }

  host_vector<live_block>& blocks_;
  // Just before the first block: this object stands in memory that is looked in.
  const std::uintptr_t low_;
  const std::uintptr_t span_;
  std::size_t unreached_;
  live_block* pending_ = nullptr;
};

// Looks in the static variables of all loaded modules, without a system call, and follows.
void search_modules(pointer_search& from);

// Looks in the modules and in all private memory that the process can write to, but the machine's own, what is unused
// of the caller's stack, and files (debug information, mostly); and follows, until everything is reached. False where
// that cannot be done, and then nothing can be said of what was not reached: with other OS threads, which go on
// changing memory, and with more than 16 GiB of it (ordinary sanitizers).
bool search_process(pointer_search from);

}  // namespace heddle::sim
