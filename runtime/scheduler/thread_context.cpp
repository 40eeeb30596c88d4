// The thread-local context, and the functions that demand one. Thread safety: each thread sees its own.
#include "thread_context.hpp"

#include "heddle/runtime/detail/scheduler.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace heddle::detail {

namespace {

thread_local thread_context* innermost_context = nullptr;

}  // namespace

thread_context::thread_context(scheduler& current, thread_role role, void* worker) noexcept
    : current_(&current), role_(role), worker_(worker), outer_(innermost_context) {
  innermost_context = this;
}

thread_context::~thread_context() {
  innermost_context = outer_;
}

[[gnu::noinline]] thread_context* thread_context::innermost() noexcept {
  return innermost_context;
}

scheduler& current_scheduler(const char* operation) {
  thread_context* const here = thread_context::innermost();
  if (here == nullptr) {
    throw std::logic_error(
        std::string("heddle: ") + operation +
        " was called outside a runtime; call it from a task, or inside block_on; to spawn, a runtime and a "
        "handle have member functions");
  }
  return here->current();
}

void spawn_task(scheduler& target, task_header& task, task_companion_ptr companion, const hooks::source_place& place) {
  const hooks::operation_scope operation(hooks::operation::spawn, &task);
  target.adopt(task, std::move(companion), place);
}

}  // namespace heddle::detail
