#include "observer.hpp"

#include "../interpose/clocks.hpp"
#include "../interpose/real.hpp"
#include "../machine/allowed_blocking.hpp"
#include "../machine/execution.hpp"
#include "../memory/arena.hpp"
#include "../memory/shadow.hpp"
#include "../objects/misuse.hpp"
#include "heddle/hooks.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace heddle::sim {

namespace {

// Field by field: the caller has only just stored them, and one load of two fields would wait for both stores.
await_place place_of(const hooks::source_place& place) noexcept {
  const char* file = place.file;
  asm("" : "+r"(file));  // so that the compiler does not load the two at once
  return {.file = file, .function = place.function, .line = place.line};
}

operation task_operation(operation_kind kind, object_id id) noexcept {
  return {.kind = kind, .writes = true, .object = id};
}

hooks::task_number task_spawned(const void* task, const char* name, const hooks::source_place& place,
                                hooks::task_home home) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return 0;
  task_record& record = machine->add_task(task);
  record.name = name;
  record.spawned_at = place_of(place);
  machine->begin_path(record, home);
  machine->order_spawn(record, home);
  return record.id;
}

void task_ended(const void* task, hooks::task_end) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const record = machine->find_task(task);
  if (record == nullptr) return;
  record->condition = task_condition::ended;
  if (record->name != nullptr) {
    record->ended_name.assign(record->name, record->name + std::strlen(record->name));
    record->name = nullptr;
  }
  // A worker may still be between the end and poll_ends.
  task_record** link = &machine->current().polled;
  while (*link != nullptr && *link != record) link = &(*link)->outer;
  if (*link != nullptr) *link = record->outer;
  machine->show_path();
  machine->order_end(*record);
  machine->forget_task(task);
}

void enter_trusted(execution& machine) noexcept {
  ++machine.current().trust;
  machine.trust_changed();
}

std::uint32_t enter_user_code(execution& machine) noexcept {
  const std::uint32_t saved = machine.current().trust;
  machine.current().trust = 0;
  machine.trust_changed();
  return saved;
}

void leave_user_code(execution& machine, std::uint32_t saved) noexcept {
  machine.current().trust = saved;
  machine.trust_changed();
}

std::uint32_t poll_begins(const void* task, hooks::task_number number) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return 0;
  task_record* const record = machine->find_task(task, number);
  if (record == nullptr) return enter_user_code(*machine);
  const operation poll = task_operation(operation_kind::task_poll, number);
  // At granularity::runtime the queue's own operations are the points.
  if (machine->level() != granularity::runtime) {
    machine->announce(poll, HEDDLE_CALLER);
  }
  machine->record_of_task(*record, poll);
  machine->current().clock_polls = 0;
  machine->note_poll(*record);
  if (record->last_thread != machine->current().id) machine->note_moved(*record);
  record->condition = task_condition::polled;
  record->blocked_what = nullptr;
  record->outer = machine->current().polled;
  record->locks_held_before = machine->current().locks_held.size();
  machine->current().polled = record;
  machine->current().is_muted = false;
  machine->current().looked = record->looked;
  machine->enter_task(*record);
  return enter_user_code(*machine);
}

void poll_ends(const void* task, std::uint32_t saved) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  leave_user_code(*machine, saved);
  task_record* const polled = machine->current_task();
  if (polled == nullptr || polled->address != task) return;
  machine->fail_if_polled_long(*polled);
  if (machine->current().locks_held.size() > polled->locks_held_before) machine->fail_if_holding_locks(*polled);
  if (polled->condition == task_condition::polled) polled->condition = task_condition::suspended;
  machine->current().polled = polled->outer;
  machine->show_path();
  polled->looked = machine->current().looked;
  machine->leave_task(*polled);
}

std::uint32_t enter_task_code(const void* task, hooks::task_number number) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return 0;
  if (task_record* const record = machine->task_by_number(task, number)) {
    machine->enter_task(*record);
    machine->begin_own_code(*record);
  }
  return enter_user_code(*machine);
}

void leave_task_code(const void* task, hooks::task_number number, std::uint32_t saved) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  leave_user_code(*machine, saved);
  if (task_record* const record = machine->task_by_number(task, number)) {
    machine->end_own_code(*record);
    machine->leave_task(*record);
  }
}

hooks::abort_moment aborts_suspended(const void* task, hooks::task_number number) noexcept {
  execution* const machine = running();
  if (machine == nullptr || !machine->may_cancel()) return hooks::abort_moment::never;
  task_record* const record = machine->find_task(task, number);
  return record == nullptr ? hooks::abort_moment::never : machine->aborts_suspended(*record);
}

