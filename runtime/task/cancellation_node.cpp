// Cancelling a subtree, and waiting for it; see detail/cancellation_node.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/cancellation_node.hpp"

#include "heddle/hooks.hpp"

#include <utility>

namespace heddle::detail {

cancellation_node::cancellation_node(std::shared_ptr<std::mutex> tree, cancellation_node* parent) noexcept
    : tree_(std::move(tree)), parent_(parent) {}

cancellation_node& cancellation_node::create() {
  return *new cancellation_node(std::make_shared<std::mutex>(), nullptr);
}

cancellation_node& cancellation_node::create_child() {
  const hooks::operation_scope operation(hooks::operation::other, tree_.get());
  auto* const child = new cancellation_node(tree_, this);
  add_reference();
  const std::lock_guard lock(*tree_);
  // Relaxed, here and below: the mutex orders it.
  if (cancelled_.load(std::memory_order_relaxed)) {
    child->cancelled_.store(true, std::memory_order_relaxed);
  } else {
    link_child(*child);
  }
  return *child;
}

void cancellation_node::add_reference() noexcept {
  // Relaxed: the caller has a reference, and passes the new one on by other synchronisation.
  references_.fetch_add(1, std::memory_order_relaxed);
}

void cancellation_node::release() noexcept {
  cancellation_node* node = this;
  // acq_rel: the last owner destroys what the others used.
  while (node != nullptr && node->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    cancellation_node* const parent = node->parent_;
    if (parent != nullptr) {
      const std::lock_guard lock(*node->tree_);
      parent->unlink_child(*node);
    }
    delete node;
    node = parent;
  }
}

void cancellation_node::cancel() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_close, tree_.get());
  wait_list woken;
  std::unique_lock lock(*tree_);
  mark(woken);
  wake_everybody(lock, woken);
}

// Children before parents: who sees a token cancelled, without the mutex, finds those below it cancelled as well.
// REQUIRES: the mutex is held.
void cancellation_node::mark(wait_list& woken) noexcept {
  for (cancellation_node* node = first_to_mark(); node != nullptr;
       node = node == this ? nullptr : node->next_to_mark()) {
    // Release: pairs with is_cancelled, which does not take the mutex.
    node->cancelled_.store(true, std::memory_order_release);
    node->waiters_.move_to(woken);
  }
}

// The leftmost leaf below this node. Below a cancelled one everything is cancelled. REQUIRES: the mutex is held.
cancellation_node* cancellation_node::first_to_mark() noexcept {
  cancellation_node* node = this;
  // Relaxed: the mutex orders it.
  while (node->first_child_ != nullptr && !node->cancelled_.load(std::memory_order_relaxed)) node = node->first_child_;
  return node;
}

// REQUIRES: the mutex is held.
cancellation_node* cancellation_node::next_to_mark() const noexcept {
  return next_sibling_ != nullptr ? next_sibling_->first_to_mark() : parent_;
}

bool cancellation_node::is_cancelled() const noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, tree_.get());
  // Acquire: pairs with mark, so that what was done before cancel() is seen.
  return cancelled_.load(std::memory_order_acquire);
}

bool cancellation_node::poll(wait_node& node, const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_receive, tree_.get());
  const bool is_done =
      poll_waiting(*tree_, waiters_, node, current, [this] { return cancelled_.load(std::memory_order_relaxed); });
  if (!is_done) hooks::blocked_on("cancellation_token", tree_.get());
  return is_done;
}

void cancellation_node::stop_waiting(wait_node& node) noexcept {
  if (!node.has_waited()) return;
  const hooks::operation_scope operation(hooks::operation::other, tree_.get());
  detail::stop_waiting(*tree_, node);
}

// REQUIRES: the mutex is held.
void cancellation_node::link_child(cancellation_node& child) noexcept {
  child.next_sibling_ = first_child_;
  if (first_child_ != nullptr) first_child_->previous_sibling_ = &child;
  first_child_ = &child;
}

// Does nothing for a child that was born cancelled. REQUIRES: the mutex is held.
void cancellation_node::unlink_child(cancellation_node& child) noexcept {
  if (child.previous_sibling_ == nullptr && first_child_ != &child) return;
  (child.previous_sibling_ == nullptr ? first_child_ : child.previous_sibling_->next_sibling_) = child.next_sibling_;
  if (child.next_sibling_ != nullptr) child.next_sibling_->previous_sibling_ = child.previous_sibling_;
}

}  // namespace heddle::detail
