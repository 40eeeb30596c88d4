// The core of the machine: one execution at a time, its threads, clock, objects and events.
//
// How it works. Virtual threads switch directly to one another; the host's context is entered again
// only at the end. An intercepted operation announces itself (`point`), which asks the decision source
// who goes on; when the calling thread is chosen, the operation is recorded as an event and done.
// Blocking operations put the thread into a wait queue and hand over (`block`).
//
// Invariants.
//   1. A thread is in the run queue exactly when its state is runnable.
//   2. `detail::active` is null while the decision source or an observer runs: they are host code.
//   3. The clock moves when no thread is runnable, when a thread polls it, and when all threads only
//      spin: never otherwise.
//   4. An abandoned execution is not unwound. Everything it held is forgotten by `reset`.
#pragma once

#include "../memory/arena.hpp"
#include "../memory/shadow.hpp"
#include "../memory_model/memory_model.hpp"
#include "../progress/spin_watch.hpp"
#include "../progress/starvation_watch.hpp"
#include "../progress/wait_graph.hpp"
#include "../races/race_detector.hpp"
#include "address_sanitizer.hpp"
#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"
#include "heddle/sim/machine.hpp"
#include "host_memory.hpp"
#include "object_table.hpp"
#include "order_hash.hpp"
#include "run_queue.hpp"
#include "state.hpp"
#include "sync_object.hpp"
#include "task_record.hpp"
#include "timer_heap.hpp"
#include "tls_image.hpp"
#include "virtual_thread.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class execution;

// Implemented where waiting is: a blocked thread whose deadline came leaves its queue.
void wake_by_timer(execution& machine, virtual_thread& thread);

// Whom an actor of the memory model stands for.
struct actor_owner {
  thread_id thread = 0;
  std::uint32_t task = 0;   // 0: the thread itself
  std::uint64_t begun = 0;  // the stamp of whoever made it, at that time
};

// What the judge has accepted in this execution, and where.
struct accepted_failure {
  failure_kind kind = failure_kind::assertion;
  std::uint32_t place = 0;        // in the call tree
  std::uint32_t other_place = 0;  // of a race: of the earlier access

  friend bool operator==(const accepted_failure&, const accepted_failure&) = default;
};

class execution {
 public:
  explicit execution(const machine_options& options);

  const execution_result& run(decision_source& source, void (*body)(void*), void* context, event_observer* observer);

  // Null: no failure is accepted.
  void judge_failures_by(failure_judge* judge) noexcept { judge_ = judge; }
  void look_for_leaks(bool wanted) noexcept { looks_for_leaks_ = options_.leaks && wanted; }

  // --- whole programs: program.cpp ---
  const execution_result& run_program(decision_source& source, const program& what, event_observer* observer);
  bool runs_program() const noexcept { return program_ != nullptr; }
  // The calling thread calls `exit`: its thread_local objects are destroyed, and the status is kept. The handlers are
  // libc's to run; what it runs last is end_program.
  void begin_exit(int status);
  // The same without the thread_local objects, for quick_exit and _exit.
  void set_exit_status(int status);
  [[noreturn]] void end_program() noexcept;

  // --- processes that the program forks: forked.cpp ---
  // In the new process: only the calling thread is there, and the execution is of no interest to anyone.
  void become_forked();
  bool is_forked() const noexcept { return forked_; }
  // Notes that `call` is not simulated.
  void let_through(const char* call);

  // --- the calling thread ---
  virtual_thread& current() noexcept { return *current_; }
  // Whether operations of the calling thread are scheduling points: not in trusted scopes.
  bool interleaves() const noexcept { return interleaves_; }
  // Whether the observer is told of accesses of the calling thread, since they are no points.
  bool tells_touches() const noexcept { return tells_touches_ && !interleaves_; }
  // The same of plain accesses, which are told where atomic operations of the user's code are.
  bool tells_plain_touches() const noexcept { return tells_touches() && current_->trust == 0; }
  void tell(operation_kind kind, const volatile void* word);
  void tell(const operation& done);
  // After a change of the calling thread's trust.
  void trust_changed() noexcept {
    interleaves_ = interleaves(*current_);
    show_thread();
  }
  // From here on the OS thread is the current virtual thread.
  void set_active() noexcept {
    detail::active = this;
    show_thread();
  }
  granularity level() const noexcept { return options_.level; }

