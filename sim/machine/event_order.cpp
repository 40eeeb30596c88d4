// Whose operations events are, for the hash of their order: see order_hash.hpp.
//
// How it works. Each thread and each task has a path, the hash of its last operation. On a runtime of several threads
// an operation goes on the path of the task that the thread polls; where the order of the threads is the program's
// order too, as on a runtime of one thread, on that of the thread, with the polls between. What the runtime does inside
// tells nothing: neither who steals what, nor which thread of a pool runs a closure; and nor does what its threads do
// outside of tasks and closures, as at their end.
//
// At granularity::runtime the runtime is what is tested: all operations are those of threads.
#include "execution.hpp"

#include <utility>

namespace heddle::sim {

void execution::note_order(operation done, std::uint8_t detail) {
  if (current_->trust == 0 ? !current_->is_muted : orders_trusted(done, detail)) order_.add(path(), done, detail);
}

// Of what happens inside of the runtime, what the task asked for: the order of its select, an early end of its sleep.
bool execution::orders_trusted(const operation& done, std::uint8_t detail) const noexcept {
  if (points_trusted_) return true;
  if (done.kind != operation_kind::choice || current_->polled == nullptr) return false;
  const auto asked = static_cast<choice_kind>(detail);
  return asked == choice_kind::select_order || asked == choice_kind::early_timeout;
}

// Threads of the runtime are made when it needs them, which is no business of whoever it serves then.
actor_path execution::path_of_thread() noexcept {
  if (threads_.empty()) return 0;
  if (current_->trust != 0 && !points_trusted_) return order_hash::unmade;
  return order_hash::path_of_made(path());
}

void execution::begin_path(task_record& task, hooks::task_home home) noexcept {
  task.path = order_hash::path_of_made(path());
  task.has_path = home != hooks::task_home::thread && !points_trusted_;
}

void execution::record_of_task(task_record& task, operation done) {
  record(done, 0);
  if (points_trusted_) return;
  const auto what = static_cast<std::uint64_t>(done.kind);
  if (!task.has_path) return order_.add_step(current_->path, what + task.path);
  // What a task does in a poll tells enough, unless it may be anything.
  if (done.kind != operation_kind::task_poll || options_.level == granularity::task) order_.add_step(task.path, what);
}

void execution::note_join(const void* task) noexcept {
  constexpr std::uint64_t not_ended = 0x6a6f696e;
  if (!points_trusted_ && find_task(task) != nullptr) order_.add_step(path(), not_ended);
}

void execution::begin_own_code(task_record& task) noexcept {
  current_->is_muted = false;
  if (task.has_path) std::swap(current_->path, task.path);
}

void execution::end_own_code(task_record& task) noexcept {
  if (task.has_path) std::swap(current_->path, task.path);
  show_path();
}

void execution::begin_serving(hooks::operation kind, const void* object) noexcept {
  if (points_trusted_) return;
  if (kind == hooks::operation::serve) {
    current_->serves = true;
    return show_path();
  }
  // Of a pool, a closure.
  const task_record* const task = object == nullptr ? nullptr : find_task(object);
  if (task == nullptr || !task->has_path) return;
  current_->path = task->path;
  current_->is_muted = false;
}

}  // namespace heddle::sim
