// Reading the numbers of a runtime; see runtime_metrics.hpp. Thread safety: any thread.
#include "heddle/runtime/runtime_metrics.hpp"

#include "blocking/blocking_pool.hpp"
#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"

namespace heddle {

std::size_t runtime_metrics::alive_tasks() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, core_.get());
  return core_->alive_tasks();
}

std::size_t runtime_metrics::injection_depth() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, core_.get());
  return core_->injection_depth();
}

std::size_t runtime_metrics::worker_threads() const noexcept {
  return core_->worker_count();
}

worker_metrics runtime_metrics::worker(std::size_t index) const noexcept {
  HEDDLE_ASSERT(index < core_->worker_count(), "metrics are asked of a worker that does not exist");
  const hooks::operation_scope operation(hooks::operation::other, core_.get());
  worker_metrics numbers;
  core_->read_worker(index, numbers);
  return numbers;
}

std::size_t runtime_metrics::blocking_threads() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, core_.get());
  return core_->blocking().thread_count();
}

std::size_t runtime_metrics::idle_blocking_threads() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, core_.get());
  return core_->blocking().idle_count();
}

std::size_t runtime_metrics::blocking_queue_depth() const noexcept {
  const hooks::operation_scope operation(hooks::operation::other, core_.get());
  return core_->blocking().queue_depth();
}

}  // namespace heddle
