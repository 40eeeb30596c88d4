// A worker's bounded deque of the tasks that were spawned on it: the worker takes the newest, thieves the oldest.
//
// How it works. A ring of slots with two cursors: `bottom`, where the owner pushes and takes back, and `top`, where
// thieves take, one task at a time. The owner announces what it takes by lowering `bottom`, then looks at `top`; a
// thief looks at `top`, then at `bottom`, and then moves `top` on. So they meet at the last task only, which goes to
// whoever moves `top`. What was spawned last is the smallest part of a divided job, and its memory is still in the
// cache; what was spawned first is the largest, and worth a thief's trouble.
//
// Thread safety. try_push and pop: the owner. The rest: any thread.
//
// Invariants.
//   1. Cursors are 32 bits wide and wrap; bottom - top is at most the capacity, but for the moment in which the owner
//      looks for a last task that is gone, and bottom is one less than top.
//   2. A slot is overwritten only when `top` is beyond it, so that a thief which read it before fails to move `top`.
//
// Orders. Changes of both cursors are sequentially consistent, and so are the owner's look at `top` after its change
// and a thief's at `bottom` before its own: of the two changes, the later sees the earlier. For a push and `size`, see
// is_empty.
//
// Algorithm: Chase and Lev, SPAA 2005; the orders after Le, Pop, Cohen and Zappa Nardelli, PPoPP 2013, with
// sequentially consistent accesses for their fences. Deviation: the ring does not grow; the owner puts what does not
// fit elsewhere.
#pragma once

#include "heddle/runtime/detail/task_header.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace heddle::detail {

// A worker's is a spawn_deque; tests use a small one as well, where more happens.
template <std::uint32_t Capacity>
class work_stealing_deque {
  static_assert(std::has_single_bit(Capacity), "positions wrap around with the cursors");

 public:
  static constexpr std::uint32_t capacity = Capacity;

  work_stealing_deque() = default;
  work_stealing_deque(const work_stealing_deque&) = delete;
  work_stealing_deque& operator=(const work_stealing_deque&) = delete;

  // False, with nothing done, if there is no room.
  [[nodiscard]] bool try_push(task_header& task) noexcept {
    // Relaxed: only this thread writes it.
    const std::uint32_t bottom = bottom_.load(std::memory_order_relaxed);
    // Acquire: what thieves read from the slot, they read before they moved the cursor.
    if (bottom - top_.load(std::memory_order_acquire) >= capacity) return false;
    slot(bottom).store(&task, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_seq_cst);
    return true;
  }

  // The task that was pushed last, or null.
  [[nodiscard]] task_header* pop() noexcept {
    const std::uint32_t bottom = bottom_.load(std::memory_order_relaxed);
    // Relaxed: others only make it emptier.
    if (bottom == top_.load(std::memory_order_relaxed)) return nullptr;
    const std::uint32_t last = bottom - 1;
    bottom_.store(last, std::memory_order_seq_cst);
    std::uint32_t top = top_.load(std::memory_order_seq_cst);
    task_header* task = slot(last).load(std::memory_order_relaxed);
    if (last != top) {
      if (bottom != top) return task;
      task = nullptr;
    } else if (!top_.compare_exchange_strong(top, bottom, std::memory_order_seq_cst, std::memory_order_relaxed)) {
      task = nullptr;
    }
    // It is empty. Release: as any push, though nothing is pushed by it.
    bottom_.store(bottom, std::memory_order_release);
    return task;
  }

  // The task that was pushed first. Null: there is none, or somebody else took it.
  [[nodiscard]] task_header* steal() noexcept {
    // Acquire: who moved it here has seen what this thread is to see of `bottom`.
    std::uint32_t top = top_.load(std::memory_order_acquire);
    const std::uint32_t bottom = bottom_.load(std::memory_order_seq_cst);
    if (count(bottom, top) == 0) return nullptr;
    // Relaxed: the load of `bottom` acquired it.
    task_header* const task = slot(top).load(std::memory_order_relaxed);
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) {
      return nullptr;
    }
    return task;
  }

  // Moves half of the tasks, rounded up, to `thief`, and returns the newest of them to run at once. Null when there is
  // nothing to steal. REQUIRES: called by the owner of `thief`, which is empty.
  [[nodiscard]] task_header* steal_into(work_stealing_deque& thief) noexcept {
    task_header* newest = nullptr;
    for (std::uint32_t left = (size() + 1) / 2; left > 0; --left) {
      task_header* const task = steal();
      if (task == nullptr) break;
      if (newest != nullptr) static_cast<void>(thief.try_push(*newest));
      newest = task;
    }
    return newest;
  }

  // A guess when called by others than the owner, except that after a sequentially consistent change of the idle
  // state it sees every push that came before it.
  [[nodiscard]] bool is_empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::uint32_t size() const noexcept {
    const std::uint32_t top = top_.load(std::memory_order_acquire);
    return count(bottom_.load(std::memory_order_seq_cst), top);
  }

 private:
  // Of cursors that were not read at the same time.
  static std::uint32_t count(std::uint32_t bottom, std::uint32_t top) noexcept {
    const auto between = static_cast<std::int32_t>(bottom - top);
    return between > 0 ? static_cast<std::uint32_t>(between) : 0;
  }
  std::atomic<task_header*>& slot(std::uint32_t position) noexcept { return slots_[position % capacity]; }

  // Thieves write one, the owner the other: each has a cache line.
  alignas(64) std::atomic<std::uint32_t> top_{0};
  alignas(64) std::atomic<std::uint32_t> bottom_{0};
  // Atomic, but relaxed: `bottom` publishes them. A thief may read a slot that it then fails to take.
  std::array<std::atomic<task_header*>, capacity> slots_{};
};

using spawn_deque = work_stealing_deque<256>;

}  // namespace heddle::detail