  // --- scheduling ---
  // Announces `next`, lets the source choose who goes on, returns when the caller is chosen. Inlined, as
  // what it calls is: behind a switch every return is mispredicted.
  [[gnu::always_inline]] void announce(operation next, std::uintptr_t pc) {
    current_->pc = pc;
    next_[current_->id] = next;
    if (--fuel_ == 0) [[unlikely]]
      refuel();
    if (run_queue_.size() >= candidates_min_) choose_and_switch();
  }
  // The detail of an event that may be the runtime's own.
  std::uint8_t trust_detail() const noexcept { return current_->trust != 0 ? trusted_detail : 0; }
  // Enters the event of an operation the caller does now.
  [[gnu::always_inline]] void record(operation done, std::uintptr_t pc, std::uint8_t detail = 0) {
    const auto thread = static_cast<std::uint16_t>(current_->id);
    const std::uint64_t packed = (std::uint64_t{done.object} << 32) | (std::uint64_t{thread} << 16) |
                                 (static_cast<std::uint64_t>(done.kind) << 8) | detail;
    hash_ = (hash_ ^ packed) * 0x9fb21c651e98df25u;
    hash_ ^= hash_ >> 32;
    if (order_hash::matters(done.kind)) note_order(done, detail);
    // Field by field: an event put together elsewhere and copied whole would wait for its own stores.
    event& entry = last_events_[events_++ % last_events_capacity];
    entry.pc = pc;
    entry.object = done.object;
    entry.thread = thread;
    entry.kind = done.kind;
    entry.detail = detail;
    entry.task = current_->polled == nullptr ? 0 : current_->polled->id;
    entry.now = now_;
    if (observer_ != nullptr) [[unlikely]]
      notify_observer(entry);
  }
  // Both: the scheduling point before an operation that cannot block.
  [[gnu::always_inline]] void point(operation next, std::uintptr_t pc, std::uint8_t detail = 0) {
    announce(next, pc);
    record(next, pc, detail);
    if (!polls(next.kind)) progress();
  }
  // The same of what may be no point here, and is then told, if anybody wants to know.
  void point_or_tell(operation next, std::uintptr_t pc) {
    if (interleaves_) {
      point(next, pc);
    } else if (tells_touches_) [[unlikely]] {
      tell(next);
    }
  }
  // Something happened that a spinning thread could be waiting for.
  void progress() noexcept {
    progress_fuel_ = fuel_;
    current_->clock_polls = 0;
  }
  // The same, unless it is the runtime's own business, whose queues and parkers turn as well when nothing comes of it.
  void progress_of_user() noexcept {
    if (orders_here()) progress();
  }
  // Scheduling points that a thread has passed.
  std::uint64_t steps_of(const virtual_thread& thread) const noexcept {
    return thread.own_steps + (&thread == current_ ? steps() - slice_began_ : 0);
  }

  // Blocks the caller until `wake` or `deadline`; false when the deadline came first. The caller has
  // entered its wait queue and set what its `next` operation will be.
  bool block(wait_reason reason, const void* address, std::uint64_t deadline);
  // Ends the wait of a thread that is blocked and lets this end it: its `block` returns false. Else does nothing.
  void interrupt(virtual_thread& thread, interruption why);
  // Makes a blocked thread runnable: removes its deadline, not its queue entry.
  void enable(virtual_thread& thread);
  // Makes a runnable thread, not the calling one, wait for what it announced.
  void disable(virtual_thread& thread) noexcept;
  void set_deadline(virtual_thread& thread, std::uint64_t deadline);
  void clear_deadline(virtual_thread& thread) noexcept { timers_.remove(thread); }
  void announce_for(virtual_thread& thread, operation next) noexcept {
    next.is_trusted = thread.trust != 0;
    next_[thread.id] = next;
  }
  // A decision other than "who runs": a number below `candidates`, which is at least 1.
  std::uint32_t choose(choice_kind kind, std::uint32_t candidates);

  // Decides whether something happens that is legal and rare, as often as options allow in one execution.
  bool happens(choice_kind kind) {
    if (spurious_left_ == 0 || !interleaves_ || choose(kind, 2) == 0) return false;
    --spurious_left_;
    return true;
  }
  // Decides whether a wait until `deadline` runs out at once although others could go on; it is that late then.
  bool runs_out_early(std::uint64_t deadline) {
    if (deadline == no_deadline || run_queue_.size() < 2 || !happens(choice_kind::early_timeout)) return false;
    if (deadline > now_) now_ = deadline;
    fire_due_timers();
    return true;
  }

