#include "waits.hpp"

#include "cancellation.hpp"

#include <climits>

namespace heddle::sim {

namespace {

// The waiter at place `index` of the queue.
virtual_thread& waiter_at(const wait_queue& queue, std::uint32_t index) noexcept {
  virtual_thread* waiter = queue.first;
  for (; index > 0; --index) waiter = waiter->queue_next;
  return *waiter;
}

void wake(execution& machine, wait_queue& queue, virtual_thread& waiter) {
  queue.remove(waiter);
  machine.clear_deadline(waiter);
  machine.enable(waiter);
}

void wake_one_of(execution& machine, wait_queue& queue) {
  if (!queue.empty()) wake(machine, queue, waiter_at(queue, machine.choose(choice_kind::wake_order, queue.count)));
}

void point_at(execution& machine, operation_kind kind, bool writes, object_id object, std::uintptr_t pc) {
  machine.point_or_tell({.kind = kind, .writes = writes, .object = object}, pc);
}

// Blocks the caller in `object`'s queue.
bool block_in(execution& machine, sync_object& object, wait_reason reason, std::uint64_t deadline, std::uintptr_t pc) {
  virtual_thread& self = machine.current();
  self.pc = pc;
  if (machine.runs_out_early(deadline)) return false;
  object.waiting.push(self);
  return machine.block(reason, object.address, deadline);
}

}  // namespace

// ---------------------------------------------------------------- futexes

futex_result wait_on_futex(execution& machine, const std::uint32_t* word, std::uint32_t expected, std::uint32_t bits,
                           std::uint64_t deadline, std::uintptr_t pc) {
  sync_object& futex = machine.object(word, object_kind::word);
  point_at(machine, operation_kind::futex_wait, false, futex.id, pc);
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) return futex_result::value_differs;
  virtual_thread& self = machine.current();
  self.futex_bits = bits;
  self.futex_expected = expected;
  self.interrupted = interruption::none;
  self.signallable = true;
  const bool woken = block_in(machine, futex, wait_reason::futex, deadline, pc);
  self.signallable = false;
  if (woken) return futex_result::woken;
  return self.interrupted == interruption::signalled ? futex_result::interrupted : futex_result::timed_out;
}

std::uint32_t wake_futex(execution& machine, const std::uint32_t* word, std::uint32_t count, std::uint32_t bits,
                         std::uintptr_t pc) {
  sync_object& futex = machine.object(word, object_kind::word);
  point_at(machine, operation_kind::futex_wake, true, futex.id, pc);
  std::uint32_t matching = 0;
  for (const virtual_thread* w = futex.waiting.first; w != nullptr; w = w->queue_next) {
    matching += (w->futex_bits & bits) != 0 ? 1 : 0;
  }
  if (matching == 0) {
    machine.note_unheard(futex, __atomic_load_n(word, __ATOMIC_RELAXED), pc);
  } else {
    futex.unheard = {};
  }
  std::uint32_t woken = 0;
  for (; matching > 0 && woken < count; --matching, ++woken) {
    std::uint32_t skip = count - woken >= matching ? 0 : machine.choose(choice_kind::wake_order, matching);
    virtual_thread* waiter = futex.waiting.first;
    while ((waiter->futex_bits & bits) == 0 || skip-- > 0) waiter = waiter->queue_next;
    wake(machine, futex.waiting, *waiter);
  }
  return woken;
}

std::uint32_t requeue_futex(execution& machine, const std::uint32_t* from, const std::uint32_t* to,
                            std::uint32_t count) {
  sync_object& source = machine.object(from, object_kind::word);
  sync_object& target = machine.object(to, object_kind::word);
  std::uint32_t moved = 0;
  for (; !source.waiting.empty() && moved < count; ++moved) {
    virtual_thread& waiter = *source.waiting.first;
    source.waiting.remove(waiter);
    target.waiting.push(waiter);
    waiter.waiting_address = to;
  }
  return moved;
}

std::uint32_t waiters_of_futex(execution& machine, const std::uint32_t* word) noexcept {
  const sync_object* const futex = machine.find_object(word, object_kind::word);
  return futex == nullptr ? 0 : futex->waiting.count;
}

// ---------------------------------------------------------------- semaphores

void set_semaphore(execution& machine, const void* semaphore, std::uint32_t value) {
  machine.forget_object(semaphore, object_kind::semaphore);
  machine.object(semaphore, object_kind::semaphore).value = value;
}

bool wait_semaphore(execution& machine, const void* address, std::uint64_t deadline, std::uintptr_t pc) {
  sync_object& semaphore = machine.object(address, object_kind::semaphore);
  point_at(machine, operation_kind::semaphore_wait, true, semaphore.id, pc);
  while (semaphore.value == 0) {
    if (!block_in(machine, semaphore, wait_reason::semaphore, deadline, pc)) return false;
  }
  --semaphore.value;
  machine.acquire_from(semaphore.released);
  return true;
}

bool try_wait_semaphore(execution& machine, const void* address, std::uintptr_t pc) {
  sync_object& semaphore = machine.object(address, object_kind::semaphore);
  point_at(machine, operation_kind::semaphore_wait, true, semaphore.id, pc);
  if (semaphore.value == 0) return false;
  --semaphore.value;
  machine.acquire_from(semaphore.released);
  return true;
}

bool post_semaphore(execution& machine, const void* address, std::uintptr_t pc) {
  sync_object& semaphore = machine.object(address, object_kind::semaphore);
  point_at(machine, operation_kind::semaphore_post, true, semaphore.id, pc);
  if (semaphore.value == static_cast<std::uint32_t>(INT_MAX)) return false;
  ++semaphore.value;
  machine.release_into(semaphore.released);
  wake_one_of(machine, semaphore.waiting);
  return true;
}

