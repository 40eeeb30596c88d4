// The state of a spawned task in one atomic word: who may touch what, and how many refer to it.
//
// How it works. The word holds flags and a reference count; each transition is one read-modify-write, so
// that for every race exactly one party wins the duty that comes with it. The flags:
//
//   running        somebody owns the future: polls it, or drops it. Acts as a lock.
//   complete       the outcome is final, the future is destroyed. Never reset, excludes `running`.
//   notified       a reference to the task is in a queue, or a poll must be followed by another.
//   cancelled      whoever owns the future next drops it.
//   join_interest  a join_handle exists.
//   join_waker     the waker cell is filled and belongs to the runtime.
//
// Who may touch the future: the owner of `running`. The outcome: the runtime until `complete`; from then on
// the join_handle if `join_interest`, else whoever cleared that flag or completed the task without it. The
// waker cell: the join_handle while `join_waker` is 0; while it is 1, the join_handle may only read it, and the runtime
// reads it once `complete` is 1, and gives up its reference. Then `join_waker` stays 1, and the cell is nobody's.
//
// Thread safety. Everything may be called from any thread by an owner of a reference.
//
// Orders. Every successful transition is acq_rel: it publishes what its caller did to the future, the
// outcome or the waker cell, to the caller of the transition that takes over. Where a weaker one is used,
// the reason stands with it. Algorithm: Tokio, runtime/task/state.rs. Deviations: a poll that was
// notified meanwhile keeps its own reference for the next one; a task that completes while nobody waits for it gives up
// the references of the runtime at once; who has all references that are left does not count them down.
#pragma once

#include <atomic>
#include <cstddef>

namespace heddle::detail {

// One value of the word.
class task_snapshot {
 public:
  static constexpr std::size_t running = 1;
  static constexpr std::size_t complete = 2;
  static constexpr std::size_t notified = 4;
  static constexpr std::size_t join_interest = 8;
  static constexpr std::size_t join_waker = 16;
  static constexpr std::size_t cancelled = 32;
  static constexpr std::size_t one_reference = 64;
  static constexpr std::size_t idle_mask = running | complete;

  explicit constexpr task_snapshot(std::size_t bits) noexcept : bits_(bits) {}

  constexpr bool is_idle() const noexcept { return (bits_ & idle_mask) == 0; }
  constexpr bool is_running() const noexcept { return (bits_ & running) != 0; }
  constexpr bool is_complete() const noexcept { return (bits_ & complete) != 0; }
  constexpr bool is_notified() const noexcept { return (bits_ & notified) != 0; }
  constexpr bool is_cancelled() const noexcept { return (bits_ & cancelled) != 0; }
  constexpr bool is_join_interested() const noexcept { return (bits_ & join_interest) != 0; }
  constexpr bool is_join_waker_set() const noexcept { return (bits_ & join_waker) != 0; }
  constexpr std::size_t references() const noexcept { return bits_ / one_reference; }

 private:
  std::size_t bits_;
};

enum class [[nodiscard]] to_running { success, cancelled, failed, deallocate };
enum class [[nodiscard]] to_idle { success, notified, cancelled, deallocate };
enum class [[nodiscard]] to_complete { released, wake_joiner, drop_output };
enum class [[nodiscard]] to_notified { submit, done };
enum class [[nodiscard]] to_notified_by_value { submit, done, deallocate };
enum class [[nodiscard]] join_handle_dropped { drop_waker, drop_output };

class task_state {
 public:
  // A new task: notified, with a join_handle. Three references: the set of owned tasks, the first
  // notification, the join_handle.
  task_state() noexcept
      : bits_(3 * task_snapshot::one_reference | task_snapshot::join_interest | task_snapshot::notified) {}
  task_state(const task_state&) = delete;
  task_state& operator=(const task_state&) = delete;

  // Acquire: pairs with transition_to_complete, so that who sees `complete` sees the outcome.
  task_snapshot load() const noexcept { return task_snapshot(bits_.load(std::memory_order_acquire)); }

  // Starts a poll, for the owner of a notification. `cancelled`: the caller owns the future, to drop it.
  // `failed`, `deallocate`: somebody else owns or ended the task, and the notification's reference is gone.
  to_running transition_to_running() noexcept;

  // Takes the future of a task that waits, to look at it, with a new reference. transition_to_idle gives it back, as
  // after a poll. False: it is running, ended, or in a queue.
  [[nodiscard]] bool transition_to_inspected() noexcept;

  // Ends a poll that was pending. `notified`: the reference stays with the caller, who schedules the task
  // again. `cancelled`: the caller still owns the future, to drop it. Otherwise the reference is gone.
  to_idle transition_to_idle() noexcept;

  // The same of a poll that asks for another: `notified` or `cancelled`.
  to_idle transition_to_yielded() noexcept;

  // Ends a task whose outcome is final. `released`: the join_handle will take it, and `references` are given up. Else
  // they stay with the caller, who wakes the waker in the cell or drops the outcome.
  to_complete transition_to_complete(std::size_t references) noexcept;

  // Gives up `references` at once. True: the caller had the last one and deallocates.
  [[nodiscard]] bool transition_to_terminal(std::size_t references) noexcept;

  // A wake that consumes the waker's reference; with `submit` that reference goes to the queue.
  to_notified_by_value transition_to_notified_by_value() noexcept;

  // A wake that keeps the waker's reference; with `submit` there is a new one for the queue.
  to_notified transition_to_notified_by_reference() noexcept;

  // Asks for the future to be dropped. With `submit` there is a new reference, for the queue.
  to_notified transition_to_notified_and_cancelled() noexcept;

  // Marks as cancelled, and takes ownership of the future if nobody has it. True: the caller owns it.
  [[nodiscard]] bool transition_to_shutdown() noexcept;

  // The join_handle goes; tells what it must destroy before it gives up its reference.
  join_handle_dropped transition_to_join_handle_dropped() noexcept;

  // Hands the waker cell, filled by the join_handle, to the runtime. False: the task completed meanwhile,
  // and the cell stays with the join_handle.
  [[nodiscard]] bool transition_to_join_waker_set() noexcept;

  // Takes the waker cell back from the runtime. False: the task completed meanwhile.
  [[nodiscard]] bool transition_to_join_waker_unset() noexcept;

  void add_reference() noexcept;
  // True: the caller had the last reference and deallocates.
  [[nodiscard]] bool drop_reference() noexcept;

 private:
  std::atomic<std::size_t> bits_;  // any value of task_snapshot; written by all of the above
};

}  // namespace heddle::detail
