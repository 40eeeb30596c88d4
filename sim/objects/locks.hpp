// Mutexes, spin locks and reader-writer locks: one model.
//
// Invariant: a runnable thread in a lock's queue could take the lock now. Taking it disables those that
// no longer could, releasing it enables those that can. So no thread is chosen only to block again, and
// a strategy sees exactly the threads that can go on.
#pragma once

#include "../machine/execution.hpp"

namespace heddle::sim {

enum class lock_mode : std::uint8_t { exclusive, shared };
enum class lock_rule : std::uint8_t { normal, recursive, error_checking };

// What a call on a lock comes to; the interposed functions turn it into an error number.
enum class lock_result : std::uint8_t { done, busy, timed_out, already_held, not_held };

// Takes the lock, waiting until `deadline` at the most.
lock_result take(execution& machine, const void* lock, lock_mode mode, lock_rule rule, std::uint64_t deadline,
                 std::uintptr_t pc);
lock_result try_take(execution& machine, const void* lock, lock_mode mode, lock_rule rule, std::uintptr_t pc);
// Releases what the caller holds, in either mode.
lock_result release(execution& machine, const void* lock, std::uintptr_t pc);

// Waits for a notification of `condition` with `lock` released; false when `deadline` came first. The
// lock is held again when it returns.
bool wait_for_notification(execution& machine, const void* condition, const void* lock, std::uint64_t deadline,
                           std::uintptr_t pc);
// Wakes one waiter, chosen by a decision, or all.
void notify_one(execution& machine, const void* condition, std::uintptr_t pc);
void notify_all(execution& machine, const void* condition, std::uintptr_t pc);

}  // namespace heddle::sim