bool aborts_queued(const void* task, hooks::task_number number) noexcept {
  execution* const machine = running();
  if (machine == nullptr || !machine->may_cancel()) return false;
  task_record* const record = machine->find_task(task, number);
  return record != nullptr && machine->aborts_queued(*record);
}

void task_cancelled(const void* task, hooks::task_number number) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const record = machine->find_task(task, number);
  if (record == nullptr) return;
  const operation drop = task_operation(operation_kind::task_cancel, number);
  if (machine->level() != granularity::runtime) {
    machine->announce(drop, HEDDLE_CALLER);
  }
  machine->record_of_task(*record, drop);
  machine->progress();
}

bool runs_out(std::int64_t deadline_ns) noexcept {
  execution* const machine = running();
  if (machine == nullptr || !machine->may_cancel() || machine->current_task() == nullptr) return false;
  const std::int64_t since_start = deadline_ns - static_cast<std::int64_t>(monotonic_at_start_ns);
  return since_start > 0 && machine->runs_out(static_cast<std::uint64_t>(since_start));
}

void note_woken(execution& machine, task_record& task) noexcept {
  machine.note_queued(task);
  // One that wakes itself, as yield_now does, only asks for another turn.
  if (&task != machine.current_task()) machine.progress();
}

// Whether something may be different after an operation. What only looks, and comes again if it was in vain, is none:
// who gets what it asks for goes on to do other things.
bool changes(hooks::operation kind) noexcept {
  switch (kind) {
    case hooks::operation::lock:
    case hooks::operation::join:
    case hooks::operation::poll:
    case hooks::operation::channel_receive:
      return false;
    default:
      return true;
  }
}

void task_woken(const void* task) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  task_record* const polled = machine->current_task();
  task_record* const record = polled != nullptr && polled->address == task ? polled : machine->find_task(task);
  if (record == nullptr) return;
  note_woken(*machine, *record);
  if (record != polled) machine->order_wake(*record);
}

void await_begins(const hooks::source_place& place) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  if (task_record* const task = machine->current_task()) {
    const await_place at = place_of(place);
    task->awaiting.emplace_back(at.file, at.function, at.line);
  }
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
  task->blocked_address = object;
}

void waker_made(const void* task, hooks::task_number number) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  if (task_record* const record = machine->find_task(task, number)) machine->note_waker_made(*record);
}

void waker_gone(const void* task, hooks::task_number number, hooks::waker_end how) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  if (task_record* const record = machine->find_task(task, number)) machine->note_waker_gone(*record, how);
}

void lock_taken(const void* lock) noexcept {
  if (execution* const machine = running()) machine->note_async_locked(lock);
}

void lock_given_up(const void* lock) noexcept {
  if (execution* const machine = running()) machine->note_async_unlocked(lock);
}

void value_bound(const void* value) noexcept {
  execution* const machine = running();
  if (machine != nullptr) machine->bind_value(value, HEDDLE_CALLER);
}

void value_used(const void* value, hooks::value_use how) noexcept {
  execution* const machine = running();
  if (machine != nullptr) machine->fail_if_bound_elsewhere(value, how, HEDDLE_CALLER);
}

void value_gone(const void* value) noexcept {
  if (execution* const machine = running()) machine->unbind_value(value);
}

void notified_nobody(const void* object) noexcept {
  if (execution* const machine = running()) machine->note_unheard_of_runtime(object);
}

void misused(const char* sentence) noexcept {
  if (execution* const machine = running()) fail_misuse_of_runtime(*machine, sentence, HEDDLE_CALLER);
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
    case hooks::choice::task_move:
      return machine->has_bound_values() ? machine->choose(choice_kind::task_move, candidates) : fallback;
  }
  return fallback;
}

[[gnu::noinline]] void enter_after_point(execution& machine, hooks::operation kind, const void* object,
                                         std::uintptr_t pc) noexcept {
  const object_id id = object == nullptr ? 0 : machine.identity(object, object_kind::runtime_object);
  const operation next = task_operation(operation_kind::runtime_operation, id);
  machine.announce(next, pc);
  machine.record(next, pc, static_cast<std::uint8_t>(kind));
  if (kind == hooks::operation::join) machine.note_join(object);
  if (changes(kind)) machine.progress();
  machine.begin_operation(kind, object);
  enter_trusted(machine);
}

// Whether a scope that is entered now begins with a point.
bool begins_with_point(execution& machine) noexcept {
  return machine.current().trust == 0 && machine.level() != granularity::runtime;
}

void enter_operation(hooks::operation kind, const void* object) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return;
  if (begins_with_point(*machine)) {
    return enter_after_point(*machine, kind, object, HEDDLE_CALLER);
  }
  machine->begin_operation(kind, object);
  enter_trusted(*machine);
}