  // --- threads ---
  // Fails the execution when threads_max is reached. `stack_size` is at most stack_slots::large_size.
  virtual_thread& create_thread(void* (*start)(void*), void* argument, bool detached, std::size_t stack_size = 0);
  [[noreturn]] void exit_thread(void* result);
  // Ends the calling thread from within, as pthread_exit does: its destructors and clean-up handlers run.
  [[noreturn]] void leave_thread(void* result);
  // All that comes after the frames of a thread that ends.
  [[noreturn]] void finish_thread(void* result);
  virtual_thread* thread_by_id(thread_id id) noexcept;
  // The live or unjoined thread whose handle is `handle`, or null.
  virtual_thread* thread_by_handle(const void* handle) noexcept;
  void release_slot(virtual_thread& thread);

  // Whether any thread but the caller can do something, now or at a time to come.
  bool others_can_act() const noexcept { return run_queue_.size() > 1 || !timers_.empty(); }

  // --- signals ---
  // Those sent to the process that all threads block.
  signal_state& process_signals() noexcept { return process_signals_; }
  wait_queue& signal_waiters() noexcept { return signal_waiters_; }
  // Threads that are made, ended ones included.
  thread_id threads() const noexcept { return static_cast<thread_id>(threads_.size()); }

  // --- clock ---
  std::uint64_t now() const noexcept { return now_; }
  // Reads the clock on behalf of the caller, which moves it when it polls.
  std::uint64_t read_clock();

  // --- objects ---
  sync_object& object(const void* address, object_kind kind);
  sync_object* find_object(const void* address, object_kind kind) noexcept;
  void forget_object(const void* address, object_kind kind) noexcept { objects_.forget(address, kind); }
  object_id identity(const void* address, object_kind kind) { return objects_.find_or_add(address, kind).id; }

  // --- happens-before and weak memory ---
  // Whether clocks are kept. Not before there is a second thread, which knows all that came before.
  bool tracks() const noexcept { return tracks_ && threads_.size() > 1; }
  // Whether atomic operations ask the model what they may read.
  bool weak() const noexcept { return weak_ && threads_.size() > 1; }
  // Whether a weak compare-exchange of the caller fails although the values are equal.
  bool fails_spuriously() { return happens(choice_kind::weak_failure); }
  memory_model& model() noexcept { return model_; }
  // The stores to the word. REQUIRES: weak(). Valid until the next object is made.
  store_history& history_of(const void* address, std::uint32_t size);
  // The bytes are written otherwise than by atomic operations, or become another object: what they held is gone.
  // To be called where granule_flag::history says that there is something to forget.
  void forget_history(const void* address, std::size_t size);
  // Edges of happens-before that the calling thread makes; in trusted code none, which promises what it does by
  // operations on its own objects.
  void acquire_from(const message& from) {
    if (tracks() && orders_here()) model_.acquire(current_->actor, from);
  }
  void release_into(message& into) {
    if (tracks() && orders_here()) release_by_actor(into);
  }
  // Whether synchronisation at this place of the program orders what the program does.
  bool orders_here() const noexcept { return current_->trust == 0 || points_trusted_; }
  // What the actor at work knows, and when it is.
  const vector_clock& clock() const noexcept { return model_.clock_of(current_->actor); }
  std::uint64_t stamp() const noexcept { return model_.stamp_of(current_->actor); }

  // --- data races ---
  // Whether the same actor has made the same access since it last published anything, so that it tells nothing new.
  // REQUIRES: the bytes are in one granule.
  [[gnu::always_inline]] bool has_observed(std::uintptr_t address, std::size_t size, race_access kind) const noexcept {
    const access_cell& cell = shadow_memory::known_cell_at(address);
    return cell.execution() == shadow_memory::execution_number() &&
           race_detector::repeats(cell, bytes_of(address, size), stamp(), kind);
  }
  // An access of the calling thread's to `size` bytes; does not return when it races with an earlier one, unless that
  // is accepted. So do the functions below whose names begin with `fail_if`.
  // REQUIRES: racing().
  void observe(const void* address, std::size_t size, race_access kind, std::uintptr_t pc);
  // The same of a plain access in one granule.
  void observe_within_granule(const void* address, std::size_t size, race_access kind, std::uintptr_t pc);
  // The block has been freed, which is to write to all of it; its first bytes are looked at. Nobody may touch it
  // afterwards, so this is compared with earlier accesses and not kept for later ones. REQUIRES: it begins at a
  // granule.
  void observe_free(const void* block, std::size_t size, std::uintptr_t pc);

