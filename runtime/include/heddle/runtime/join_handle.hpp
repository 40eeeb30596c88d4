// The other end of a spawned task: awaits its outcome, aborts it, or lets it go.
//
// How it works. The handle shares the task's header. Awaiting it gives the value, or a join_error when the
// task threw, was aborted, or was dropped by the shutdown of its runtime. The coroutine that awaits resumes
// on its own runtime, never inside the task that ended.
//
//     heddle::join_handle<int> handle = heddle::spawn(answer());
//     tl::expected<int, heddle::join_error> result = co_await handle;
//
// Cancellation. Dropping a handle, or an await of it, detaches: the task goes on. Only abort() ends it.
//
// Thread safety. A handle may be moved between threads; one thread uses it at a time, but abort(),
// is_finished() and id() may be called by several.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/abort_handle.hpp"
#include "heddle/runtime/detail/task_cell.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_error.hpp"

#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle {

template <class T>
class [[nodiscard("dropping a join_handle detaches its task; say so with a cast to void or detach()")]] join_handle {
 public:
  using result = tl::expected<T, join_error>;
  // See detail/await.hpp.
  using awaited_in_steps = void;

  // An empty handle, which may only be destroyed or assigned to.
  join_handle() noexcept = default;
  // Takes over the join interest of a new task; for the runtime.
  explicit join_handle(detail::joinable<T>& target) noexcept : task_(&target) {}
  join_handle(join_handle&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  join_handle& operator=(join_handle&& other) noexcept {
    join_handle old(std::move(*this));
    task_ = std::exchange(other.task_, nullptr);
    return *this;
  }
  join_handle(const join_handle&) = delete;
  join_handle& operator=(const join_handle&) = delete;
  ~join_handle() { detach(); }

  // Ready with the outcome once the task has ended and its frame is destroyed. REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    HEDDLE_ASSERT(task_ != nullptr, "an empty join_handle is awaited: it was moved from or awaited before");
    const hooks::operation_scope operation(hooks::operation::join, task_);
    if (!task_->poll_join(cx.get_waker())) {
      hooks::blocked_on("join_handle", task_);
      return pending;
    }
    return poll_result<result>(std::in_place, take());
  }

  // Whether the task has ended, so that the next poll is ready; if not, the waker is woken when it has.
  [[nodiscard]] bool poll_finished(context& cx) noexcept {
    HEDDLE_ASSERT(task_ != nullptr, "an empty join_handle is awaited: it was moved from or awaited before");
    const hooks::operation_scope operation(hooks::operation::join, task_);
    return task_->poll_join(cx.get_waker());
  }

  // The outcome, which leaves the handle empty. For the runtime. REQUIRES: poll_finished() says so.
  result take() {
    const detached_at_end end{*this};
    return take_outcome();
  }

  // Asks for the task to be dropped where it is suspended, or at its next suspension; its frame is destroyed
  // by the worker that owns it then. A task that finishes first keeps its value. A blocking closure
  // is only prevented from starting.
  void abort() const noexcept {
    if (task_ != nullptr) task_->abort();
  }

  // Whether the task has ended, in whatever way, and its frame is destroyed.
  bool is_finished() const noexcept {
    if (task_ == nullptr) return true;
    const hooks::operation_scope operation(hooks::operation::join, task_);
    return task_->is_complete();
  }

  // REQUIRES: not empty.
  task_id id() const noexcept {
    HEDDLE_ASSERT(task_ != nullptr, "an empty join_handle has no id");
    return task_->id();
  }

  // What aborts the task without this handle. REQUIRES: not empty.
  abort_handle get_abort_handle() const noexcept {
    HEDDLE_ASSERT(task_ != nullptr, "an empty join_handle has nothing to abort");
    return abort_handle(*task_);
  }

  // Lets the task run on alone; the handle is empty then. An outcome nobody took is destroyed.
  void detach() noexcept {
    detail::joinable<T>* target = std::exchange(task_, nullptr);
    if (target == nullptr) return;
    const hooks::operation_scope operation(hooks::operation::join, target);
    target->drop_join_handle();
  }

 private:
  struct detached_at_end {
    join_handle& handle;
    ~detached_at_end() { std::exchange(handle.task_, nullptr)->drop_join_handle(); }
  };

  result take_outcome() {
    if constexpr (std::is_void_v<T> || std::is_trivially_move_constructible_v<T>) {
      return task_->take_outcome();
    } else {
      const hooks::user_code_scope user;
      return task_->take_outcome();
    }
  }

  detail::joinable<T>* task_ = nullptr;
};

}  // namespace heddle
