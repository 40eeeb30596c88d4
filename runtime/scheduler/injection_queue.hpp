// The queue into which threads that are not workers put notified tasks, and workers their overflow.
//
// How it works. A list under a lock, and its length beside it so that an empty queue costs one load.
// After `close` nothing gets in: a refused task's notification is dropped by the one who pushes, outside the lock.
//
// Thread safety. Any thread.
#pragma once

#include "task_list.hpp"

#include <atomic>
#include <mutex>

namespace heddle::detail {

class injection_queue {
 public:
  // False: the queue is closed, and the notifications stay with the caller.
  [[nodiscard]] bool push(task_header& task) noexcept {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    list_.push(task);
    publish_size();
    return true;
  }
  [[nodiscard]] bool push_all(task_list& tasks) noexcept {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    list_.append(tasks);
    publish_size();
    return true;
  }

  // Null when empty.
  task_header* pop() noexcept {
    if (is_empty()) return nullptr;
    const std::lock_guard lock(mutex_);
    task_header* const task = list_.pop();
    publish_size();
    return task;
  }

  // Moves the first tasks, up to `count_max`, to the end of `taken`. One lock for all of them.
  void pop_some(std::size_t count_max, task_list& taken) noexcept {
    if (is_empty()) return;
    const std::lock_guard lock(mutex_);
    while (count_max-- > 0 && !list_.is_empty()) taken.push(*list_.pop());
    publish_size();
  }

  // Sequentially consistent, as publish_size: a worker that parks looks here after its change of the idle state, so it
  // sees a push whose author looked at the idle state before that change.
  bool is_empty() const noexcept { return size_.load(std::memory_order_seq_cst) == 0; }

  // A guess, as others push and pop.
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  void publish_size() noexcept { size_.store(list_.size(), std::memory_order_seq_cst); }

  std::mutex mutex_;
  task_list list_;                    // under mutex_
  bool closed_ = false;               // under mutex_
  std::atomic<std::size_t> size_{0};  // of list_; written under mutex_
};

}  // namespace heddle::detail