  // The same of a descriptor that the process has: every use is a read, and its end a write, after which the number may
  // be another descriptor's.
  void observe_descriptor(int descriptor, race_access kind, std::uintptr_t pc);
  void forget_descriptor(int descriptor) noexcept;
  // What the calling thread accesses until the matching end is not compared with what others do. Calls nest.
  void begin_ignoring() noexcept {
    ++current_->ignoring;
    show_thread();
  }
  void end_ignoring() noexcept {
    if (current_->ignoring != 0) --current_->ignoring;
    show_thread();
  }
  // What the calling thread learns from others until the matching end orders nothing. Calls nest.
  void begin_ignoring_order() noexcept {
    ++current_->ignoring_order;
    if (tracks_) model_.set_ignores_order(current_->actor, true);
  }
  void end_ignoring_order() noexcept {
    if (current_->ignoring_order != 0) --current_->ignoring_order;
    if (tracks_) model_.set_ignores_order(current_->actor, current_->ignoring_order != 0);
  }
  // From here on races on these bytes are none, until they are freed.
  void expect_races(const void* address, std::size_t size);

  // What those publish who write to a descriptor, and those learn who read from any: the data may have come from there.
  message& descriptors() noexcept { return descriptors_; }

  // --- memory ---
  // A block of the execution's, or null when `size` is absurd. What was known by the addresses of one it was handed out
  // as before is forgotten.
  void* allocate(std::size_t size, std::size_t alignment, std::uintptr_t pc) noexcept;
  // Frees a block of the arena's. Fails the execution when `block` is none, or freed already.
  void release(void* block, std::uintptr_t pc);
  // An access of the caller's to a freed block; `what` is such as "read of 4 bytes".
  [[noreturn]] void fail_access(const void* address, const char* what, std::uintptr_t pc);
  // The same of a plain read of 8 bytes, by which coroutines are resumed.
  [[noreturn]] void fail_read_of_word(const void* address, std::uintptr_t pc);
  // The calling thread called a null pointer with `argument`, and `pc` is where that would return to. Does not return
  // when it is a coroutine's frame, which has one in place of the function that resumes it when it is done.
  void fail_if_resumed(const void* argument, std::uintptr_t pc);
  // A call of free with an address that cannot be freed; `block` may be any address.
  [[noreturn]] void fail_free(const void* block, const char* message, std::uintptr_t pc);

  // --- locals of functions that have returned: dead_stacks.cpp ---
  // An access of the calling thread's below its stack pointer; `what` is such as "read of 4 bytes". Does not return
  // when that is in the part of its stack that is not in use.
  void fail_if_own_stack_is_dead(std::uintptr_t address, const char* what, std::uintptr_t pc);
  // The same of a stack that may be another thread's. REQUIRES: stack_slots::owns(address).
  void fail_if_stack_of_another_is_dead(std::uintptr_t address, race_access kind, std::uintptr_t pc);
  // The program is going to run on `stack`.
  void note_stack_of_program(const void* stack) noexcept;

  // --- tasks that are not polled, or for too long: starvation.cpp, long_polls.cpp ---
  void note_queued(task_record& task) noexcept {
    if (task.condition != task_condition::queued) task.queued_at = polls_;
    task.condition = task_condition::queued;
  }
  void note_poll(task_record& task) noexcept {
    ++polls_;
    ++current_->polls;
    ++task.polls;
    task.steps_at_poll = steps_of(*current_);
  }
  // During and at the end of a poll; does not return when it has taken too long.
  void fail_if_polled_long(task_record& task);

  // --- values bound to their threads: thread_affinity.cpp ---
  void bind_value(const void* value, std::uintptr_t pc);
  // Does not return when the value is bound to another thread than the calling one.
  void fail_if_bound_elsewhere(const void* value, hooks::value_use how, std::uintptr_t pc);
  void unbind_value(const void* value) noexcept { objects_.forget(value, object_kind::bound_value); }
  // Whether one was made in this execution: then tasks are moved between workers on purpose.
  bool has_bound_values() {
    if (tells_touches_) [[unlikely]]
      tell(operation_kind::memory_read, &bound_values_);
    return bound_values_.size() > 0;
  }
  // The task is about to be polled on another thread than the last time, or for the first time.
  void note_moved(task_record& task);

  // --- stalls ---
  // Before the calling thread blocks; does not return when it must not.
  void fail_if_stalling(wait_reason reason);
  void note_locked(const sync_object& lock, std::uintptr_t pc);
  void note_unlocked(const sync_object& lock) noexcept;
  // At the end of a poll; does not return when the task keeps a lock.
  void fail_if_holding_locks(const task_record& task);

