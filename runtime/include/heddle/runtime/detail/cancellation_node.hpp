// The shared state of a cancellation token: a node in a tree, cancelled with all that is below it.
//
// How it works. A node has a flag, those who wait for it, and its children, linked under one std::mutex for the whole
// tree. Cancelling marks the subtree under the mutex, gathers everybody who waits in it into one list, and wakes
// them without the mutex. A child holds a reference to its parent, a parent none to its children. Neither
// cancelling nor releasing recurses.
//
// Thread safety. Everything from any thread that has a reference; a wait_node from one thread at a time.
//
// Invariants.
//   1. The children of a cancelled node are cancelled, as seen by any thread at any time: they are marked before it,
//   and
//      what is made below one later is born so, and not linked.
//   2. Nobody waits at a cancelled node.
//   3. A linked node is alive while the mutex is held, also when its last reference is gone.
#pragma once

#include "heddle/runtime/detail/wait_list.hpp"
#include "heddle/runtime/waker.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

namespace heddle::detail {

class cancellation_node {
 public:
  // A new tree. The caller has the one reference, here and below.
  static cancellation_node& create();
  cancellation_node& create_child();
  cancellation_node(const cancellation_node&) = delete;
  cancellation_node& operator=(const cancellation_node&) = delete;

  void add_reference() noexcept;
  void release() noexcept;

  void cancel() noexcept;
  bool is_cancelled() const noexcept;
  // True: cancelled. False: `current` is woken when it is.
  [[nodiscard]] bool poll(wait_node& node, const waker& current) noexcept;
  // The node's future is destroyed.
  void stop_waiting(wait_node& node) noexcept;

 private:
  cancellation_node(std::shared_ptr<std::mutex> tree, cancellation_node* parent) noexcept;
  ~cancellation_node() = default;

  void mark(wait_list& woken) noexcept;
  void link_child(cancellation_node& child) noexcept;
  void unlink_child(cancellation_node& child) noexcept;
  cancellation_node* first_to_mark() noexcept;
  cancellation_node* next_to_mark() const noexcept;

  std::atomic<std::size_t> references_{1};  // handles, futures, children
  std::atomic<bool> cancelled_{false};      // set once, under the mutex; read by anybody
  const std::shared_ptr<std::mutex> tree_;
  cancellation_node* const parent_;  // with a reference; null for a root
  // Under *tree_.
  cancellation_node* first_child_ = nullptr;
  cancellation_node* previous_sibling_ = nullptr;
  cancellation_node* next_sibling_ = nullptr;
  wait_list waiters_;
};

}  // namespace heddle::detail
