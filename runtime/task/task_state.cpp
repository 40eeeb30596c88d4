// The transitions of a task's state word; see detail/task_state.hpp for what each flag protects.
// Thread safety: any thread that owns a reference.
#include "heddle/runtime/detail/task_state.hpp"

#include "heddle/runtime/assert.hpp"

#include <limits>

namespace heddle::detail {

namespace {

using snapshot = task_snapshot;

// What one transition wants to write, and what it then tells its caller.
template <class Result>
struct step {
  Result result;
  std::size_t next;
  bool write = true;
};

// Applies `decide` until its write succeeds. acq_rel on success: see the file head. Acquire on failure, as
// the value is decided upon; it pairs with the transition that wrote it.
template <class Decide>
auto update(std::atomic<std::size_t>& bits, Decide decide) noexcept {
  std::size_t current = bits.load(std::memory_order_acquire);
  for (;;) {
    const auto wanted = decide(current, snapshot(current));
    if (!wanted.write) return wanted.result;
    if (bits.compare_exchange_weak(current, wanted.next, std::memory_order_acq_rel, std::memory_order_acquire)) {
      return wanted.result;
    }
  }
}

std::size_t without_one_reference(std::size_t bits) noexcept {
  HEDDLE_ASSERT(bits >= snapshot::one_reference, "a task loses a reference it does not have");
  return bits - snapshot::one_reference;
}

bool has_references(std::size_t bits) noexcept {
  return bits >= snapshot::one_reference;
}

}  // namespace

to_running task_state::transition_to_running() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<to_running> {
    HEDDLE_ASSERT(now.is_notified(), "a task is run without a notification");
    if (!now.is_idle()) {
      const std::size_t next = without_one_reference(bits);
      return {has_references(next) ? to_running::failed : to_running::deallocate, next};
    }
    const std::size_t next = (bits | snapshot::running) & ~snapshot::notified;
    return {now.is_cancelled() ? to_running::cancelled : to_running::success, next};
  });
}

bool task_state::transition_to_inspected() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<bool> {
    // One that is in a queue belongs to whoever takes it from there, and finds it idle.
    if (!now.is_idle() || now.is_notified()) return {false, bits, false};
    return {true, (bits | snapshot::running) + snapshot::one_reference};
  });
}

to_idle task_state::transition_to_idle() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<to_idle> {
    HEDDLE_ASSERT(now.is_running(), "a poll ends that never began");
    if (now.is_cancelled()) return {to_idle::cancelled, bits, false};
    const std::size_t next = bits & ~snapshot::running;
    if (now.is_notified()) return {to_idle::notified, next};
    const std::size_t less = without_one_reference(next);
    return {has_references(less) ? to_idle::success : to_idle::deallocate, less};
  });
}

to_idle task_state::transition_to_yielded() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<to_idle> {
    HEDDLE_ASSERT(now.is_running(), "a poll ends that never began");
    if (now.is_cancelled()) return {to_idle::cancelled, bits, false};
    return {to_idle::notified, (bits & ~snapshot::running) | snapshot::notified};
  });
}

to_complete task_state::transition_to_complete(std::size_t references) noexcept {
  return update(bits_, [references](std::size_t bits, snapshot now) noexcept -> step<to_complete> {
    constexpr std::size_t delta = snapshot::running | snapshot::complete;
    HEDDLE_ASSERT((bits & delta) == snapshot::running, "a task completes that is not running");
    const std::size_t next = bits ^ delta;
    if (!now.is_join_interested()) return {to_complete::drop_output, next};
    if (now.is_join_waker_set()) return {to_complete::wake_joiner, next};
    HEDDLE_ASSERT(now.references() > references, "a join_handle has no reference");
    return {to_complete::released, next - references * snapshot::one_reference};
  });
}

bool task_state::transition_to_terminal(std::size_t references) noexcept {
  // Who has all that are left is alone: nobody makes a new one. Acquire: pairs with those who gave theirs up.
  if (load().references() == references) return true;
  const snapshot before(bits_.fetch_sub(references * snapshot::one_reference, std::memory_order_acq_rel));
  HEDDLE_ASSERT(before.references() >= references, "a task loses references it does not have");
  return before.references() == references;
}

to_notified_by_value task_state::transition_to_notified_by_value() noexcept {
  using result = to_notified_by_value;
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<result> {
    if (now.is_running()) {
      // Whoever polls has a reference, so this one is not the last.
      const std::size_t next = without_one_reference(bits | snapshot::notified);
      HEDDLE_ASSERT(has_references(next), "a running task has no reference");
      return {result::done, next};
    }
    if (now.is_complete() || now.is_notified()) {
      const std::size_t next = without_one_reference(bits);
      return {has_references(next) ? result::done : result::deallocate, next};
    }
    return {result::submit, bits | snapshot::notified};
  });
}

to_notified task_state::transition_to_notified_by_reference() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<to_notified> {
    if (now.is_complete()) return {to_notified::done, bits, false};
    // An already notified task is written to all the same: the queue's owner must acquire what this
    // waker's caller did before, and a plain load would publish nothing.
    if (now.is_running() || now.is_notified()) return {to_notified::done, bits | snapshot::notified};
    return {to_notified::submit, (bits | snapshot::notified) + snapshot::one_reference};
  });
}

to_notified task_state::transition_to_notified_and_cancelled() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<to_notified> {
    if (now.is_complete() || now.is_cancelled()) return {to_notified::done, bits, false};
    if (now.is_running() || now.is_notified()) {
      return {to_notified::done, bits | snapshot::notified | snapshot::cancelled};
    }
    return {to_notified::submit, (bits | snapshot::notified | snapshot::cancelled) + snapshot::one_reference};
  });
}

bool task_state::transition_to_shutdown() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<bool> {
    const std::size_t owned = now.is_idle() ? bits | snapshot::running : bits;
    return {now.is_idle(), owned | snapshot::cancelled};
  });
}

join_handle_dropped task_state::transition_to_join_handle_dropped() noexcept {
  using result = join_handle_dropped;
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<result> {
    HEDDLE_ASSERT(now.is_join_interested(), "a join_handle is dropped twice");
    const std::size_t next = bits & ~snapshot::join_interest;
    if (!now.is_complete()) {
      // Clearing the waker bit too keeps the runtime away from the cell, which this caller now owns.
      return {result::drop_waker, next & ~snapshot::join_waker};
    }
    return {result::drop_output, next};
  });
}

bool task_state::transition_to_join_waker_set() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<bool> {
    HEDDLE_ASSERT(now.is_join_interested() && !now.is_join_waker_set(), "the waker cell is not the join_handle's");
    if (now.is_complete()) return {false, bits, false};
    return {true, bits | snapshot::join_waker};
  });
}

bool task_state::transition_to_join_waker_unset() noexcept {
  return update(bits_, [](std::size_t bits, snapshot now) noexcept -> step<bool> {
    HEDDLE_ASSERT(now.is_join_interested(), "the waker cell is not the join_handle's");
    if (now.is_complete()) return {false, bits, false};
    return {true, bits & ~snapshot::join_waker};
  });
}

void task_state::add_reference() noexcept {
  // Relaxed: the caller has a reference already, and passes the new one on by other synchronisation.
  const std::size_t before = bits_.fetch_add(snapshot::one_reference, std::memory_order_relaxed);
  HEDDLE_ASSERT(before < std::numeric_limits<std::size_t>::max() / 2, "too many references to one task");
}

bool task_state::drop_reference() noexcept {
  return transition_to_terminal(1);
}

}  // namespace heddle::detail