  // --- signals that come too early: deadlocks.cpp ---
  // The caller signals `object`, and nobody waits for it. `value`: of a futex, the word's.
  void note_unheard(sync_object& object, std::uint32_t value, std::uintptr_t pc);
  // The same of an object of the runtime.
  void note_unheard_of_runtime(const void* object);
  void note_waker_made(task_record& task) noexcept { ++task.wakers; }
  void note_waker_gone(task_record& task, hooks::waker_end how);
  // Locks of the runtime, by address.
  void note_async_locked(const void* lock);
  void note_async_unlocked(const void* lock) noexcept;

  // --- cancellations: task_cancellation.cpp ---
  bool may_cancel() const noexcept { return cancellations_left_ != 0; }
  // Decides whether a task that has just suspended is aborted. REQUIRES: may_cancel().
  hooks::abort_moment aborts_suspended(task_record& task);
  // The same of one that is about to be polled.
  bool aborts_queued(task_record& task);
  // Decides whether a sleep of the task that is polled is over, whatever the clock says; it is that late then.
  // REQUIRES: may_cancel().
  bool runs_out(std::uint64_t deadline);
  // How many scopes the calling task, or the thread outside of tasks, is in that forbid its cancellation.
  std::uint32_t& uncancellable_scopes() noexcept {
    return current_->polled != nullptr ? current_->polled->uncancellable_scopes : current_->uncancellable_scopes;
  }

  // --- faults: faults.cpp ---
  // Decides whether the fault of the test's own happens.
  bool fault_happens(const char* name);
  // Decides whether an allocation of the calling thread fails.
  bool allocation_fails() {
    return current_->failing_allocations != 0 && allocation_failures_left_ != 0 && current_->trust == 0 &&
           decide_allocation_failure();
  }

  // --- tasks, and what the runtime's operations promise ---
  void order_spawn(task_record& task, hooks::task_home home);
  void order_wake(task_record& task);
  // `address` of the task. REQUIRES: not being polled.
  void order_end(task_record& task);
  // The calling thread joins the task, if it is one and has not ended.
  void note_join(const void* task) noexcept;
  void begin_path(task_record& task, hooks::task_home home) noexcept;
  // Enters the event of a poll or a drop of the task, which is an operation of its own wherever it happens.
  void record_of_task(task_record& task, operation done);
  // The task runs code of its own without being polled, from the one to the other.
  void begin_own_code(task_record& task) noexcept;
  void end_own_code(task_record& task) noexcept;
  // Whether the calling thread's operations count, after a poll.
  void show_path() noexcept { current_->is_muted = current_->serves && current_->polled == nullptr; }
  // The calling thread runs the task's own code, from the one to the other.
  void enter_task(task_record& task);
  void leave_task(task_record& task);
  void begin_operation(hooks::operation kind, const void* object);
  void end_operation();
  task_record* task_by_number(const void* address, std::uint32_t number) noexcept {
    if (number - 1 >= tasks_.size() || tasks_[number - 1].address != address) return nullptr;
    return &tasks_[number - 1];
  }

  task_record& add_task(const void* address);
  task_record* find_task(const void* address) noexcept;
  // The same, without a search. `number`: the id of the task when it was added, here or in another execution.
  task_record* find_task(const void* address, std::uint32_t number) noexcept {
    if (number - 1 >= tasks_.size()) return nullptr;
    task_record& task = tasks_[number - 1];
    return task.address == address && task.condition != task_condition::ended ? &task : nullptr;
  }
  void forget_task(const void* address) noexcept;
  task_record* current_task() const noexcept { return current_->polled; }

  // --- failures ---
  void note(failure_kind kind, const char* message, const char* file, unsigned line, int signal = 0);
  // The uncaught exception being handled, as a failure.
  [[noreturn]] void fail_with_current_exception(const char* what);
  [[noreturn]] void fail(failure_kind kind, const char* message, const char* file = nullptr, unsigned line = 0,
                         int signal = 0);

  // --- for the signal handlers ---
  bool in_guard(const void* address) const noexcept;
  std::uint64_t serial() const noexcept { return serial_; }
  std::uint64_t steps() const noexcept { return steps_at_refuel_ + (fuel_at_refuel_ - fuel_); }

