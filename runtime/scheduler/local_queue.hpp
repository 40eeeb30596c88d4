// A worker's bounded queue of notified tasks: its owner pushes and pops, other workers steal half.
//
// How it works. A ring of slots, 256 for a worker, with a tail that only the owner moves, and a head of two cursors
// packed in one word. `real` is the next task to take. `steal` lags behind it while a thief copies the slots between
// the two: they count as full for the owner's push until the thief is done. If both are equal nobody steals, and one
// thief steals at a time. A push into a full queue moves half of it, and the new task, to the overflow; if
// a thief is at work, only the new task.
//
// Thread safety. push, pop and the destination of steal_into: the owner. The rest: any thread.
//
// Invariants.
//   1. Cursors are 32 bits wide and wrap; the distance tail - steal is at most the capacity, so full and empty
//      differ (Tokio #2387) and a head seen long ago does not return soon (#5042).
//   2. A slot is written by the owner only when it is outside [steal, tail) (#2387).
//   3. Differences of cursors are taken modulo 2^32 (#2362).
//
// Algorithm: Tokio, runtime/scheduler/multi_thread/queue.rs, after the Go scheduler's.
#pragma once

#include "task_list.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace heddle::detail {

// A worker's is a local_queue; tests use a small one as well, where more happens.
template <std::uint32_t Capacity>
class bounded_task_queue {
  static_assert(std::has_single_bit(Capacity) && Capacity >= 2, "positions wrap around with the cursors");

 public:
  static constexpr std::uint32_t capacity = Capacity;

  bounded_task_queue() = default;
  bounded_task_queue(const bounded_task_queue&) = delete;
  bounded_task_queue& operator=(const bounded_task_queue&) = delete;

  // Puts `task` last if there is room.
  [[nodiscard]] bool try_push_back(task_header& task) noexcept;

  // Puts `task` last. What does not fit is appended to `overflow`, which the caller passes on.
  void push_back(task_header& task, task_list& overflow) noexcept;

  // How many tasks `try_push_back` has room for. REQUIRES: called by the owner; thieves can only make it more.
  [[nodiscard]] std::uint32_t room() const noexcept;

  // What was pushed is seen from here on by whoever calls is_empty after a sequentially consistent change of the idle
  // state that comes later than this. REQUIRES: called by the owner.
  void publish() noexcept { tail_.store(tail_.load(std::memory_order_relaxed), std::memory_order_seq_cst); }

  // The task that was put in first, or null.
  [[nodiscard]] task_header* pop() noexcept;

  // Moves half of this queue, rounded up, to `thief`, and returns one of them to run at once. Null when there
  // is nothing to steal, somebody else is stealing, or the thief has less than half its room.
  [[nodiscard]] task_header* steal_into(bounded_task_queue& thief) noexcept;

  // A guess when called by others than the owner, except for what `publish` promises.
  [[nodiscard]] bool is_empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::uint32_t size() const noexcept;

 private:
  struct head_cursors {
    std::uint32_t steal;
    std::uint32_t real;
  };
  static constexpr std::uint64_t pack(head_cursors head) noexcept {
    return std::uint64_t{head.real} | (std::uint64_t{head.steal} << 32);
  }
  static constexpr head_cursors unpack(std::uint64_t word) noexcept {
    return head_cursors{static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
  }

  std::atomic<task_header*>& slot(std::uint32_t position) noexcept { return slots_[position % capacity]; }
  [[nodiscard]] bool move_half(task_header& task, head_cursors head, std::uint32_t tail, task_list& overflow) noexcept;
  [[nodiscard]] std::uint32_t claim_and_copy(bounded_task_queue& thief, std::uint32_t thief_tail) noexcept;
  void release_claim() noexcept;

  std::atomic<std::uint64_t> head_{0};  // {steal, real}; advanced by owner and thieves
  std::atomic<std::uint32_t> tail_{0};  // where the owner pushes; written by the owner only
  // Atomic, but relaxed: the cursors publish the slots. A thief may read a slot that it then fails to claim.
  std::array<std::atomic<task_header*>, capacity> slots_{};
};

extern template class bounded_task_queue<4>;
extern template class bounded_task_queue<256>;
using local_queue = bounded_task_queue<256>;

}  // namespace heddle::detail