std::uint32_t semaphore_value(execution& machine, const void* semaphore) {
  return machine.object(semaphore, object_kind::semaphore).value;
}

// ---------------------------------------------------------------- barriers

void set_barrier(execution& machine, const void* barrier, std::uint32_t threads) {
  machine.forget_object(barrier, object_kind::barrier);
  machine.object(barrier, object_kind::barrier).limit = threads;
}

bool wait_barrier(execution& machine, const void* address, std::uintptr_t pc) {
  sync_object& barrier = machine.object(address, object_kind::barrier);
  point_at(machine, operation_kind::barrier_wait, true, barrier.id, pc);
  machine.release_into(barrier.released);
  if (++barrier.value < barrier.limit) {
    block_in(machine, barrier, wait_reason::barrier, no_deadline, pc);
    return false;
  }
  barrier.value = 0;
  machine.acquire_from(barrier.released);
  while (!barrier.waiting.empty()) {
    // Here and not when it runs again: those of the next round may have arrived by then.
    if (machine.tracks()) machine.model().acquire(barrier.waiting.first->actor, barrier.released);
    wake(machine, barrier.waiting, *barrier.waiting.first);
  }
  machine.model().drop(barrier.released);
  return true;
}

void wait_barrier_unordered(execution& machine, const void* address, std::uintptr_t pc) {
  sync_object& barrier = machine.object(address, object_kind::barrier);
  point_at(machine, operation_kind::barrier_wait, true, barrier.id, pc);
  if (++barrier.value < barrier.limit) {
    block_in(machine, barrier, wait_reason::barrier, no_deadline, pc);
    return;
  }
  barrier.value = 0;
  while (!barrier.waiting.empty()) wake(machine, barrier.waiting, *barrier.waiting.first);
}

// ---------------------------------------------------------------- once

namespace {

operation once_operation(const sync_object& once) noexcept {
  return {.kind = operation_kind::once, .writes = true, .object = once.id};
}

void record_once(execution& machine, const sync_object& once, std::uintptr_t pc) {
  if (machine.interleaves()) {
    machine.record(once_operation(once), pc);
  } else if (machine.tells_touches()) {
    machine.tell(once_operation(once));
  }
}

}  // namespace

bool begin_once(execution& machine, const void* control, bool (*is_done)(const void*), std::uintptr_t pc) {
  sync_object& once = machine.object(control, object_kind::word);
  if (is_done(control)) {
    record_once(machine, once, pc);
    machine.acquire_from(once.released);
    return false;
  }
  point_at(machine, operation_kind::once, true, once.id, pc);
  while (!is_done(control)) {
    if (once.owner == no_thread) {
      once.owner = machine.current().id;
      return true;
    }
    block_in(machine, once, wait_reason::once, no_deadline, pc);
  }
  machine.acquire_from(once.released);
  return false;
}

void end_once(execution& machine, const void* control) {
  sync_object& once = machine.object(control, object_kind::word);
  once.owner = no_thread;
  machine.release_into(once.released);
  record_once(machine, once, 0);
  while (!once.waiting.empty()) wake(machine, once.waiting, *once.waiting.first);
}

// ---------------------------------------------------------------- threads and time

bool join_thread(execution& machine, virtual_thread& target, std::uint64_t deadline, std::uintptr_t pc) {
  virtual_thread& self = machine.current();
  const operation join{.kind = operation_kind::thread_join, .writes = false, .object = target.id};
  if (target.state != run_state::finished) {
    self.pc = pc;
    machine.announce_for(self, join);
    target.joiners.push(self);
    if (!machine.block(wait_reason::join, &target, deadline)) return false;
    machine.clear_deadline(self);
  } else if (machine.interleaves()) {
    machine.announce(join, pc);
  }
  machine.record(join, pc);
  // In trusted code too: the runtime joins its threads in the name of its user.
  if (machine.tracks()) machine.model().acquire(machine.current().actor, target.ended);
  target.joined = true;
  machine.release_slot(target);
  return true;
}

void sleep_until(execution& machine, std::uint64_t deadline, std::uintptr_t pc) {
  const operation sleep{.kind = operation_kind::sleep, .writes = false, .object = 0};
  virtual_thread& self = machine.current();
  self.pc = pc;
  machine.announce_for(self, sleep);
  if (deadline > machine.now()) {
    machine.block(wait_reason::sleep, nullptr, deadline);
  } else {
    machine.announce(sleep, pc);
  }
  machine.record(sleep, pc);
}

bool sleep_for(execution& machine, std::uint64_t span, timespec* remaining, std::uintptr_t pc) {
  constexpr std::uint64_t ns_per_second = 1'000'000'000;
  const std::uint64_t deadline = machine.now() + span;
  cancellation_point point(machine);
  sleep_until(machine, deadline, pc);
  const bool interrupted = point.interrupted();
  if (interrupted && remaining != nullptr) {
    const std::uint64_t rest = deadline > machine.now() ? deadline - machine.now() : 0;
    *remaining = {.tv_sec = static_cast<time_t>(rest / ns_per_second),
                  .tv_nsec = static_cast<long>(rest % ns_per_second)};
  }
  return !interrupted;
}

void yield_thread(execution& machine, std::uintptr_t pc) {
  machine.point({.kind = operation_kind::yield, .writes = false, .object = 0}, pc);
}

}  // namespace heddle::sim