 private:
  // --- the order of events: event_order.cpp ---
  actor_path& path() noexcept {
    task_record* const polled = current_->polled;
    return polled != nullptr && polled->has_path ? polled->path : current_->path;
  }
  // Not inlined into every operation.
  void note_order(operation done, std::uint8_t detail);
  bool orders_trusted(const operation& done, std::uint8_t detail) const noexcept;
  actor_path path_of_thread() noexcept;
  // `object`: of `blocking`, the closure.
  void begin_serving(hooks::operation kind, const void* object) noexcept;

  bool interleaves(const virtual_thread& thread) const noexcept {
    return thread.trust == 0 ? points_untrusted_ : points_trusted_;
  }

  static constexpr std::size_t last_events_capacity = 512;
  // Tasks of one execution that are actors of their own. Clocks grow with them; further tasks are ordered by the
  // threads that run them.
  static constexpr std::uint32_t task_actors_max = 1024;
  static constexpr std::uint64_t no_exit_limit = ~std::uint64_t{0};
  // Scheduling points in which all threads only spin before the clock moves to the next deadline.
  static constexpr std::uint64_t spin_points_max = 10'000;
  // Scheduling points that threads left behind by the body may still take.
  static constexpr std::uint64_t drain_points_max = 10'000;
  // Scheduling points that the exit of a whole program may take, in which its threads still run.
  static constexpr std::uint64_t exit_points_max = 100'000;

  static bool polls(operation_kind kind) noexcept {
    switch (kind) {
      case operation_kind::atomic_load:
      case operation_kind::atomic_store:
      case operation_kind::atomic_update:
      case operation_kind::yield:
      case operation_kind::mutex_trylock:
      case operation_kind::shared_trylock:
      case operation_kind::memory_read:
        return true;
      default:
        return false;
    }
  }

  static void entry(boost::context::detail::transfer_t from) noexcept;
  void run_thread(virtual_thread& thread);
  void* run_start_function(virtual_thread& thread);
  void run_exit_handlers(virtual_thread& thread);
  void destroy_thread_locals(virtual_thread& thread);
  void start_thread(virtual_thread& thread, thread_id id);
  void forget_thread_locals(const virtual_thread& thread) noexcept;
  void give_actor(virtual_thread& thread, const message& earlier_user);
  void give_stack(virtual_thread& thread, std::size_t size);

  void choose_and_switch();
  void switch_to(virtual_thread& next) noexcept;
  virtual_thread& pick_next();
  [[noreturn]] void leave_for(virtual_thread& next) noexcept;
  // The same, for whoever is chosen.
  [[noreturn]] void leave();
  [[noreturn]] void return_to_host() noexcept;
  void refuel();
  void set_fuel();
  [[noreturn]] void fail_deadlocked();
  // At each point once steps_max is reached: livelocks.cpp. Does not return when enough is known of what goes on.
  void look_at_endless();
  bool only_looks();
  void begin_spin_watch();
  void see_turn();
  bool has_seen_turns();
  [[noreturn]] void fail_livelocked();
  // Every so many polls. Does not return when a task has been passed over for too long.
  void look_for_starvation();
  // The one, if there is one. Looks at what the watch has seen, or begins to watch another.
  task_record* starved_task();
  bool workers_passed_over(std::uint64_t polls_each);
  failure starvation_of(const task_record& task);
  static void run_main(void* context);
  void wait_for_others();
  void stop_waiting_for_others();
  bool is_last_thread() const noexcept;
  void run_key_destructors(virtual_thread& thread);
  // Frees the robust mutexes of a thread that ends, in the order of their first use.
  void abandon_robust_locks(virtual_thread& thread);
  void advance_clock();
  void fire_due_timers();
  void notify_observer(const event& what);
  void reset(decision_source& source, event_observer* observer);
  void complete_result();
  // At the end of an execution: leaks.cpp.
  void find_leaks();
  void look_in_threads(pointer_search& from) const;
  void report_lost(host_vector<live_block>& blocks);
  call_stack stack_of(const virtual_thread& thread) const;
  // The caller reads what `written`, a stamp, wrote.
  void note_look(std::uint64_t written, std::uint64_t whose) noexcept;
  wait_graph waits();
  void add_waits_of(wait_graph& graph, const virtual_thread& thread);
  void add_waits_of(wait_graph& graph, const task_record& task);
  static std::string describe_holder(const async_holding& holding);
  // A thread, or else a task.
  struct waiter {
    thread_id thread = no_thread;
    std::uint32_t task = 0;
  };
  failure waiting_failure(failure_kind kind, const std::string& message, const waiter& who, const related_stack* cause);
  [[noreturn]] void fail_waiting(failure_kind kind, const std::string& message, const waiter& who,
                                 const related_stack* cause) {
    fail_with(waiting_failure(kind, message, who, cause));
  }
  [[noreturn]] void fail_missed(const std::string& message, const waiter& who, const unheard_signal& signal);
  // Do not return when the thread or task has slept through a signal.
  void fail_if_wakeup_missed(const virtual_thread& thread, bool is_waited_for);
  void fail_if_wakeup_missed(const task_record& task);
  bool keeps_others_waiting(const virtual_thread& thread);
  void keep_unheard(sync_object& object, std::uint32_t value, std::uintptr_t pc);
  std::string describe_wait(const virtual_thread& thread);
  std::vector<thread_state> thread_states();
  // By id. A thread that has been joined may have left its record to another.
  std::vector<const virtual_thread*> unfinished_threads();
  task_state state_of(const task_record& task);
  // Who can end the wait of a suspended task, as the rest of a clause; empty when it is nobody in particular.
  std::string describe_others_end(const task_record& task);
  std::vector<task_state> task_states();
  void keep_last_events();
  void keep_spawned_tasks();
  void forget_memory(const void* block) noexcept;
  // What is known of the memory by its address: accesses, atomic objects, locks.
  void forget_uses(std::uintptr_t address, std::size_t size) noexcept;
  void expect_not_freed(const void* object, object_kind kind);
  void forget_objects_of(std::uintptr_t granule) noexcept;
  // The first failure of the execution, or nothing.
  void note_memory_failure(failure_kind kind, const std::string& message, const arena::view& block, std::uintptr_t pc);
  [[noreturn]] void abandon() noexcept;
  // A failure that the calling thread notices, with its stack. REQUIRES, as the next ones: in host code.
  failure make_failure(failure_kind kind, std::string message, const char* file = nullptr, unsigned line = 0,
                       int signal = 0);
  void record_failure(failure&& made);

