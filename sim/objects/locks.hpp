// Mutexes, spin locks and reader-writer locks: one model.
//
// Invariant: a runnable thread in a lock's queue could take the lock now. Taking it disables those that
// no longer could, releasing it enables those that can. So no thread is chosen only to block again, and
// a strategy sees exactly the threads that can go on.
#pragma once

#include "../machine/execution.hpp"

namespace heddle::sim {

enum class lock_mode : std::uint8_t { exclusive, shared };
// What a lock looks at beyond being free: who holds it already, who releases it. A normal one looks at nothing.
enum class lock_rule : std::uint8_t { normal, recursive, error_checking };

// What a call on a lock comes to; the interposed functions turn it into an error number. `owner_died` has taken a
// robust mutex that its holder left behind, which is to be made consistent before it is released.
enum class lock_result : std::uint8_t { done, busy, timed_out, already_held, not_held, owner_died, not_recoverable };

// Takes the lock, waiting until `deadline` at the most.
lock_result take(execution& machine, const void* lock, lock_mode mode, lock_rule rule, std::uint64_t deadline,
                 std::uintptr_t pc);
lock_result try_take(execution& machine, const void* lock, lock_mode mode, lock_rule rule, std::uintptr_t pc);
// Releases the lock, held in either mode. Who does not hold it is told so, or ends the execution by the normal rule.
lock_result release(execution& machine, const void* lock, lock_rule rule, std::uintptr_t pc);
// Whether anyone holds the lock.
bool is_held(execution& machine, const void* lock) noexcept;

// From its first use on, the end of its holder frees the lock and tells the next one.
void make_robust(execution& machine, const void* lock);
// False when the lock is not one that the caller holds after its owner died.
bool make_consistent(execution& machine, const void* lock) noexcept;
// From its first use on, new readers wait while a writer waits.
void prefer_writers(execution& machine, const void* lock);

// Waits for a notification of `condition` with `lock` released: done, timed_out, or what taking the lock again came
// to, as it is held again when this returns. not_held at once where the rule looks at who holds it; by the normal rule
// that ends the execution.
lock_result wait_for_notification(execution& machine, const void* condition, const void* lock, lock_rule rule,
                                  std::uint64_t deadline, std::uintptr_t pc);
// Wakes one waiter, chosen by a decision, or all.
void notify_one(execution& machine, const void* condition, std::uintptr_t pc);
void notify_all(execution& machine, const void* condition, std::uintptr_t pc);

}  // namespace heddle::sim
