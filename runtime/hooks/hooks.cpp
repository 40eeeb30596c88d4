// The out-of-line half of the hooks. Compiled plainly, never instrumented, and linked only by checked
// programs: reading the table must not itself be an event.
//
// Each call is one jump through the table, which is full from the start: tasks call it several times at each poll.
#define HEDDLE_CHECKED 1
#include "heddle/hooks.hpp"

namespace heddle::hooks {

namespace {

// What nobody observes.
constinit table installed{
    .task_spawned = [](const void*, const char*, const source_place&, task_home) noexcept { return task_number{0}; },
    .task_ended = [](const void*, task_end) noexcept {},
    .poll_begins = [](const void*, task_number) noexcept { return std::uint32_t{0}; },
    .poll_ends = [](const void*, std::uint32_t) noexcept {},
    .enter_task_code = [](const void*, task_number) noexcept { return std::uint32_t{0}; },
    .leave_task_code = [](const void*, task_number, std::uint32_t) noexcept {},
    .task_woken = [](const void*) noexcept {},
    .await_begins = [](const source_place&) noexcept {},
    .await_ends = []() noexcept {},
    .blocked_on = [](const char*, const void*) noexcept {},
    .choose = [](choice, std::uint32_t, std::uint32_t fallback) noexcept { return fallback; },
    .enter_wake = [](const void*) noexcept { return std::uint32_t{0}; },
    .leave_wake = [](std::uint32_t) noexcept {},
    .enter_operation = [](operation, const void*) noexcept {},
    .leave_operation = []() noexcept {},
    .enter_user_code = []() noexcept { return std::uint32_t{0}; },
    .leave_user_code = [](std::uint32_t) noexcept {},
    .enter_blocking = []() noexcept {},
    .leave_blocking = []() noexcept {},
    .memory_retired = [](const void*, std::size_t) noexcept {},
    .memory_restored = [](const void*, std::size_t) noexcept {},
    .waker_made = [](const void*, task_number) noexcept {},
    .waker_gone = [](const void*, task_number, waker_end) noexcept {},
    .lock_taken = [](const void*) noexcept {},
    .lock_given_up = [](const void*) noexcept {},
    .notified_nobody = [](const void*) noexcept {},
    .value_bound = [](const void*) noexcept {},
    .value_used = [](const void*, value_use) noexcept {},
    .value_gone = [](const void*) noexcept {},
    .aborts_suspended = [](const void*, task_number) noexcept { return abort_moment::never; },
    .aborts_queued = [](const void*, task_number) noexcept { return false; },
    .task_cancelled = [](const void*, task_number) noexcept {},
    .runs_out = [](std::int64_t) noexcept { return false; },
    .misused = [](const char*) noexcept {},
};

}  // namespace

void install(const table& observer) noexcept {
  installed = observer;
}

task_number task_spawned(const void* task, const char* name, const source_place& place, task_home home) noexcept {
  return installed.task_spawned(task, name, place, home);
}

void task_ended(const void* task, task_end how) noexcept {
  installed.task_ended(task, how);
}

void task_woken(const void* task) noexcept {
  installed.task_woken(task);
}

void await_begins(const source_place& place) noexcept {
  installed.await_begins(place);
}

void await_ends() noexcept {
  installed.await_ends();
}

void blocked_on(const char* what, const void* object) noexcept {
  installed.blocked_on(what, object);
}

void waker_made(const void* task, task_number number) noexcept {
  installed.waker_made(task, number);
}

void waker_gone(const void* task, task_number number, waker_end how) noexcept {
  installed.waker_gone(task, number, how);
}

void lock_taken(const void* lock) noexcept {
  installed.lock_taken(lock);
}

void lock_given_up(const void* lock) noexcept {
  installed.lock_given_up(lock);
}

void notified_nobody(const void* object) noexcept {
  installed.notified_nobody(object);
}

void value_bound(const void* value) noexcept {
  installed.value_bound(value);
}

void value_used(const void* value, value_use how) noexcept {
  installed.value_used(value, how);
}

void value_gone(const void* value) noexcept {
  installed.value_gone(value);
}

void misused(const char* sentence) noexcept {
  installed.misused(sentence);
}

std::uint32_t choose(choice kind, std::uint32_t candidates, std::uint32_t fallback) noexcept {
  return installed.choose(kind, candidates, fallback);
}

void memory_retired(const void* begin, std::size_t size) noexcept {
  installed.memory_retired(begin, size);
}

void memory_restored(const void* begin, std::size_t size) noexcept {
  installed.memory_restored(begin, size);
}

abort_moment aborts_suspended(const void* task, task_number number) noexcept {
  return installed.aborts_suspended(task, number);
}

bool aborts_queued(const void* task, task_number number) noexcept {
  return installed.aborts_queued(task, number);
}

void task_cancelled(const void* task, task_number number) noexcept {
  installed.task_cancelled(task, number);
}

bool runs_out(std::int64_t deadline_ns) noexcept {
  return installed.runs_out(deadline_ns);
}

namespace detail {

std::uint32_t poll_begins(const void* task, task_number number) noexcept {
  return installed.poll_begins(task, number);
}

void poll_ends(const void* task, std::uint32_t saved) noexcept {
  installed.poll_ends(task, saved);
}

std::uint32_t enter_task_code(const void* task, task_number number) noexcept {
  return installed.enter_task_code(task, number);
}

void leave_task_code(const void* task, task_number number, std::uint32_t saved) noexcept {
  installed.leave_task_code(task, number, saved);
}

std::uint32_t enter_wake(const void* task) noexcept {
  return installed.enter_wake(task);
}

void leave_wake(std::uint32_t saved) noexcept {
  installed.leave_wake(saved);
}

void enter_operation(operation kind, const void* object) noexcept {
  installed.enter_operation(kind, object);
}

void leave_operation() noexcept {
  installed.leave_operation();
}

std::uint32_t enter_user_code() noexcept {
  return installed.enter_user_code();
}

void leave_user_code(std::uint32_t saved) noexcept {
  installed.leave_user_code(saved);
}

void enter_blocking() noexcept {
  installed.enter_blocking();
}

void leave_blocking() noexcept {
  installed.leave_blocking();
}

}  // namespace detail

}  // namespace heddle::hooks
