// The thread-local chain of slots; see detail/task_local_slot.hpp. Thread safety: each thread sees its own.
#include "heddle/runtime/detail/task_local_slot.hpp"

namespace heddle::detail {

namespace {

// Only touched by the functions below, which are not inlined into coroutines.
thread_local task_local_slot* innermost_slot = nullptr;

}  // namespace

task_local_slot::task_local_slot(const void* key, void* value) noexcept
    : key_(key), value_(value), outer_(innermost_slot) {
  innermost_slot = this;
}

task_local_slot::~task_local_slot() {
  innermost_slot = outer_;
}

void* task_local_slot::find(const void* key) noexcept {
  for (const task_local_slot* slot = innermost_slot; slot != nullptr; slot = slot->outer_) {
    if (slot->key_ == key) return slot->value_;
  }
  return nullptr;
}

}  // namespace heddle::detail