[[gnu::noinline]] void enter_wake_of_another(execution& machine, const void* task, std::uintptr_t pc) noexcept {
  if (begins_with_point(machine)) {
    enter_after_point(machine, hooks::operation::wake, task, pc);
  } else {
    machine.begin_operation(hooks::operation::wake, task);
    enter_trusted(machine);
  }
  task_record* const record = machine.find_task(task);
  if (record == nullptr) return;
  note_woken(machine, *record);
  machine.order_wake(*record);
}

std::uint32_t enter_wake(const void* task) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return 0;
  task_record* const polled = machine->current_task();
  if (polled == nullptr || polled->address != task) {
    enter_wake_of_another(*machine, task, HEDDLE_CALLER);
    return 0;
  }
  // A task that wakes itself while it is polled, as yield_now does, is seen by nobody before that poll has ended, and
  // the next poll is a point of its own: hence none here, and nothing that others learn.
  note_woken(*machine, *polled);
  machine->begin_operation(hooks::operation::wake, task);
  enter_trusted(*machine);
  return 0;
}

void leave_operation() noexcept {
  execution* const machine = running();
  // A scope may have been entered before the execution began or in another one that was abandoned.
  if (machine == nullptr || machine->current().trust == 0) return;
  machine->end_operation();
  --machine->current().trust;
  machine->trust_changed();
}

std::uint32_t enter_user_code() noexcept {
  execution* const machine = running();
  return machine == nullptr ? 0 : enter_user_code(*machine);
}

void leave_user_code(std::uint32_t saved) noexcept {
  execution* const machine = running();
  if (machine != nullptr) leave_user_code(*machine, saved);
}

void enter_blocking() noexcept {
  if (execution* const machine = running()) ++machine->current().blocking_allowed;
}

void leave_blocking() noexcept {
  execution* const machine = running();
  if (machine != nullptr && machine->current().blocking_allowed != 0) end_allowed_blocking(*machine);
}

// The part of a range of which flags are kept; nothing of memory that is not the execution's.
arena::extent granules_within(const void* begin, std::size_t size) noexcept {
  constexpr std::uintptr_t granule = shadow_memory::granule;
  if (!arena::owns(begin)) return {};
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(begin) + granule - 1) / granule * granule;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(begin) + size) / granule * granule;
  return {.address = first, .size = first < end ? end - first : 0};
}

void memory_retired(const void* begin, std::size_t size) noexcept {
  execution* const machine = running();
  const arena::extent whole = granules_within(begin, size);
  if (machine == nullptr || whole.size == 0) return;
  auto* const bytes = reinterpret_cast<unsigned char*>(whole.address);
  if (racing() != nullptr) machine->observe_free(bytes, whole.size, HEDDLE_CALLER);
  // Who frees the block later has no order with those who used the bytes, and needs none.
  shadow_memory::forget_cells(whole.address, whole.size);
  shadow_memory::set(whole.address, whole.size, granule_flag::freed);
  std::memset(bytes, arena::pattern, std::min(whole.size, arena::filled_max));
}

void memory_restored(const void* begin, std::size_t size) noexcept {
  const arena::extent whole = granules_within(begin, size);
  if (running() == nullptr || whole.size == 0) return;
  shadow_memory::forget_cells(whole.address, whole.size);
  shadow_memory::clear(whole.address, whole.size, granule_flag::freed);
}

constexpr hooks::table observer{
    .task_spawned = &task_spawned,
    .task_ended = &task_ended,
    .poll_begins = &poll_begins,
    .poll_ends = &poll_ends,
    .enter_task_code = &enter_task_code,
    .leave_task_code = &leave_task_code,
    .task_woken = &task_woken,
    .await_begins = &await_begins,
    .await_ends = &await_ends,
    .blocked_on = &blocked_on,
    .choose = &choose,
    .enter_wake = &enter_wake,
    .leave_wake = [](std::uint32_t) noexcept { leave_operation(); },
    .enter_operation = &enter_operation,
    .leave_operation = &leave_operation,
    .enter_user_code = &enter_user_code,
    .leave_user_code = &leave_user_code,
    .enter_blocking = &enter_blocking,
    .leave_blocking = &leave_blocking,
    .memory_retired = &memory_retired,
    .memory_restored = &memory_restored,
    .waker_made = &waker_made,
    .waker_gone = &waker_gone,
    .lock_taken = &lock_taken,
    .lock_given_up = &lock_given_up,
    .notified_nobody = &notified_nobody,
    .value_bound = &value_bound,
    .value_used = &value_used,
    .value_gone = &value_gone,
    .aborts_suspended = &aborts_suspended,
    .aborts_queued = &aborts_queued,
    .task_cancelled = &task_cancelled,
    .runs_out = &runs_out,
    .misused = &misused,
};

}  // namespace

void observe_hooks() noexcept {
  hooks::install(observer);
}

}  // namespace heddle::sim
