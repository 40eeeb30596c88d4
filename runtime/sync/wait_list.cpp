// Lists of waiters and batches of wakers; see detail/wait_list.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/wait_list.hpp"

#include "heddle/runtime/assert.hpp"

#include <memory>
#include <utility>

namespace heddle::detail {

wait_node::wait_node(wait_node&& other) noexcept {
  HEDDLE_ASSERT(!other.has_waited_, "a future is moved after it was polled");
}

wait_node::~wait_node() {
  HEDDLE_ASSERT(!is_linked(), "what others wait for is destroyed, or a waiter is still in its list");
}

void wait_node::unlink() noexcept {
  if (next_ == nullptr) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  previous_ = nullptr;
  next_ = nullptr;
}

wait_list::wait_list() noexcept {
  ends_.previous_ = &ends_;
  ends_.next_ = &ends_;
}

wait_list::~wait_list() {
  HEDDLE_ASSERT(is_empty(), "what futures wait for is destroyed before them");
  ends_.unlink();
}

void wait_list::append(wait_node& node) noexcept {
  node.previous_ = ends_.previous_;
  node.next_ = &ends_;
  ends_.previous_->next_ = &node;
  ends_.previous_ = &node;
}

void wait_list::move_to(wait_list& other) noexcept {
  while (wait_node* const node = first()) {
    node->unlink();
    other.append(*node);
  }
}

wake_batch::~wake_batch() {
  HEDDLE_ASSERT(size_ == 0, "a batch of wakers is dropped that was not woken");
}

void wake_batch::add(waker next) noexcept {
  if (!next) return;
  std::construct_at(&slots_[size_].raw, std::move(next).into_raw());
  ++size_;
}

void wake_batch::wake_all() noexcept {
  for (std::size_t i = 0; i < size_; ++i) waker(slots_[i].raw).wake();
  size_ = 0;
}

void wake_everybody(std::unique_lock<std::mutex>& lock, wait_list& list) noexcept {
  wait_list woken;
  list.move_to(woken);
  wake_batch batch;
  for (;;) {
    while (!batch.is_full()) {
      wait_node* const node = woken.first();
      if (node == nullptr) break;
      node->unlink();
      batch.add(node->take_waker());
    }
    const bool is_last = woken.is_empty();
    lock.unlock();
    batch.wake_all();
    if (is_last) return;
    lock.lock();
  }
}

void stop_waiting(std::mutex& mutex, wait_node& node) noexcept {
  if (!node.has_waited()) return;
  const std::lock_guard lock(mutex);
  node.unlink();
}

}  // namespace heddle::detail
