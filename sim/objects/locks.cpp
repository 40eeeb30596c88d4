#include "locks.hpp"

#include "misuse.hpp"

#include <algorithm>
#include <iterator>

namespace heddle::sim {

namespace {

operation lock_operation(lock_mode mode, object_id id) noexcept {
  const bool shared = mode == lock_mode::shared;
  return {.kind = shared ? operation_kind::shared_lock : operation_kind::mutex_lock, .writes = !shared, .object = id};
}

void disable_those_who_cannot(execution& machine, sync_object& lock) noexcept {
  for (virtual_thread* waiting = lock.waiting.first; waiting != nullptr; waiting = waiting->queue_next) {
    if (!lock.available(waiting->wants_shared)) machine.disable(*waiting);
  }
}

void enable_those_who_can(execution& machine, sync_object& lock) {
  for (virtual_thread* waiting = lock.waiting.first; waiting != nullptr; waiting = waiting->queue_next) {
    if (lock.available(waiting->wants_shared)) machine.enable(*waiting);
  }
}

// REQUIRES: the lock is available in this mode.
lock_result acquire(execution& machine, sync_object& lock, lock_mode mode) {
  machine.acquire_from(lock.released);
  if (lock.health == lock_health::unrecoverable) return lock_result::not_recoverable;
  if (mode == lock_mode::shared) {
    ++lock.readers;
    machine.current().shared_held.push_back(&lock);
  } else {
    machine.acquire_from(lock.released_shared);
    lock.owner = machine.current().id;
    lock.depth = 1;
    if (lock.robust) ++machine.current().robust_held;
    machine.note_locked(lock, machine.current().pc);
  }
  if (!lock.waiting.empty()) disable_those_who_cannot(machine, lock);
  if (lock.health != lock_health::owner_died) return lock_result::done;
  lock.health = lock_health::inconsistent;
  return lock_result::owner_died;
}

void forget_shared(virtual_thread& thread, const sync_object& lock) noexcept {
  auto& held = thread.shared_held;
  const auto last = std::find(held.rbegin(), held.rend(), &lock);
  if (last != held.rend()) held.erase(std::next(last).base());
}

bool reads(const virtual_thread& thread, const sync_object& lock) noexcept {
  const auto& held = thread.shared_held;
  return std::find(held.begin(), held.end(), &lock) != held.end();
}

void free_lock(execution& machine, sync_object& lock) {
  if (lock.owner != no_thread) {
    machine.release_into(lock.released);
    if (!machine.current().locks_held.empty()) machine.note_unlocked(lock);
    if (lock.robust) --machine.current().robust_held;
    if (lock.health == lock_health::inconsistent) lock.health = lock_health::unrecoverable;
    lock.owner = no_thread;
    lock.depth = 0;
  } else if (lock.readers > 0) {
    machine.release_into(lock.released_shared);
    --lock.readers;
    forget_shared(machine.current(), lock);
  }
  if (!lock.waiting.empty()) enable_those_who_can(machine, lock);
}

// A lock that prefers writers counts those that wait. One that has only announced itself has not come yet to the
// others' knowledge, so on such a lock the announcement is a point of its own, before the queue is entered.
void enter_queue(execution& machine, sync_object& lock, operation next, std::uintptr_t pc) {
  virtual_thread& self = machine.current();
  if (lock.prefers_writers && machine.interleaves()) {
    machine.announce(next, pc);
    if (lock.available(self.wants_shared)) return;
  }
  if (lock.prefers_writers && !self.wants_shared) {
    ++lock.writers_waiting;
    disable_those_who_cannot(machine, lock);
  }
  lock.waiting.push(self);
}

void leave_queue(execution& machine, sync_object& lock) {
  virtual_thread& self = machine.current();
  if (self.queue == &lock.waiting) lock.waiting.remove(self);
  if (!lock.prefers_writers || self.wants_shared) return;
  --lock.writers_waiting;
  enable_those_who_can(machine, lock);
}

// The caller is in the lock's queue; returns when it may take the lock, or false at the deadline.
bool wait_for_turn(execution& machine, sync_object& lock, const void* address, operation next, std::uint64_t deadline,
                   std::uintptr_t pc) {
  virtual_thread& self = machine.current();
  self.pc = pc;
  if (!lock.available(self.wants_shared)) {
    machine.announce_for(self, next);
    return !machine.runs_out_early(deadline) && machine.block(wait_reason::lock, address, deadline);
  }
  // Others may take the lock at this point; the caller then waits like them.
  self.reason = wait_reason::lock;
  self.waiting_address = address;
  self.timed_out = false;
  if (deadline != no_deadline) machine.set_deadline(self, deadline);
  machine.announce(next, pc);
  self.reason = wait_reason::nothing;
  return !self.timed_out;
}

}  // namespace

lock_result take(execution& machine, const void* address, lock_mode mode, lock_rule rule, std::uint64_t deadline,
                 std::uintptr_t pc) {
  sync_object& lock = machine.object(address, object_kind::lock);
  virtual_thread& self = machine.current();
  if (lock.owner == self.id && rule != lock_rule::normal) {
    if (rule == lock_rule::error_checking) return lock_result::already_held;
    ++lock.depth;
    return lock_result::done;
  }
  const operation next = lock_operation(mode, lock.id);
  self.wants_shared = mode == lock_mode::shared;
  if (machine.interleaves() || !lock.available(self.wants_shared)) {
    enter_queue(machine, lock, next, pc);
    if (self.queue != nullptr) {
      const bool came = wait_for_turn(machine, lock, address, next, deadline, pc);
      leave_queue(machine, lock);
      if (!came) return lock_result::timed_out;
      machine.clear_deadline(self);
    }
    machine.record(next, pc, machine.trust_detail());
    machine.progress_of_user();
  } else if (machine.tells_touches()) {
    machine.tell(next);
  }
  return acquire(machine, lock, mode);
}

lock_result try_take(execution& machine, const void* address, lock_mode mode, lock_rule rule, std::uintptr_t pc) {
  sync_object& lock = machine.object(address, object_kind::lock);
  const bool shared = mode == lock_mode::shared;
  machine.point_or_tell({.kind = shared ? operation_kind::shared_trylock : operation_kind::mutex_trylock,
                         .writes = true,
                         .object = lock.id},
                        pc);
  if (lock.owner == machine.current().id && rule == lock_rule::recursive) {
    ++lock.depth;
    return lock_result::done;
  }
  if (!lock.available(shared)) return lock_result::busy;
  const lock_result result = acquire(machine, lock, mode);
  machine.progress_of_user();
  return result;
}

lock_result release(execution& machine, const void* address, lock_rule rule, std::uintptr_t pc) {
  sync_object& lock = machine.object(address, object_kind::lock);
  const bool exclusive = lock.owner != no_thread;
  if (exclusive ? lock.owner != machine.current().id : !reads(machine.current(), lock)) {
    if (rule != lock_rule::normal) return lock_result::not_held;
    fail_lock_misuse(machine, "unlocks", lock, pc);
  }
  if (exclusive && lock.depth > 1) {
    --lock.depth;
    return lock_result::done;
  }
  machine.point_or_tell({.kind = exclusive ? operation_kind::mutex_unlock : operation_kind::shared_unlock,
                         .writes = true,
                         .object = lock.id},
                        pc);
  free_lock(machine, lock);
  return lock_result::done;
}

bool is_held(execution& machine, const void* address) noexcept {
  const sync_object* const lock = machine.find_object(address, object_kind::lock);
  return lock != nullptr && (lock->owner != no_thread || lock->readers != 0);
}

void make_robust(execution& machine, const void* address) {
  machine.object(address, object_kind::lock).robust = true;
}

bool make_consistent(execution& machine, const void* address) noexcept {
  sync_object* const lock = machine.find_object(address, object_kind::lock);
  if (lock == nullptr || lock->health != lock_health::inconsistent || lock->owner != machine.current().id) return false;
  lock->health = lock_health::sound;
  return true;
}

void prefer_writers(execution& machine, const void* address) {
  machine.object(address, object_kind::lock).prefers_writers = true;
}

void execution::abandon_robust_locks(virtual_thread& thread) {
  for (std::size_t i = 0; i < sync_objects_.size() && thread.robust_held != 0; ++i) {
    sync_object& lock = sync_objects_[i];
    if (!lock.robust || lock.owner != thread.id) continue;
    record({.kind = operation_kind::mutex_unlock, .writes = true, .object = lock.id}, 0);
    lock.health = lock_health::owner_died;
    free_lock(*this, lock);
  }
}

// ---------------------------------------------------------------- condition variables

namespace {

// A waiter whose wait is over wants its lock back: it becomes runnable when the lock is free.
void want_lock_back(execution& machine, virtual_thread& waiter) {
  auto& lock = *static_cast<sync_object*>(waiter.wanted_lock);
  waiter.wanted_lock = nullptr;
  waiter.wants_shared = false;
  waiter.reason = wait_reason::lock;
  waiter.waiting_address = lock.address;
  lock.waiting.push(waiter);
  machine.announce_for(waiter, lock_operation(lock_mode::exclusive, lock.id));
  if (lock.available(false)) machine.enable(waiter);
}

void notify(execution& machine, sync_object& condition, virtual_thread& waiter) {
  condition.unheard = {};
  condition.waiting.remove(waiter);
  machine.clear_deadline(waiter);
  want_lock_back(machine, waiter);
}

sync_object& at_notify(execution& machine, const void* address, std::uintptr_t pc) {
  sync_object& condition = machine.object(address, object_kind::condition);
  machine.point_or_tell({.kind = operation_kind::condition_notify, .writes = true, .object = condition.id}, pc);
  return condition;
}

}  // namespace

lock_result wait_for_notification(execution& machine, const void* condition_address, const void* lock_address,
                                  lock_rule rule, std::uint64_t deadline, std::uintptr_t pc) {
  sync_object& condition = machine.object(condition_address, object_kind::condition);
  sync_object& lock = machine.object(lock_address, object_kind::lock);
  virtual_thread& self = machine.current();
  if (lock.owner != self.id) {
    if (rule != lock_rule::normal) return lock_result::not_held;
    fail_lock_misuse(machine, "waits for a condition variable with", lock, pc);
  }
  if (!condition.waiting.empty() && condition.waiting.first->wanted_lock != &lock) {
    fail_lock_misuse(machine, "waits for a condition variable, for which others wait with another lock, with", lock,
                     pc);
  }
  const operation wait{.kind = operation_kind::condition_wait, .writes = true, .object = condition.id};
  if (machine.interleaves()) {
    machine.announce(wait, pc);
  } else {
    machine.announce_for(self, wait);
  }
  self.pc = pc;
  machine.record(wait, pc, machine.trust_detail());
  machine.record({.kind = operation_kind::mutex_unlock, .writes = true, .object = lock.id}, pc, machine.trust_detail());
  machine.progress_of_user();
  const std::uint32_t depth = lock.depth;
  free_lock(machine, lock);
  const bool early = machine.runs_out_early(deadline);
  if (early || machine.happens(choice_kind::spurious_wakeup)) {
    // It could have slept until any later point: when it goes on is a question of scheduling.
    lock.waiting.push(self);
    self.wants_shared = false;
    wait_for_turn(machine, lock, lock_address, lock_operation(lock_mode::exclusive, lock.id), no_deadline, pc);
    self.timed_out = early;
  } else {
    self.wanted_lock = &lock;
    condition.waiting.push(self);
    machine.block(wait_reason::condition, condition_address, deadline);
  }
  lock.waiting.remove(self);
  machine.record(lock_operation(lock_mode::exclusive, lock.id), pc, machine.trust_detail());
  const lock_result taken = acquire(machine, lock, lock_mode::exclusive);
  if (taken != lock_result::not_recoverable) lock.depth = depth == 0 ? 1 : depth;
  if (taken != lock_result::done) return taken;
  return self.timed_out ? lock_result::timed_out : lock_result::done;
}

void notify_one(execution& machine, const void* address, std::uintptr_t pc) {
  sync_object& condition = at_notify(machine, address, pc);
  if (condition.waiting.empty()) return machine.note_unheard(condition, 0, pc);
  virtual_thread* waiter = condition.waiting.first;
  for (std::uint32_t i = machine.choose(choice_kind::wake_order, condition.waiting.count); i > 0; --i) {
    waiter = waiter->queue_next;
  }
  notify(machine, condition, *waiter);
}

void notify_all(execution& machine, const void* address, std::uintptr_t pc) {
  sync_object& condition = at_notify(machine, address, pc);
  if (condition.waiting.empty()) return machine.note_unheard(condition, 0, pc);
  while (!condition.waiting.empty()) notify(machine, condition, *condition.waiting.first);
}

// ---------------------------------------------------------------- timers

void wake_by_timer(execution& machine, virtual_thread& thread) {
  if (thread.queue != nullptr) thread.queue->remove(thread);
  if (thread.wanted_lock != nullptr) {
    want_lock_back(machine, thread);
    return;
  }
  machine.enable(thread);
}

}  // namespace heddle::sim
