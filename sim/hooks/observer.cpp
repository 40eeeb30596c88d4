#include "observer.hpp"

#include "../machine/execution.hpp"
#include "heddle/hooks.hpp"

namespace heddle::sim {

namespace {

await_place place_of(const hooks::source_place& place) noexcept {
  return {.file = place.file, .function = place.function, .line = place.line};
}

operation task_operation(operation_kind kind, object_id id) noexcept {
  return {.kind = kind, .writes = true, .object = id};
}

void task_spawned(const void* task, const char* name, const hooks::source_place& place) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record& record = machine->add_task(task);
  record.name = name;
  record.spawned_at = place_of(place);
}

void task_ended(const void* task, hooks::task_end) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const record = machine->find_task(task);
  if (record == nullptr) return;
  record->condition = task_condition::ended;
  // A worker may still be between the end and poll_ends.
  task_record** link = &machine->current().polled;
  while (*link != nullptr && *link != record) link = &(*link)->outer;
  if (*link != nullptr) *link = record->outer;
  machine->forget_task(task);
}

void poll_begins(const void* task) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const record = machine->find_task(task);
  if (record == nullptr) return;
  const operation poll = task_operation(operation_kind::task_poll, record->id);
  // At granularity::runtime the queue's own operations are the points.
  if (machine->level() != granularity::runtime) {
    machine->announce(poll, reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
  }
  machine->record(poll, 0);
  machine->progress();
  record->condition = task_condition::polled;
  record->blocked_what = nullptr;
  record->outer = machine->current().polled;
  machine->current().polled = record;
}

void poll_ends(const void* task) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const polled = machine->current_task();
  if (polled == nullptr || polled->address != task) return;
  if (polled->condition == task_condition::polled) polled->condition = task_condition::suspended;
  machine->current().polled = polled->outer;
}

void task_woken(const void* task) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const polled = machine->current_task();
  task_record* const record = polled != nullptr && polled->address == task ? polled : machine->find_task(task);
  if (record == nullptr) return;
  record->condition = task_condition::queued;
  machine->progress();
}

void await_begins(const hooks::source_place& place) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  if (task_record* const task = machine->current_task()) task->awaiting.push_back(place_of(place));
}

void await_ends() noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const task = machine->current_task();
  if (task != nullptr && !task->awaiting.empty()) task->awaiting.pop_back();
}

void blocked_on(const char* what, const void* object) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const task = machine->current_task();
  if (task == nullptr) return;
  task->blocked_what = what;
  task->blocked_object = object == nullptr ? 0 : machine->identity(object, object_kind::runtime_object);
}

std::uint32_t choose(hooks::choice kind, std::uint32_t candidates, std::uint32_t fallback) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return fallback;
  switch (kind) {
    case hooks::choice::steal_victim:
      return machine->choose(choice_kind::steal_victim, candidates);
    case hooks::choice::idle_worker:
      return machine->choose(choice_kind::idle_worker, candidates);
    case hooks::choice::timer_tie:
      return machine->choose(choice_kind::timer_tie, candidates);
    case hooks::choice::select_order:
      return machine->choose(choice_kind::select_order, candidates);
  }
  return fallback;
}

// A task that wakes itself while it is polled, as yield_now does, is seen by nobody before that poll has
// ended, and the next poll is a point of its own.
bool wakes_itself(execution& machine, hooks::operation kind, const void* object) noexcept {
  if (kind != hooks::operation::wake) return false;
  const task_record* const polled = machine.current_task();
  return polled != nullptr && polled->address == object;
}

void enter_trusted(execution& machine) noexcept {
  ++machine.current().trust;
  machine.trust_changed();
}

[[gnu::noinline]] void enter_after_point(execution& machine, hooks::operation kind, const void* object,
                                         std::uintptr_t pc) noexcept {
  const object_id id = object == nullptr ? 0 : machine.identity(object, object_kind::runtime_object);
  machine.point(task_operation(operation_kind::runtime_operation, id), pc, static_cast<std::uint8_t>(kind));
  enter_trusted(machine);
}

void enter_operation(hooks::operation kind, const void* object) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  if (machine->current().trust == 0 && machine->level() != granularity::runtime &&
      !wakes_itself(*machine, kind, object)) {
    return enter_after_point(*machine, kind, object, reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
  }
  enter_trusted(*machine);
}

void leave_operation() noexcept {
  execution* const machine = running();
  // A scope may have been entered before the execution began or in another one that was abandoned.
  if (machine == nullptr || machine->current().trust == 0) return;
  --machine->current().trust;
  machine->trust_changed();
}

std::uint32_t enter_user_code() noexcept {
  execution* const machine = running();
  if (machine == nullptr) return 0;
  const std::uint32_t saved = machine->current().trust;
  machine->current().trust = 0;
  machine->trust_changed();
  return saved;
}

void leave_user_code(std::uint32_t saved) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  machine->current().trust = saved;
  machine->trust_changed();
}

constexpr hooks::table observer{
    .task_spawned = &task_spawned,
    .task_ended = &task_ended,
    .poll_begins = &poll_begins,
    .poll_ends = &poll_ends,
    .task_woken = &task_woken,
    .await_begins = &await_begins,
    .await_ends = &await_ends,
    .blocked_on = &blocked_on,
    .choose = &choose,
    .enter_operation = &enter_operation,
    .leave_operation = &leave_operation,
    .enter_user_code = &enter_user_code,
    .leave_user_code = &leave_user_code,
};

}  // namespace

void observe_hooks() noexcept {
  hooks::install(observer);
}

}  // namespace heddle::sim
