// The part of a spawned task that does not depend on its type, and the duties around its life.
//
// How it works. A task is one block of memory: this header, and behind it the coroutine's frame (coroutine_cell.hpp) or
// any other future (task_cell.hpp), and later its outcome. References are counted in the state word; wakers, queues,
// the set of owned tasks and the join_handle hold one each. The functions here are Tokio's harness: they make a
// transition of the state and then do what its result demands.
//
// Thread safety. Given per function; fields name their owner.
//
// Invariants.
//   1. Future and outcome are touched only as task_state.hpp allows.
//   2. The owner (scheduler or blocking pool) outlives the header, which holds a reference to it.
//   3. User code (futures, values, wakers) is never run with a lock held.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/context.hpp"
#include "heddle/runtime/detail/task_companion.hpp"
#include "heddle/runtime/detail/task_owner.hpp"
#include "heddle/runtime/detail/task_state.hpp"
#include "heddle/runtime/task_id.hpp"
#include "heddle/runtime/waker.hpp"

#include <cstdint>
#include <string>

namespace heddle {

struct task_dump;

}  // namespace heddle

namespace heddle::detail {

class frame;

// Whether polls of a task are told to the observer: a blocking closure is allowed to block.
enum class task_kind : std::uint8_t { async, blocking };

// The place of a task in an intrusive list; belongs to the list that holds it.
struct task_links {
  task_header* previous = nullptr;
  task_header* next = nullptr;
};

class task_header {
 public:
  struct identity {
    task_id id;
    task_companion_ptr companion;
    task_kind kind = task_kind::async;
  };

  task_header() noexcept;
  task_header(const task_header&) = delete;
  task_header& operator=(const task_header&) = delete;

  task_id id() const noexcept { return id_; }
  // Empty unless it was given one.
  std::string name() const {
    const std::string* const given = given_name();
    return given == nullptr ? std::string() : *given;
  }
  bool is_complete() const noexcept { return state_.load().is_complete(); }

  // What its owner gives a new task, with a reference to itself, which the task takes over. REQUIRES: called once,
  // before anybody else knows the task, unless it is only dropped.
  void assign(task_owner& owner, identity who) noexcept;

  // Polls the task once, and reschedules or ends it. Consumes a notification. Called by its owner.
  void run() noexcept;
  // Drops the future, unless it is being polled: then its poller does. Consumes a reference.
  void shutdown() noexcept;
  // Asks for the future to be dropped by whoever owns it next. Any thread with a reference.
  void abort() noexcept;

  // What a dump tells of the task; false when it has ended. Any thread with a reference, which stays with the caller.
  [[nodiscard]] bool look_at(task_dump& into) noexcept;

  // The join_handle's poll: whether the outcome may be taken; if not, `current` will be woken. Only the handle.
  [[nodiscard]] bool poll_join(const waker& current) noexcept;
  // Gives up the join_handle's interest and reference.
  void drop_join_handle() noexcept;

  // One more reference. Any thread that has one.
  void add_reference() noexcept { state_.add_reference(); }
  // Gives up one reference. Any thread.
  void drop_reference() noexcept;
  // Drops a new task that its owner does not take: its future, and the references that the owner and the notification
  // would have had.
  void refuse() noexcept;

  // Tells the observer of the new task.
  void announce(const hooks::source_place& place, hooks::task_home home) noexcept;

  task_header* queue_next = nullptr;  // belongs to the queue that holds the notification
  task_links owned;                   // belongs to the set of owned tasks, under its lock, as the next
  bool is_owned = false;
  std::uint8_t owned_in = 0;  // which of the set's lists; written once

 protected:
  virtual ~task_header();

  bool ended_ = false;  // the outcome, or the cancellation, is stored

 private:
  // The derived cell. Each runs user code, and is called by the owner of the future or the outcome.
  virtual bool poll_future(context& cx) noexcept = 0;   // true: the outcome is stored, the future destroyed
  virtual void cancel_future() noexcept = 0;            // destroys the future and stores the cancellation
  virtual void drop_outcome() noexcept = 0;             // nobody will take it
  virtual hooks::task_end how_it_ended() noexcept = 0;  // REQUIRES: the outcome is stored
  // The coroutine that the future is, or null. Runs no user code. REQUIRES: the caller owns the future.
  virtual const frame* chain() const noexcept = 0;

  struct waker_functions;
  static const waker_vtable waker_behaviour;

  const std::string* given_name() const noexcept { return companion_ == nullptr ? nullptr : companion_->name(); }
  void run_future() noexcept;
  // After a poll that was pending, or a look. REQUIRES: the caller owns `running` and one reference, which is consumed.
  void leave(to_idle transition, schedule_hint hint) noexcept;
  void leave_suspended(const poll_budget& budget) noexcept;
  void end_aborted() noexcept;
  [[nodiscard]] bool poll_once(poll_budget& budget) noexcept;
  void cancel() noexcept;
  void complete() noexcept;
  void wake_by_value() noexcept;
  void wake_by_reference() noexcept;
  void drop_join_waker() noexcept;
  void deallocate() noexcept;

  // Set by assign, and constant from then on, but for observed_, which is set when the task is announced.
  task_kind kind_ = task_kind::async;
  hooks::task_number observed_ = 0;
  task_id id_;
  task_companion_ptr companion_;  // or null
  task_owner* owner_ = nullptr;   // with a reference, if set
  task_state state_;
  raw_waker join_waker_;  // see task_state.hpp; owns its reference until the task completes
};

}  // namespace heddle::detail
