// Polling a future on a thread that waits for nothing else, and the demands on the place of a block_on.
// Thread safety: any thread.
#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "root_header.hpp"
#include "thread_context.hpp"
#include "thread_parker.hpp"

#include <memory>
#include <stdexcept>
#include <string>

namespace heddle::detail {

namespace {

void demand_plain_thread() {
  thread_context* const here = thread_context::innermost();
  if (here != nullptr && here->role() == thread_role::polls_tasks) {
    constexpr const char* sentence =
        "block_on was called inside async code, where it would block the tasks of this thread; co_await the "
        "task instead, or call block_on inside spawn_blocking";
    // The exception may end in a join_handle that nobody looks at.
    hooks::misused(sentence);
    throw std::logic_error(std::string("heddle: ") + sentence);
  }
}

}  // namespace

void block_on_root(scheduler& target, root_future& root, const hooks::source_place& place) {
  demand_plain_thread();
  target.block_on(root, place);
}

void block_on_beside(scheduler& target, root_future& root, const hooks::source_place& place) {
  demand_plain_thread();
  target.block_on_beside(root, place);
}

void scheduler::block_on_beside(root_future& root, const hooks::source_place& place) {
  // Not const: a body that blocks in place changes it.
  thread_context here(*this, thread_role::polls_tasks, nullptr);
  const hooks::operation_scope operation(hooks::operation::other, &root);
  const auto parker = std::make_shared<thread_parker>();
  const root_scope scope(parker, place, hooks::task_home::caller);
  for (;;) {
    if (scope.header().take_woken() && scope.header().poll(root)) return;
    if (!scope.header().is_woken()) parker->park();
  }
}

}  // namespace heddle::detail
