// The set of live tasks; see owned_tasks.hpp. Thread safety: any thread.
#include "owned_tasks.hpp"

namespace heddle::detail {

bool owned_tasks::insert(task_header& task) noexcept {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  task.owned.previous = nullptr;
  task.owned.next = first_;
  task.owned.is_linked = true;
  if (first_ != nullptr) first_->owned.previous = &task;
  first_ = &task;
  size_.set(size_.read() + 1);
  return true;
}

bool owned_tasks::remove(task_header& task) noexcept {
  const std::lock_guard lock(mutex_);
  if (!task.owned.is_linked) return false;
  unlink(task);
  return true;
}

void owned_tasks::close_and_shut_down() noexcept {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (first_ == nullptr) return;
  }
  while (task_header* const task = pop()) task->shutdown();
}

task_header* owned_tasks::pop() noexcept {
  const std::lock_guard lock(mutex_);
  task_header* const task = first_;
  if (task != nullptr) unlink(*task);
  return task;
}

void owned_tasks::unlink(task_header& task) noexcept {
  task_links& links = task.owned;
  (links.previous == nullptr ? first_ : links.previous->owned.next) = links.next;
  if (links.next != nullptr) links.next->owned.previous = links.previous;
  links = task_links();
  size_.set(size_.read() - 1);
}

}  // namespace heddle::detail
