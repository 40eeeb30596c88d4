// Happens-before among tasks: what the runtime's operations promise, whatever its queues and locks did.
//
// How it works. On a runtime of several threads a task is an actor of its own, whose number the thread carries
// while it runs the task's code. What the runtime synchronises inside, in trusted code, orders nothing; instead
//   - a spawn happens before the task's first poll, and each poll before the next;
//   - a wake happens before the poll it causes;
//   - the end of a task happens before whoever joins it, and before the shutdown of its runtime;
//   - an operation on an object learns from it and tells it what its kind promises (hooks::operation).
// So a race of two tasks is found in every schedule in which nothing orders them, also when one worker ran both.
// On a runtime of one thread the tasks are that thread, whose order counts too.
//
// The frames on a worker's stack are used again by one task after the other, so a task's accesses to the stack of the
// worker that runs it are not compared. On the stack of a thread in block_on stand the variables of its caller: there
// they belong to an actor that stands for that stack. It tells and learns nothing; the task of block_on knows what was
// done on the stack before its poll, and those who learn from it during the poll know it too.
#include "execution.hpp"

#include <string>

namespace heddle::sim {

namespace {

bool learns(hooks::operation kind) noexcept {
  switch (kind) {
    case hooks::operation::lock:
    case hooks::operation::join:
    case hooks::operation::blocking:
    case hooks::operation::channel_send:
    case hooks::operation::channel_receive:
    case hooks::operation::channel_close:
    case hooks::operation::serve:
    case hooks::operation::other:
      return true;
    default:
      return false;
  }
}

bool tells(hooks::operation kind) noexcept {
  switch (kind) {
    case hooks::operation::unlock:
    case hooks::operation::channel_send:
    case hooks::operation::channel_receive:
    case hooks::operation::channel_close:
    case hooks::operation::serve:
    case hooks::operation::other:
      return true;
    default:
      return false;
  }
}

}  // namespace

void execution::release_by_actor(message& into) {
  model_.release(current_->actor, into);
  // What the task does on this stack from now on is news to those who learn this.
  if (current_->stack_actor != no_actor) model_.advance(current_->stack_actor, current_->actor);
}

void execution::order_spawn(task_record& task, hooks::task_home home) {
  task.actor = no_actor;
  task.woken = {};
  task.stays.clear();
  task.shares_thread = home == hooks::task_home::workers || home == hooks::task_home::thread;
  task.of_caller = home == hooks::task_home::caller;
  if (!orders_tasks()) return;
  objects_.forget(task.address, object_kind::runtime_order);
  const bool own = home == hooks::task_home::workers || home == hooks::task_home::caller;
  if (own && task_actors_ < task_actors_max && model_.actors() < memory_model::actors_max) {
    ++task_actors_;
    task.actor = model_.create_actor(current_->actor);
    actor_owners_.push_back({.thread = no_thread, .task = task.id, .begun = model_.stamp_of(current_->actor)});
    if (current_->stack_actor != no_actor) model_.advance(current_->stack_actor, current_->actor);
  } else {
    release_by_actor(task.woken);
    release_by_actor(order_of(task.address));
  }
}

void execution::order_wake(task_record& task) {
  if (orders_tasks()) release_by_actor(task.woken);
}

void execution::order_end(task_record& task) {
  if (!orders_tasks()) return;
  const actor_id actor = task.actor != no_actor ? task.actor : current_->actor;
  message& ended = order_of(task.address);
  model_.release(actor, ended);
  model_.release(actor, ended_tasks_);
  if (task.of_caller) model_.acquire(current_->actor, ended);
}

void execution::enter_task(task_record& task) {
  task.outer_actor = no_actor;
  if (!orders_tasks()) return;
  virtual_thread& self = *current_;
  if (task.actor == no_actor) return model_.acquire(self.actor, task.woken);
  model_.acquire(task.actor, task.woken);
  model_.drop(task.woken);
  if (task.of_caller && self.stack_actor == no_actor) {
    if (model_.actors() >= memory_model::actors_max) return;
    self.stack_actor = model_.create_actor(self.actor);
    actor_owners_.push_back({.thread = self.id, .task = 0, .begun = 0});
  }
  if (task.stays.empty() || task.stays.back().thread != self.id) {
    if (!task.stays.empty()) model_.begin_moment(task.actor);
    task.stays.push_back({.from = stamp::time_of(model_.stamp_of(task.actor)), .thread = self.id});
  }
  task.outer_actor = self.actor;
  self.actor = task.actor;
  task.outer_stack = self.own_stack;
  self.own_stack = task.of_caller ? stack_accesses::of_the_stack : stack_accesses::not_compared;
  if (task.of_caller) model_.show(self.stack_actor, task.actor);
}

void execution::leave_task(task_record& task) {
  virtual_thread& self = *current_;
  if (task.outer_actor == no_actor || self.actor != task.actor) return;
  self.actor = task.outer_actor;
  task.outer_actor = no_actor;
  self.own_stack = task.outer_stack;
  if (task.of_caller) model_.advance(self.stack_actor, self.actor);
}

void execution::begin_operation(hooks::operation kind, const void* object) {
  // In place: one put together elsewhere and copied whole would wait for its own stores.
  current_->operations.emplace_back(kind, object);
  if (kind == hooks::operation::blocking || kind == hooks::operation::serve) begin_serving(kind, object);
  if (object != nullptr && learns(kind) && orders_tasks()) model_.acquire(current_->actor, order_of(object));
}

void execution::end_operation() {
  if (current_->operations.empty()) return;
  const open_operation ended = current_->operations.back();
  current_->operations.pop_back();
  if (ended.kind == hooks::operation::blocking) show_path();
  if (!orders_tasks()) return;
  if (ended.kind == hooks::operation::shutdown) model_.acquire(current_->actor, ended_tasks_);
  if (ended.object != nullptr && tells(ended.kind)) release_by_actor(order_of(ended.object));
}

std::string execution::name_of(actor_id actor) const {
  const actor_owner& owner = actor_owners_[actor];
  if (owner.task != 0) return "task " + std::to_string(owner.task);
  return "thread " + std::to_string(owner.thread);
}

}  // namespace heddle::sim
