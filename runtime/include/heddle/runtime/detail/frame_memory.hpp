// The memory of a coroutine's frame, with room in front of it for the header of the task that it may become.
//
// How it works. A frame exists before anybody knows whether it will be awaited or spawned. So every frame of a task
// gets its memory here, behind a room of fixed size: one allocation serves both. A frame that is awaited leaves the
// room unused. When a task is spawned, `claim` gives the room to its header (coroutine_cell.hpp), and with it the
// block: the coroutine gives its memory back when it is destroyed, as always, but the block is freed with the header,
// which others may still refer to. A record between room and frame says which of the two it is.
//
//     room | record | frame
//
// Thread safety. One thread at a time, that which owns the coroutine, then that which owns the header.
//
// Invariants.
//   1. A frame begins at a multiple of the alignment that operator new gives, as without a room.
//   2. The bytes of a frame that was destroyed are retired for the observer until their block is freed.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/frame_pool.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"

#include <cstddef>
#include <new>

namespace heddle::detail {

class frame_memory {
 public:
  // What a header may take.
  static constexpr std::size_t room = 88;
  // What a task costs beside its frame.
  static constexpr std::size_t overhead = room + sizeof(std::size_t);
  static_assert(overhead == hooks::frame_offset);

  // Memory for a frame of so many bytes. Throws std::bad_alloc. Part of its caller, so that the place of the allocation
  // is where the coroutine was called.
  HEDDLE_INHERITS_CODE static void* allocate(std::size_t bytes) {
    auto* const block = static_cast<std::byte*>(frame_pool::allocate(overhead + bytes));
    ::new (static_cast<void*>(block + room)) record{.word = bytes | record::mark};
    return block + overhead;
  }
  // Whether a frame was given that address: what a record looks like is in front of it.
  HEDDLE_INHERITS_CODE static bool begins_at(void* frame) noexcept { return record_of(frame).is_marked(); }
  // The frame at this address is no more.
  HEDDLE_INHERITS_CODE static void release(void* frame) noexcept {
    const record& own = record_of(frame);
    if (!own.is_claimed()) return frame_pool::free(block_of(frame), overhead + own.bytes());
    hooks::memory_retired(frame, own.bytes());
  }

  // The room of a frame, for a header that frees the block. REQUIRES: called once.
  HEDDLE_RUNTIME_CODE static void* claim(void* frame) noexcept {
    record_of(frame).word |= record::claimed;
    return block_of(frame);
  }
  // The frame behind a header.
  HEDDLE_INHERITS_CODE static void* frame_of(const void* header) noexcept {
    return static_cast<std::byte*>(const_cast<void*>(header)) + overhead;
  }
  // For a header that was destroyed. REQUIRES: the frame was released before.
  HEDDLE_RUNTIME_CODE static void free_claimed(void* header) noexcept {
    void* const frame = frame_of(header);
    const std::size_t bytes = record_of(frame).bytes();
    // All of it: who frees a block has no order with those who used the header.
    hooks::memory_restored(header, overhead + bytes);
    frame_pool::free(header, overhead + bytes);
  }

 private:
  struct record {
    static constexpr std::size_t claimed = ~(~std::size_t{0} >> 1);
    // Larger than any frame.
    static constexpr std::size_t marks = std::size_t{0x7fff} << 48;
    static constexpr std::size_t mark = std::size_t{0x4ed1} << 48;

    std::size_t word;  // how large the frame is, `mark`, and `claimed`

    HEDDLE_INHERITS_CODE bool is_claimed() const noexcept { return (word & claimed) != 0; }
    HEDDLE_INHERITS_CODE bool is_marked() const noexcept { return (word & marks) == mark; }
    HEDDLE_INHERITS_CODE std::size_t bytes() const noexcept { return word & ~(claimed | marks); }
  };
  static_assert(sizeof(record) == overhead - room && overhead % __STDCPP_DEFAULT_NEW_ALIGNMENT__ == 0);

  HEDDLE_INHERITS_CODE static record& record_of(void* frame) noexcept {
    return *reinterpret_cast<record*>(static_cast<std::byte*>(frame) - sizeof(record));
  }
  HEDDLE_INHERITS_CODE static void* block_of(void* frame) noexcept { return static_cast<std::byte*>(frame) - overhead; }
};

}  // namespace heddle::detail
