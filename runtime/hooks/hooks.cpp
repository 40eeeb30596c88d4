// The out-of-line half of the hooks. Compiled plainly, never instrumented, and linked only by checked
// programs: reading the table must not itself be an event.
#define HEDDLE_CHECKED 1
#include "heddle/hooks.hpp"

namespace heddle::hooks {

namespace {
constinit const table* installed = nullptr;
}  // namespace

void install(const table& observer) noexcept {
  installed = &observer;
}

void task_spawned(const void* task, const char* name, const source_place& place) noexcept {
  if (installed != nullptr) installed->task_spawned(task, name, place);
}

void task_ended(const void* task, task_end how) noexcept {
  if (installed != nullptr) installed->task_ended(task, how);
}

void poll_begins(const void* task) noexcept {
  if (installed != nullptr) installed->poll_begins(task);
}

void poll_ends(const void* task) noexcept {
  if (installed != nullptr) installed->poll_ends(task);
}

void task_woken(const void* task) noexcept {
  if (installed != nullptr) installed->task_woken(task);
}

void await_begins(const source_place& place) noexcept {
  if (installed != nullptr) installed->await_begins(place);
}

void await_ends() noexcept {
  if (installed != nullptr) installed->await_ends();
}

void blocked_on(const char* what, const void* object) noexcept {
  if (installed != nullptr) installed->blocked_on(what, object);
}

std::uint32_t choose(choice kind, std::uint32_t candidates, std::uint32_t fallback) noexcept {
  return installed != nullptr ? installed->choose(kind, candidates, fallback) : fallback;
}

namespace detail {

void enter_operation(operation kind, const void* object) noexcept {
  if (installed != nullptr) installed->enter_operation(kind, object);
}

void leave_operation() noexcept {
  if (installed != nullptr) installed->leave_operation();
}

std::uint32_t enter_user_code() noexcept {
  return installed != nullptr ? installed->enter_user_code() : 0;
}

void leave_user_code(std::uint32_t saved) noexcept {
  if (installed != nullptr) installed->leave_user_code(saved);
}

}  // namespace detail

}  // namespace heddle::hooks
