// Spawning, running and dropping local tasks; see local_set.hpp and local_set_core.hpp. Thread safety: as declared
// there.
#include "heddle/runtime/local_set.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "scheduler/local_set_core.hpp"
#include "scheduler/thread_context.hpp"

#include <stdexcept>
#include <utility>

namespace heddle {

namespace detail {

namespace {

thread_local local_set_core* current_set = nullptr;

// The current-thread runtime that the calling thread drives, or null. Its record of the thread is itself.
scheduler* driven_here() noexcept {
  const thread_context* const here = thread_context::innermost();
  if (here == nullptr || here->worker() != static_cast<void*>(&here->current())) return nullptr;
  return &here->current();
}

}  // namespace

[[gnu::noinline]] local_set_core* local_set_core::current() noexcept {
  return current_set;
}

[[gnu::noinline]] local_set_scope::local_set_scope(local_set_core& core) noexcept
    : outer_(std::exchange(current_set, &core)) {}

[[gnu::noinline]] local_set_scope::~local_set_scope() {
  current_set = outer_;
}

void local_set_core::require_own_thread() const noexcept {
  HEDDLE_ASSERT(thread_ == std::this_thread::get_id(),
                "a local_set is used on another thread than the one that made it; await it in block_on");
}

void local_set_core::schedule(task_header& task, schedule_hint) noexcept {
  if (current() == this) return local_.push(task);
  if (!injection_.push(task)) return task.drop_reference();
  waker waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(waiting_);
  }
  if (waiting) std::move(waiting).wake();
}

bool local_set_core::release(task_header& task) noexcept {
  --alive_;
  return owned_.remove(task);
}

void local_set_core::adopt(task_header& task) noexcept {
  require_own_thread();
  ++alive_;
  if (owned_.insert(task)) {
    schedule(task, schedule_hint::spawned);
  } else {
    task.refuse();
  }
}

// Registered before the queues are looked at, so that no wake falls in between.
void local_set_core::wait_with(const waker& current) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.will_wake(current)) return;
  }
  waker replaced = current.clone();
  const std::lock_guard lock(mutex_);
  // Swapped, not assigned: the mutex is released before the old waker is dropped.
  std::swap(waiting_, replaced);
}

task_header* local_set_core::next_task() noexcept {
  // Every other turn begins with the mailbox, so that neither queue starves the other.
  if (++turn_ % 2 == 0) {
    if (task_header* const task = injection_.pop()) return task;
  }
  if (task_header* const task = local_.pop()) return task;
  return injection_.pop();
}

bool local_set_core::run(const waker& current) {
  require_own_thread();
  const hooks::operation_scope operation(hooks::operation::other, this);
  wait_with(current);
  for (std::uint32_t i = 0; i < tasks_per_poll; ++i) {
    task_header* const task = next_task();
    if (task == nullptr) {
      if (alive_ > 0) hooks::blocked_on("local_set", this);
      return alive_ > 0;
    }
    task->run();
  }
  if (alive_ > 0) current.wake_by_ref();
  return alive_ > 0;
}

void local_set_core::shutdown() noexcept {
  require_own_thread();
  const hooks::operation_scope operation(hooks::operation::shutdown, this);
  injection_.close();
  owned_.close_and_shut_down();
  while (task_header* const task = local_.pop()) task->drop_reference();
  while (task_header* const task = injection_.pop()) task->drop_reference();
  waker dropped;
  const std::lock_guard lock(mutex_);
  std::swap(waiting_, dropped);
}

// Outside a runtime the highest bit keeps the ids apart from those of runtimes.
task_id local_set_core::next_id() noexcept {
  const thread_context* const here = thread_context::innermost();
  if (here != nullptr) return here->current().next_id();
  constexpr std::uint64_t outside = std::uint64_t{1} << 63;
  return task_id(outside | ++count_);
}

bool run_local_tasks(local_set_core& core, context& cx) {
  return core.run(cx.get_waker());
}

void require_local_tasks(const local_set_core* core) {
  if (core != nullptr || local_set_core::current() != nullptr || driven_here() != nullptr) return;
  throw std::logic_error(
      "heddle: spawn_local was called where nothing runs local tasks; call it inside local_set::run_until, or inside "
      "block_on of a current-thread runtime");
}

void spawn_local_task(local_set_core* core, task_header& task, const hooks::source_place& place) {
  local_set_core* const target = core != nullptr ? core : local_set_core::current();
  if (target == nullptr) return spawn_task(*driven_here(), task, nullptr, place);
  const hooks::operation_scope operation(hooks::operation::spawn, &task);
  target->add_references(1);
  task.assign(*target, {target->next_id(), nullptr, task_kind::async});
  task.announce(place, hooks::task_home::thread);
  target->adopt(task);
}

}  // namespace detail

local_set::local_set() : core_(detail::owner_ptr<detail::local_set_core>::make()) {}

local_set::~local_set() {
  const detail::local_set_scope here(*core_);
  core_->shutdown();
}

poll_result<> local_set::poll(context& cx) {
  const detail::local_set_scope here(*core_);
  if (detail::run_local_tasks(*core_, cx)) return pending;
  return ready;
}

}  // namespace heddle
