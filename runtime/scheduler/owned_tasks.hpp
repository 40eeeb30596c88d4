// All tasks of a runtime that have not ended, so that shutdown can drop them.
//
// How it works. Intrusive lists, each under a lock of its own. A worker has one for the tasks that it spawns, most of
// which also end on it, so that workers seldom meet. The set holds one reference to each task. Once closed, it refuses
// new ones, so that shutdown leaves no task behind.
//
// Thread safety. Any thread. No user code runs under a lock.
//
// Invariants.
//   1. Who closes sets the flag before it takes any lock; who inserts looks at it with the lock held. So a task is
//      refused, or found by the one who closes.
#pragma once

#include "heddle/runtime/detail/task_header.hpp"
#include "metric_counter.hpp"
#include "short_lock.hpp"

#include <atomic>
#include <cstddef>
#include <vector>

namespace heddle::detail {

class owned_tasks {
 public:
  // For a runtime whose tasks are run by so many threads. REQUIRES: at least 1.
  explicit owned_tasks(std::size_t threads);

  // Takes over the owner's reference. False: closed, the reference stays with the caller. Threads that give different
  // small numbers as `preferred` do not meet.
  [[nodiscard]] bool insert(task_header& task, std::size_t preferred = 0) noexcept;
  // True: the task was here, and its reference goes to the caller.
  [[nodiscard]] bool remove(task_header& task) noexcept;
  // Refuses new tasks, and drops the futures of all there are. May be called by several threads.
  void close_and_shut_down() noexcept;

  // Adds all there are, with a reference to each.
  void collect(std::vector<task_header*>& into);

  // How many there are, about now.
  std::size_t size() const noexcept;

 private:
  // On cache lines of its own.
  struct alignas(64) shard {
    short_lock lock;
    task_header* first = nullptr;  // under lock
    metric_counter size;           // written under lock

    task_header* pop() noexcept;
    void unlink(task_header& task) noexcept;
  };

  std::vector<shard> shards_;         // a power of two of them, at most 256
  std::atomic<bool> closed_ = false;  // set once
};

}  // namespace heddle::detail
