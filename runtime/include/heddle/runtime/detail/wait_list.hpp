// Those who wait for something, in the order in which they came, and how they are woken.
//
// How it works. Waiters are nodes inside the futures that wait, in a circular list with a sentinel, so that a node
// leaves without knowing which list it is in. A list belongs to a primitive and is used under its std::mutex. To wake
// many, wakers are moved into a batch under the mutex and woken without it, batch by batch; those still to be woken
// stand in a list of their own meanwhile, where nobody new joins.
//
// Thread safety. Everything under the mutex of the primitive, but for what says otherwise.
//
// Invariants.
//   1. Wakers are cloned, woken and dropped with the mutex not held: each of them may run user code.
//   2. A node that is linked has an address that stays.
//
// Algorithm of waking all: Tokio, util/linked_list.rs (GuardedLinkedList) and util/wake_list.rs.
#pragma once

#include "heddle/runtime/waker.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>

namespace heddle::detail {

class wait_list;

// One who waits.
class wait_node {
 public:
  wait_node() noexcept = default;
  // REQUIRES: `other` was not polled.
  wait_node(wait_node&& other) noexcept;
  wait_node& operator=(wait_node&&) = delete;
  // REQUIRES: not linked.
  ~wait_node();

  // Of the future's thread, without the mutex: whether the node may be known to others.
  bool has_waited() const noexcept { return has_waited_; }

  bool is_linked() const noexcept { return next_ != nullptr; }
  // Leaves the list it is in, if any. The waker stays, until the node is destroyed.
  void unlink() noexcept;
  // Gives the waker away; empty when it was given away before, or never set.
  waker take_waker() noexcept { return std::move(waiting_); }
  // Exchanges the waker, and says that the node may be known to others from now on.
  void swap_waker(waker& other) noexcept {
    std::swap(waiting_, other);
    has_waited_ = true;
  }
  bool will_wake(const waker& other) const noexcept { return waiting_.will_wake(other); }
  // The node may be known to others, also without a waker.
  void set_has_waited() noexcept { has_waited_ = true; }

 private:
  friend wait_list;

  wait_node* previous_ = nullptr;  // null if and only if not linked
  wait_node* next_ = nullptr;
  waker waiting_;
  bool has_waited_ = false;
};

// First come, first served.
class wait_list {
 public:
  wait_list() noexcept;
  wait_list(const wait_list&) = delete;
  wait_list& operator=(const wait_list&) = delete;
  // REQUIRES: nobody waits.
  ~wait_list();

  bool is_empty() const noexcept { return ends_.next_ == &ends_; }
  // Null: nobody waits.
  wait_node* first() const noexcept { return is_empty() ? nullptr : ends_.next_; }
  // The one behind `node`, or null. REQUIRES: `node` is in this list.
  wait_node* after(const wait_node& node) const noexcept { return node.next_ == &ends_ ? nullptr : node.next_; }
  void append(wait_node& node) noexcept;
  // Moves everybody to the end of `other`.
  void move_to(wait_list& other) noexcept;

 private:
  wait_node ends_;  // next: the first, previous: the last; both itself when empty
};

// Wakers to be woken once the mutex is released.
class wake_batch {
 public:
  wake_batch() noexcept = default;
  wake_batch(const wake_batch&) = delete;
  wake_batch& operator=(const wake_batch&) = delete;
  // REQUIRES: empty.
  ~wake_batch();

  bool is_full() const noexcept { return size_ == size_max; }
  // Takes over a waker, which may be empty. REQUIRES: not full.
  void add(waker next) noexcept;
  // Wakes them all, and is empty. REQUIRES: no mutex is held.
  void wake_all() noexcept;

 private:
  static constexpr std::size_t size_max = 32;

  // Not initialised before it is used: most batches hold no waker, or one.
  union slot {
    slot() noexcept {}
    raw_waker raw;
  };

  std::array<slot, size_max> slots_;
  std::size_t size_ = 0;
};

// Wakes all who are in the list now, who leave it. Those who join meanwhile are left alone.
// REQUIRES: `lock` is held; it is released at the end.
void wake_everybody(std::unique_lock<std::mutex>& lock, wait_list& list) noexcept;

// The node's future is destroyed: leaves its list, whichever that is. REQUIRES: `mutex` is not held.
void stop_waiting(std::mutex& mutex, wait_node& node) noexcept;

// Polls a condition that is decided under a mutex: true when `is_done()`, else the node is in the list and `current`
// is woken with it. `is_done` is called under the mutex, once or twice, and runs no user code; when it is true the
// node is in no list. REQUIRES: `mutex` is not held.
template <class Condition>
[[nodiscard]] bool poll_waiting(std::mutex& mutex, wait_list& list, wait_node& node, const waker& current,
                                Condition&& is_done) {
  {
    const std::lock_guard lock(mutex);
    if (is_done()) {
      node.unlink();
      return true;
    }
    if (node.is_linked() && node.will_wake(current)) return false;
  }
  waker replaced = current.clone();
  const std::lock_guard lock(mutex);
  if (is_done()) {
    node.unlink();
    return true;
  }
  // Swapped, not assigned: the mutex is released before the old waker is dropped.
  node.swap_waker(replaced);
  if (!node.is_linked()) list.append(node);
  return false;
}

}  // namespace heddle::detail
