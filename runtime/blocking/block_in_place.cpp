// Handing a worker's queue over and taking it back; see block_in_place.hpp. Thread safety: as declared there.
#include "heddle/runtime/block_in_place.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "scheduler/thread_context.hpp"
#include "scheduler/worker.hpp"

#include <stdexcept>

namespace heddle::detail {

blocking_section::blocking_section() : here_(thread_context::innermost()), worker_(nullptr) {
  if (here_ == nullptr || here_->role() == thread_role::runs_blocking) {
    here_ = nullptr;
    return;
  }
  if (!here_->current().settings().multi_thread) {
    throw std::logic_error(
        "heddle: block_in_place was called on a current-thread runtime, which has no other thread to run its tasks "
        "meanwhile; use spawn_blocking");
  }
  if (here_->worker() != nullptr) {
    const hooks::operation_scope operation(hooks::operation::blocking, here_->worker());
    worker_ = here_->worker();
    static_cast<worker*>(worker_)->hand_over(*here_);
  }
  here_->set_role(thread_role::runs_blocking);
}

blocking_section::~blocking_section() {
  if (here_ == nullptr) return;
  here_->set_role(thread_role::polls_tasks);
  if (worker_ == nullptr) return;
  const hooks::operation_scope operation(hooks::operation::blocking, worker_);
  static_cast<worker*>(worker_)->take_back(*here_);
}

}  // namespace heddle::detail
