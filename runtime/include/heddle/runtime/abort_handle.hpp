// Ends a spawned task from afar, without the right to its outcome.
//
// How it works. It shares the task's header with the join_handle, and may outlive both the handle and the task; it
// keeps the task's block of memory, in which nothing lives any more when the task has ended.
// `join_handle::get_abort_handle` and `join_set::spawn` make one.
//
//     heddle::abort_handle stop = handle.get_abort_handle();
//     handle.detach();
//     stop.abort();
//
// Cancellation. Dropping it has no effect on the task.
//
// Thread safety. Any number of threads may use one at once; moving and destroying need that they have returned.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/task_header.hpp"
#include "heddle/runtime/task_id.hpp"

#include <utility>

namespace heddle {

class abort_handle {
 public:
  // An empty handle, which may only be destroyed or assigned to.
  abort_handle() noexcept = default;
  // Takes a reference of its own; for the runtime.
  explicit abort_handle(detail::task_header& target) noexcept : task_(&target) { target.add_reference(); }
  abort_handle(abort_handle&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  abort_handle& operator=(abort_handle&& other) noexcept {
    abort_handle old(std::move(*this));
    task_ = std::exchange(other.task_, nullptr);
    return *this;
  }
  abort_handle(const abort_handle&) = delete;
  abort_handle& operator=(const abort_handle&) = delete;
  ~abort_handle() {
    if (task_ != nullptr) task_->drop_reference();
  }

  // A second handle of the same task.
  [[nodiscard]] abort_handle clone() const noexcept { return abort_handle(target()); }

  // As join_handle::abort: asks for the task to be dropped at its suspension. Without effect on one that has ended.
  void abort() const noexcept { target().abort(); }
  // Whether the task has ended, in whatever way, and its frame is destroyed.
  bool is_finished() const noexcept { return target().is_complete(); }
  task_id id() const noexcept { return target().id(); }

 private:
  detail::task_header& target() const noexcept {
    HEDDLE_ASSERT(task_ != nullptr, "an empty abort_handle is used: it was moved from or default made");
    return *task_;
  }

  detail::task_header* task_ = nullptr;
};

}  // namespace heddle
