// All tasks of a runtime that have not ended, so that shutdown can drop them.
//
// How it works. An intrusive list under a lock. The set holds one reference to each task. Once closed, it
// refuses new ones, so that shutdown leaves no task behind.
//
// Thread safety. Any thread. No user code runs under the lock.
#pragma once

#include "heddle/runtime/detail/task_header.hpp"
#include "metric_counter.hpp"

#include <cstddef>
#include <mutex>

namespace heddle::detail {

class owned_tasks {
 public:
  // Takes over the owner's reference. False: closed, the reference stays with the caller.
  [[nodiscard]] bool insert(task_header& task) noexcept;
  // True: the task was here, and its reference goes to the caller.
  [[nodiscard]] bool remove(task_header& task) noexcept;
  // Refuses new tasks, and drops the futures of all there are. May be called by several threads.
  void close_and_shut_down() noexcept;

  // How many there are, about now.
  std::size_t size() const noexcept { return static_cast<std::size_t>(size_.read()); }

 private:
  task_header* pop() noexcept;
  void unlink(task_header& task) noexcept;

  std::mutex mutex_;
  task_header* first_ = nullptr;  // under mutex_
  bool closed_ = false;           // under mutex_
  metric_counter size_;           // written under mutex_
};

}  // namespace heddle::detail
