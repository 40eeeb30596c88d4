// The references to an owner of tasks; see detail/task_owner.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/task_owner.hpp"

namespace heddle::detail {

task_owner::~task_owner() = default;

void task_owner::add_references(std::size_t count) noexcept {
  // Relaxed: the caller has a reference, and passes the new ones on by other synchronisation.
  references_.fetch_add(count, std::memory_order_relaxed);
}

void task_owner::drop_references(std::size_t count) noexcept {
  // acq_rel: who drops the last destroys what the others used.
  if (references_.fetch_sub(count, std::memory_order_acq_rel) == count) delete this;
}

}  // namespace heddle::detail