  // --- judgement.cpp ---
  [[noreturn]] void fail_with(failure made);
  // The same of what the execution could go on after. Returns, to the execution, when it is to. The places are for
  // has_accepted.
  void fail_unless_accepted(failure made, std::uint32_t place = 0, std::uint32_t other_place = 0);
  bool has_accepted(failure_kind kind, std::uint32_t place, std::uint32_t other_place) const noexcept;
  bool is_accepted(const failure& what);
  boost::context::detail::transfer_t answer(boost::context::detail::transfer_t asked);

  // Whether tasks are actors of their own. Not at granularity::runtime: there the runtime's own atomics order them.
  bool orders_tasks() const noexcept { return tracks() && !points_trusted_; }
  void release_by_actor(message& into);
  message& order_of(const void* object) { return this->object(object, object_kind::runtime_order).released; }
  std::string name_of(actor_id actor) const;
  // Tells the callbacks what the current thread's operations are.
  void show_thread() noexcept {
    const bool observed = current_->trust == 0 && current_->ignoring == 0 && threads_.size() > 1;
    detail::racing = options_.races && observed ? this : nullptr;
    detail::interleaving = interleaves_ || tells_touches_ ? this : detail::racing;
    detail::watching = detail::accesses_are_wanted ? this : detail::racing;
  }
  // From here on.
  void set_touches_told(bool told) noexcept;
  bool decide_allocation_failure();
  void note_mishap(mishap::what kind, const task_record* task, const char* name);
  [[noreturn]] void fail_dead_stack(const virtual_thread& owner, std::uintptr_t address, const char* what,
                                    std::uintptr_t pc);
  failure race_of(std::uintptr_t address, std::size_t size, race_access kind);
  void fail_race(std::uintptr_t address, std::size_t size, race_access kind, std::uintptr_t pc);
  // The same of each of `conflicts`; whether any of them was a race, and accepted.
  bool fail_races(std::uintptr_t address, std::size_t size, race_access kind, std::uintptr_t pc,
                  const host_vector<conflicting_access>& conflicts);
  failure keeping_of(const held_lock& kept, const task_record& task);
  failure stray_use_of(const bound_value& value, hooks::value_use how);
  std::uint32_t tasks_ready() noexcept;
  bool is_the_threads_own(std::uintptr_t address);
  bool is_own_stack(std::uintptr_t address) const noexcept;
  std::string describe_address(std::uintptr_t address) const;
  bool is_race_expected(std::uintptr_t address, std::size_t size) const noexcept;
  void forget_expected_races(const arena::extent& memory) noexcept;
  void add_allocation(failure& to, std::uintptr_t address) const;

