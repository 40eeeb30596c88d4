// The execution's memory: same decisions, same addresses, and late reuse.
//
// How it works. A reserved stretch of addresses is handed out by size class, each block behind a 32-byte header.
// A freed block is filled with a pattern, marked in the shadow memory, and put at the end of a queue; when the
// queue holds more than its limit, its oldest blocks may be handed out again. Each execution starts where the
// last one did when nothing of that is left alive.
//
// Blocks that outlive their execution (function-local statics, caches, whatever a failed execution dropped, leaks)
// stay valid: the next execution then starts behind them, on a new page. When what was left behind that way has
// grown large, survivors.cpp looks which of it the program can still reach, gives the rest back, and
// chooses a new stretch. Freeing a survivor is harmless.
//
// Thread safety: allocation, and release inside an execution, by the machine's OS thread only. `release` outside
// from any thread and at any time.
//
// Invariants.
//   1. The blocks of an execution, freed or not, stand one behind the other from `start` to `next`.
//   2. An execution makes no system call here, nor does its beginning, apart from a rare one that gives memory back.
//
// Limits: 64 GiB of addresses. A block that no pointer leads to any more may be taken back between executions, see
// survivors.cpp.
#pragma once

#include "../machine/host_memory.hpp"
#include "coroutine_frame.hpp"
#include "pointer_search.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class arena {
 public:
  // What freed memory, and the beginning of fresh memory, is filled with. No pointer made of it is an address.
  static constexpr std::uint8_t pattern = 0xdf;
  // Bytes of a block that are filled; so many bound the cost for a large one.
  static constexpr std::size_t filled_max = 4096;
  // What executions leave behind before it is looked through.
  static constexpr std::size_t left_behind_max = std::size_t{64} << 20;

  // Starts an execution, with a queue of freed blocks of so many bytes.
  void begin_execution(std::size_t quarantine_bytes_max) noexcept;

  // A block; null when `size` is absurd. `alignment` is a power of two, `stack` the number of the caller's.
  struct allocation {
    void* block;
    bool reused;  // its memory was another block's in this execution
  };
  allocation allocate(std::size_t size, std::size_t alignment, std::uint32_t stack) noexcept;

  enum class release_result : std::uint8_t { released, survivor, freed_before, not_a_block };
  // Inside an execution. REQUIRES: owns(block).
  release_result release(void* block, std::uint32_t stack) noexcept;
  // Outside, where a block that is none, or freed before, may be what an abandoned execution left: it is passed over.
  // REQUIRES: owns(block).
  void release_outside(void* block) noexcept;

  static bool owns(const void* block) noexcept {
    return reinterpret_cast<std::uintptr_t>(block) - base_address < region_size;
  }
  // Whether it is a block that was handed out and not freed. REQUIRES: owns(block).
  static bool is_live(const void* block) noexcept;
  // As asked for. REQUIRES: is_live(block).
  static std::size_t size_of(const void* block) noexcept { return header_of(block)->size; }
  // All that its user may have touched, beginning before the block when it is aligned. REQUIRES: it was allocated.
  struct extent {
    std::uintptr_t address;
    std::size_t size;
  };
  static extent extent_of(const void* block) noexcept;

  // A block of the running or last execution, as reports show it.
  struct view {
    std::uintptr_t address = 0;
    std::size_t size = 0;
    std::uint32_t allocated_at = 0;  // numbers of stacks
    std::uint32_t freed_at = 0;
    coroutine_state coroutine = coroutine_state::no_coroutine;  // whose frame it is, or was when it was freed
  };
  // The block that `address` is in or at the end of; its address is 0 if there is none. Takes time in
  // proportion to the number of blocks.
  view block_around(std::uintptr_t address) const noexcept;
  // Those that have not been freed, by address. Takes time in proportion to the number of blocks.
  host_vector<live_block> blocks() const;
  // The same and those of earlier executions.
  host_vector<live_block> all_blocks() const;

  // Blocks of the current or last execution that are alive.
  std::size_t live_blocks() const noexcept { return allocated_ - released_elsewhere_.load(std::memory_order_relaxed); }
  // Addresses from the start of the current or last execution's blocks to their end.
  std::size_t bytes_used() const noexcept { return next_ - start_.load(std::memory_order_relaxed); }
  // Addresses that executions before the current one left behind and that have not been looked through.
  std::size_t bytes_left_behind() const noexcept { return left_behind_bytes_; }

  // Neither half of an address is a small number, so that a pair of those is not taken for one.
  static constexpr std::uintptr_t base_address = 0x2b07'a53c'0000;
  static constexpr std::size_t region_size = std::size_t{64} << 30;

 private:
  static constexpr std::size_t minimum_alignment = 16;
  static constexpr std::size_t small_max = 1024;  // sizes up to here have classes 16 bytes apart
  static constexpr std::size_t class_count = small_max / 16 + 4 * 40;
  static constexpr std::size_t page = 4096;
  static constexpr std::uint64_t trim_interval = 1024;  // executions
  static constexpr std::size_t trim_min = std::size_t{16} << 20;

  enum class block_state : std::uint8_t { live = 1, freed = 2 };

  struct header {
    header* next;         // in the queue or a list of free ones
    std::size_t size;     // as asked for
    std::uint32_t check;  // tells a header from other bytes
    std::uint8_t size_class;
    std::uint8_t state;         // a block_state; any thread may free a block outside executions
    coroutine_state coroutine;  // whose frame it was when it was freed
    std::uint8_t unused;
    std::uint32_t allocated_at;
    std::uint32_t freed_at;

    std::uintptr_t payload() const noexcept { return reinterpret_cast<std::uintptr_t>(this + 1); }
  };
  static_assert(sizeof(header) == 2 * minimum_alignment);

  // Before a block whose alignment moved it away from its header.
  struct shifted {
    std::uint32_t check;
    std::uint32_t offset;  // from the payload
    std::uint64_t unused;
  };
  static_assert(sizeof(shifted) == minimum_alignment);

  static std::uint32_t check_of(std::uintptr_t block, std::uint32_t salt) noexcept {
    return (static_cast<std::uint32_t>(block >> 4) * 0x9e37'79b1u) ^ salt;
  }
  static constexpr std::uint32_t plain_salt = 0x6865'6464;
  static constexpr std::uint32_t shifted_salt = 0x6c65'6421;

  // The header of a block, or null for any other address of the arena.
  static header* header_of(const void* block) noexcept;
  static bool is_header(const header* at) noexcept { return at->check == check_of(at->payload(), plain_salt); }
  static void set_state(header& of, block_state now) noexcept;
  static block_state state_of(const header& of) noexcept;
  static std::uint32_t class_of(std::size_t size) noexcept;
  static std::size_t class_size(std::uint32_t size_class) noexcept;

  // Calls `visit(header)` for the blocks of a range, as far as their headers are intact.
  template <typename Visit>
  static void each_block(memory_range of, Visit visit) {
    for (std::uintptr_t at = of.begin; at + sizeof(header) <= of.end;) {
      header& one = *reinterpret_cast<header*>(at);
      if (!is_header(&one)) return;
      visit(one);
      at += sizeof(header) + class_size(one.size_class);
    }
  }

  header& take_reused(std::uint32_t size_class) noexcept;
  header& take_fresh(std::uint32_t size_class) noexcept;
  void enqueue(header& freed) noexcept;
  bool is_current(const void* block) const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    return address >= start_.load(std::memory_order_relaxed) && address < limit_.load(std::memory_order_relaxed);
  }
  void reserve() noexcept;
  void leave_behind() noexcept;
  void trim() noexcept;

  static live_block live(const header& of) noexcept;
  static coroutine_state coroutine_of(const header& of) noexcept;

  // In survivors.cpp.
  void look_through_survivors() noexcept;
  void give_back_unreached(const host_vector<live_block>& all) noexcept;
  static void give_back(std::uintptr_t begin, std::uintptr_t end) noexcept;

  bool reserved_ = false;
  // Where this execution's blocks begin, and where they must end. Written between executions, read by every
  // thread that frees.
  std::atomic<std::uintptr_t> start_{base_address};
  std::atomic<std::uintptr_t> limit_{base_address + region_size};
  std::uintptr_t next_ = base_address;  // first address never handed out in this execution
  // Blocks of this execution: handed out and not released inside it, and those released by others since.
  std::size_t allocated_ = 0;
  std::atomic<std::size_t> released_elsewhere_{0};
  std::array<header*, class_count> free_{};
  std::uint32_t highest_class_ = 0;  // of the lists in use, so that clearing them is proportional
  header* oldest_freed_ = nullptr;   // the queue of freed blocks
  header* newest_freed_ = nullptr;
  std::size_t quarantined_bytes_ = 0;
  std::size_t quarantine_bytes_max_ = 0;

  // What earlier executions left.
  host_vector<memory_range> left_behind_;
  std::size_t left_behind_bytes_ = 0;
  std::size_t look_through_at_ = left_behind_max;
  host_vector<header*> kept_;  // survivors that were looked at and could be reached

  // Giving back what a large execution touched and later ones do not.
  // End of the pages that may be in memory, from the base: as an address it would seem to be a pointer into a block.
  std::size_t touched_ = 0;
  std::size_t used_max_ = 0;  // by an execution since the last look
  std::uint64_t executions_ = 0;
};

// The one arena of the process.
arena& execution_memory() noexcept;

}  // namespace heddle::sim
