// Values that say that they are bound to their thread (heddle::thread_bound), and their uses on another.
//
// How it works. A value is known by its address, with the thread and task that made it. When the task is polled on
// another thread, the place where it was suspended is noted in the values it made on the last one. A use is compared
// with the thread, in whatever task.
//
// Limit: a value whose memory is given back without its destructor is forgotten when another is made there.
#include "../races/call_tree.hpp"
#include "execution.hpp"

#include <string>

namespace heddle::sim {

void execution::bind_value(const void* value, std::uintptr_t pc) {
  if (tells_touches_ && bound_values_.size() == 0) tell(operation_kind::memory_write, &bound_values_);
  bound_value& made = bound_values_.take();
  made = {.thread = current_->id,
          .task = current_task() == nullptr ? 0 : current_task()->id,
          .place = places().place_of(*current_, pc),
          .left = false,
          .suspended = {}};
  objects_.find_or_add(value, object_kind::bound_value).state = &made;
}

void execution::note_moved(task_record& task) {
  const thread_id before = task.last_thread;
  task.last_thread = current_->id;
  if (before == no_thread || task.awaiting.empty()) return;
  for (std::size_t i = 0; i < bound_values_.size(); ++i) {
    bound_value& value = bound_values_[i];
    if (value.task != task.id || value.thread != before || value.left) continue;
    value.left = true;
    value.suspended = task.awaiting.back();
  }
}

failure execution::stray_use_of(const bound_value& value, hooks::value_use how) {
  const std::string made_by = "thread " + std::to_string(value.thread);
  const std::string user = current_task() == nullptr ? "" : "task " + std::to_string(current_task()->id) + " on ";
  failure made = make_failure(
      failure_kind::thread_affinity,
      user + "thread " + std::to_string(current_->id) + (how == hooks::value_use::destroyed ? " destroys" : " uses") +
          " a value that is bound to " + made_by + (value.left ? ", which the task has left at a suspension" : ""));
  const std::string maker = value.task == 0 ? made_by : "task " + std::to_string(value.task) + " on " + made_by;
  made.related.push_back(
      {.title = maker + ", where it made the value", .stack = places().stack_at(value.place), .place = {}});
  if (value.left) {
    made.related.push_back({.title = "task " + std::to_string(value.task) + ", where it was suspended before it moved",
                            .stack = {},
                            .place = value.suspended});
  }
  return made;
}

void execution::fail_if_bound_elsewhere(const void* address, hooks::value_use how, std::uintptr_t pc) {
  const object_entry* const entry = objects_.find(address, object_kind::bound_value);
  if (entry == nullptr) return;
  const bound_value& value = *static_cast<const bound_value*>(entry->state);
  if (value.thread == current_->id) return;
  const std::uint32_t place = places().place_of(*current_, pc);
  if (has_accepted(failure_kind::thread_affinity, place, value.place)) return;
  set_inactive();
  current_->pc = pc;
  fail_unless_accepted(stray_use_of(value, how), place, value.place);
}

}  // namespace heddle::sim