  const machine_options options_;
  tls_layout tls_;
  int* const errno_;  // the OS thread's
  bool points_untrusted_ = true;
  bool points_trusted_ = false;

  // Hot: touched at every scheduling point.
  virtual_thread* current_ = nullptr;
  decision_source* source_ = nullptr;
  event_observer* observer_ = nullptr;
  std::uint64_t fuel_ = 0;           // scheduling points until the limits are looked at
  std::uint64_t progress_fuel_ = 0;  // fuel_ when something last happened
  std::uint64_t hash_ = 0;
  order_hash order_;
  std::uint64_t events_ = 0;
  bool interleaves_ = true;
  bool may_tell_ = false;           // there is an observer, who may want to know of touches
  bool tells_touches_ = false;      // it wants to
  std::size_t candidates_min_ = 2;  // of a decision
  run_queue run_queue_;
  host_vector<operation> next_;
  scheduling_point point_;
  std::uint64_t decisions_ = 0;
  std::uint64_t switches_ = 0;

  std::uint64_t fuel_at_refuel_ = 0;
  std::uint64_t steps_at_refuel_ = 0;
  std::uint64_t since_progress_ = 0;  // points, until the clock was moved for them
  std::uint64_t idle_points_ = 0;     // points without progress
  std::uint64_t slice_began_ = 0;     // steps when the running thread was switched to
  std::uint64_t drain_limit_ = 0;
  std::uint64_t now_ = 0;
  std::uint64_t serial_ = 0;
  std::uint32_t spurious_left_ = 0;
  std::uint32_t cancellations_left_ = 0;
  std::uint32_t faults_left_ = 0;
  std::uint32_t allocation_failures_left_ = 0;
  bool draining_ = false;
  bool failing_ = false;
  bool forked_ = false;
  bool stacks_on_stacks_ = false;
  bool looks_for_leaks_ = options_.leaks;
  failure_judge* judge_ = nullptr;
  const failure* judged_ = nullptr;  // what a thread has left for the host to ask
  bool verdict_ = false;
  host_vector<accepted_failure> accepted_;
  timer_heap timers_;
  object_table objects_;
  // At granularity::task no atomic operation is a point of its own, nor what it reads a decision.
  const bool weak_ = options_.weak_memory && options_.level != granularity::task;
  const bool tracks_ = options_.weak_memory || options_.races;
  memory_model model_;
  race_detector races_;
  struct byte_range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
  };
  host_vector<byte_range> expected_races_;
  host_vector<actor_owner> actor_owners_;   // by actor
  host_vector<message> large_stack_users_;  // by number of the large stack: what its last user published at its end
  vector_clock ended_tasks_;                // what happened before the ends of all tasks
  std::uint32_t task_actors_ = 0;
  record_pool<store_history> histories_;
  record_pool<sync_object> sync_objects_;
  record_pool<task_record> tasks_;
  record_pool<bound_value> bound_values_;
  host_vector<async_holding> async_holdings_;
  std::uint64_t unheard_signals_ = 0;
  std::uint64_t polls_ = 0;  // of tasks
  starvation_watch starvation_;
  spin_watch spins_;
  signal_state process_signals_;
  message descriptors_;
  wait_queue signal_waiters_;
  host_vector<virtual_thread*> threads_;  // by id; a record whose id differs has been reused
  host_vector<std::uint32_t> free_slots_;
  std::uint32_t used_slots_ = 0;
  host_vector<std::uint32_t> free_large_stacks_;
  std::uint32_t used_large_stacks_ = 0;
  std::uint32_t unfinished_ = 0;  // threads that have not ended
  void (*body_)(void*) = nullptr;
  void* body_context_ = nullptr;

  const program* program_ = nullptr;          // the whole program that runs; null when it is a body
  virtual_thread* exiting_ = nullptr;         // its main thread, while it waits for the others before it exits
  std::uint64_t exit_limit_ = no_exit_limit;  // steps at which waiting, and then exiting, comes to an end
  int exit_status_ = 0;

  boost::context::detail::fcontext_t host_context_ = nullptr;
  address_sanitizer::host_stack host_stack_;
  bool left_host_ = false;  // and no virtual thread has begun since
  std::array<event, last_events_capacity> last_events_;
  execution_result result_;
};

// Where in the block the address is, such as "8 bytes into a block of 24 bytes".
std::string position_in(const arena::view& block, std::uintptr_t address);

}  // namespace heddle::sim
