// A first-in first-out queue of notified tasks, linked through their headers: it allocates nothing.
// Thread safety: none; its owner locks. The queue holds the reference of each notification.
#pragma once

#include "heddle/runtime/detail/task_header.hpp"

#include <cstddef>
#include <utility>

namespace heddle::detail {

class task_list {
 public:
  bool is_empty() const noexcept { return first_ == nullptr; }
  std::size_t size() const noexcept { return size_; }

  void push(task_header& task) noexcept {
    task.queue_next = nullptr;
    (last_ == nullptr ? first_ : last_->queue_next) = &task;
    last_ = &task;
    ++size_;
  }

  // Null when empty.
  task_header* pop() noexcept {
    task_header* const task = first_;
    if (task == nullptr) return nullptr;
    first_ = task->queue_next;
    if (first_ == nullptr) last_ = nullptr;
    task->queue_next = nullptr;
    --size_;
    return task;
  }

  // Moves all of `other` behind what is here.
  void append(task_list& other) noexcept {
    if (other.is_empty()) return;
    (last_ == nullptr ? first_ : last_->queue_next) = other.first_;
    last_ = other.last_;
    size_ += other.size_;
    other = task_list();
  }

 private:
  task_header* first_ = nullptr;
  task_header* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace heddle::detail
