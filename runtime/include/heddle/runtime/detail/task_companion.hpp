// What few tasks have besides their future: a name, or a tracker that counts them.
//
// How it works. A header has room for one pointer to a companion. So a task without one pays a word, and a task that is
// tracked needs no memory of its own for it: the tracker is the companion of all its tasks, and counts references.
//
// Thread safety. Any thread; future_destroyed is called by whoever destroyed the future.
#pragma once

#include "heddle/runtime/detail/runtime_code.hpp"

#include <memory>
#include <string>

namespace heddle::detail {

class task_companion {
 public:
  task_companion() = default;
  task_companion(const task_companion&) = delete;
  task_companion& operator=(const task_companion&) = delete;

  // Null unless it is a name. Valid as long as the task.
  virtual const std::string* name() const noexcept { return nullptr; }
  // The future of its task is no more. Called once for each task that has ended.
  virtual void future_destroyed() noexcept {}
  // The header of its task is no more.
  virtual void release() noexcept = 0;

 protected:
  HEDDLE_RUNTIME_CODE virtual ~task_companion();
};

struct release_companion {
  void operator()(task_companion* companion) const noexcept { companion->release(); }
};

// One task's reference.
using task_companion_ptr = std::unique_ptr<task_companion, release_companion>;

// A name, for reports and join errors.
task_companion_ptr make_name(std::string name);

}  // namespace heddle::detail
