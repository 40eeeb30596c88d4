// The execution's memory: same decisions, same addresses.
//
// How it works. A reserved stretch of addresses is handed out by size class, each block behind a
// 16-byte header; a freed block goes to its class's list, last in, first out. Between executions the
// arena starts anew at its base when nothing is left alive. Blocks that outlive their execution
// (function-local statics, caches, whatever a failed execution dropped) stay valid: the base then moves
// past them. Freeing them later is harmless and gives nothing back.
//
// Thread safety: allocation by the machine's OS thread only, inside an execution. `release` from any
// thread and at any time.
//
// Limits: 64 GiB of addresses over the life of a process; when they run out the process ends with a
// message. Freed memory is neither poisoned nor kept aside yet.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class arena {
 public:
  // Starts an execution: forgets the lists, and the blocks too if none is alive.
  void begin_execution() noexcept;

  // Null when `size` is absurd. `alignment` is a power of two.
  void* allocate(std::size_t size, std::size_t alignment = minimum_alignment) noexcept;
  // REQUIRES: owns(block).
  void release(void* block) noexcept;
  std::size_t size_of(const void* block) const noexcept { return header_of(block).size; }

  static bool owns(const void* block) noexcept {
    return reinterpret_cast<std::uintptr_t>(block) - base_address < region_size;
  }

  // Blocks of the current or last execution that are alive.
  std::size_t live_blocks() const noexcept { return allocated_ - released_elsewhere_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uintptr_t base_address = 0x2b00'0000'0000;
  static constexpr std::size_t region_size = std::size_t{64} << 30;
  static constexpr std::size_t minimum_alignment = 16;
  static constexpr std::size_t small_max = 1024;  // sizes up to here have classes 16 bytes apart
  static constexpr std::size_t class_count = small_max / 16 + 4 * 40;
  static constexpr std::size_t page = 4096;

  struct header {
    std::size_t size;  // as asked for
    std::uint32_t size_class;
    std::uint32_t offset;  // from the start of the raw block to the user's, for alignments above 16
  };
  static_assert(sizeof(header) == minimum_alignment);

  struct free_block {
    free_block* next;
  };

  static header& header_of(void* block) noexcept { return static_cast<header*>(block)[-1]; }
  static const header& header_of(const void* block) noexcept { return static_cast<const header*>(block)[-1]; }
  static std::uint32_t class_of(std::size_t size) noexcept;
  static std::size_t class_size(std::uint32_t size_class) noexcept;

  void* take(std::uint32_t size_class) noexcept;
  void reserve() noexcept;

  bool reserved_ = false;
  // Where this execution's blocks begin. Written between executions, read by every thread that frees.
  std::atomic<std::uintptr_t> start_{base_address};
  std::uintptr_t next_ = base_address;  // first address never handed out in this execution
  // Blocks of this execution: handed out and not released inside it, and those released by others since.
  std::size_t allocated_ = 0;
  std::atomic<std::size_t> released_elsewhere_{0};
  std::array<free_block*, class_count> free_{};
  std::uint32_t highest_class_ = 0;  // of the lists in use, so that clearing them is proportional
};

// The one arena of the process.
arena& execution_memory() noexcept;

}  // namespace heddle::sim
