// The lives of virtual threads: how they are made, where they begin, and how they end; see execution.hpp.
//
// How it works. A thread's record, stack and thread_local variables are a slot (stack_slots.hpp), which the next thread
// takes over when this one is gone and joined. A new thread is put into the run queue, and enters `entry` when it is
// first switched to. It ends with its destructors, exit handlers and keys run, as a virtual thread like any other.
//
// Thread safety: none; everything happens on the OS thread of the execution.
#include "execution.hpp"
#include "stack_slots.hpp"

#include <cstdlib>
#include <utility>

namespace heddle::sim {

using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

virtual_thread& execution::create_thread(void* (*start)(void*), void* argument, bool detached, std::size_t stack_size) {
  const auto id = static_cast<thread_id>(threads_.size());
  if (id >= options_.threads_max) {
    fail(failure_kind::step_limit, "more virtual threads than options::threads_max allows in one execution");
  }
  std::uint32_t slot = used_slots_;
  // The stack may be that of a thread which ended unseen; what it did there is nobody's business now.
  message earlier_user;
  const bool reused = !free_slots_.empty();
  if (!reused) {
    stack_slots::ensure_mapped(slot);
    ++used_slots_;
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  auto& thread = *reinterpret_cast<virtual_thread*>(stack_slots::record_of(slot));
  if (thread.tls == nullptr) ::new (static_cast<void*>(&thread)) virtual_thread;
  thread.slot = slot;
  thread.start = start;
  thread.start_c11 = nullptr;
  thread.argument = argument;
  thread.detached = detached;
  if (reused) earlier_user = thread.ended;
  give_stack(thread, stack_size);
  if (thread.large_stack != 0 && thread.large_stack <= large_stack_users_.size())
    earlier_user = large_stack_users_[thread.large_stack - 1];
  start_thread(thread, id);
  if (reused) forget_thread_locals(thread);
  thread.actor = 0;
  if (tracks_ && id > 0) give_actor(thread, earlier_user);
  return thread;
}

// What is known of them is of the thread that had the slot before. Shared ones are those of all threads still.
void execution::forget_thread_locals(const virtual_thread& thread) noexcept {
  tls_.for_each(thread.tls, [&](const void* begin, std::size_t size) {
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    if (tls_.is_of(thread.tls, address)) forget_uses(address, size);
  });
}

void execution::give_actor(virtual_thread& thread, const message& earlier_user) {
  if (model_.actors() >= memory_model::actors_max) {
    fail(failure_kind::step_limit,
         "more threads and tasks in one execution than the memory model can tell apart: 65000");
  }
  thread.actor = model_.create_actor(current_->actor);
  model_.acquire(thread.actor, earlier_user);
  actor_owners_.push_back({.thread = thread.id, .task = 0, .begun = model_.stamp_of(current_->actor)});
  show_thread();
}

void execution::give_stack(virtual_thread& thread, std::size_t size) {
  std::byte* top = stack_slots::stack_top_of(thread.slot);
  thread.stack_bottom = stack_slots::guard_of(thread.slot) + stack_slots::guard_size;
  thread.large_stack = 0;
  if (size > stack_slots::stack_size) {
    if (free_large_stacks_.empty()) {
      thread.large_stack = ++used_large_stacks_;
      stack_slots::ensure_large_mapped(thread.large_stack);
    } else {
      thread.large_stack = free_large_stacks_.back();
      free_large_stacks_.pop_back();
    }
    top = stack_slots::large_top_of(thread.large_stack);
    thread.stack_bottom = stack_slots::large_guard_of(thread.large_stack) + stack_slots::guard_size;
  }
  thread.stack_size = static_cast<std::size_t>(top - thread.stack_bottom);
  thread.fake_stack = nullptr;
  address_sanitizer::begin_stack(thread);
  thread.context = make_fcontext(top, thread.stack_size, &execution::entry);
}

void execution::start_thread(virtual_thread& thread, thread_id id) {
  thread.id = id;
  thread.path = path_of_thread();
  thread.serves = thread.is_muted = false;
  std::byte* const variables =
      stack_slots::variables_of(thread.slot, tls_.size(), tls_.alignment(), sizeof(virtual_thread));
  thread.tls = tls_.begin_thread(variables);
  thread.saved_errno = 0;
  thread.shadow_depth = 0;
  thread.known_depth = 0;
  thread.known_frames.clear();
  thread.pc = 0;
  thread.callers = {};
  thread.trust = 0;
  thread.ignoring = thread.ignoring_order = 0;
  thread.stack_actor = no_actor;
  thread.own_stack = stack_accesses::of_the_actor;
  thread.operations.clear();
  thread.locks_held.clear();
  thread.shared_held.clear();
  thread.blocking_allowed = 0;
  thread.uncancellable_scopes = 0;
  thread.failing_allocations = 0;
  thread.clock_polls = 0;
  thread.own_steps = thread.polls = 0;
  thread.last_ran = steps();
  thread.looked = {};
  thread.queue = nullptr;
  thread.reason = wait_reason::nothing;
  thread.wanted_lock = nullptr;
  thread.deadline = no_deadline;
  thread.heap_index = not_in_heap;
  thread.timed_out = false;
  thread.result = nullptr;
  thread.joined = false;
  thread.ended = {};
  thread.joiners = {};
  thread.robust_held = 0;
  thread.cancellation = {};
  thread.signals = {};
  if (id != 0) thread.signals.mask = current_->signals.mask;
  thread.cancellable = thread.signallable = false;
  thread.interrupted = interruption::none;
  ++unfinished_;
  thread.name[0] = '\0';
  thread.keys.clear();
  thread.destructors.clear();
  thread.polled = nullptr;
  thread.state = run_state::runnable;
  threads_.push_back(&thread);
  next_.push_back({.kind = operation_kind::thread_start, .writes = false, .object = 0});
  point_.next = next_;
  run_queue_.add(thread);
}

virtual_thread* execution::thread_by_id(thread_id id) noexcept {
  if (id >= threads_.size() || threads_[id]->id != id) return nullptr;
  return threads_[id];
}

virtual_thread* execution::thread_by_handle(const void* handle) noexcept {
  const std::uint32_t slot = stack_slots::slot_of_record(handle);
  if (slot >= used_slots_) return nullptr;
  auto* const thread = reinterpret_cast<virtual_thread*>(stack_slots::record_of(slot));
  const bool gone = thread->state == run_state::finished && (thread->detached || thread->joined);
  return gone ? nullptr : thread;
}

void execution::release_slot(virtual_thread& thread) {
  free_slots_.push_back(thread.slot);
  if (thread.large_stack == 0) return;
  free_large_stacks_.push_back(thread.large_stack);
  large_stack_users_.resize(used_large_stacks_);
  large_stack_users_[thread.large_stack - 1] = thread.ended;
}

void execution::entry(transfer_t from) noexcept {
  *static_cast<boost::context::detail::fcontext_t*>(from.data) = from.fctx;
  execution& self = *detail::active;
  virtual_thread& thread = *self.current_;
  if (std::exchange(self.left_host_, false)) {
    address_sanitizer::arrive_from(self.host_stack_);
  } else {
    address_sanitizer::arrive(nullptr);
  }
  self.record({.kind = operation_kind::thread_start, .writes = false, .object = 0}, 0);
  self.progress();
  self.run_thread(thread);
}

void execution::run_thread(virtual_thread& thread) {
  finish_thread(run_start_function(thread));
}

// Its frame is where unwinding ends when the thread leaves before its start function has returned.
[[gnu::noinline]] void* execution::run_start_function(virtual_thread& thread) {
  thread.cancellation.base_frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  // Exceptions are not caught here: the terminate handler meets them before the stack is unwound.
  if (thread.start != nullptr) return thread.start(thread.argument);
  if (thread.start_c11 != nullptr) {
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(thread.start_c11(thread.argument)));
  }
  body_(body_context_);
  return nullptr;
}

void execution::finish_thread(void* result) {
  virtual_thread& thread = *current_;
  thread.shadow_depth = thread.known_depth = 0;
  run_exit_handlers(thread);
  exit_thread(result);
}

void execution::run_exit_handlers(virtual_thread& thread) {
  // What tasks left in the thread's variables is destroyed after all that they did.
  if (task_actors_ != 0 && tracks()) model_.acquire(thread.actor, ended_tasks_);
  destroy_thread_locals(thread);
  run_key_destructors(thread);
}

void execution::destroy_thread_locals(virtual_thread& thread) {
  while (!thread.destructors.empty()) {
    const thread_local_destructor next = thread.destructors.back();
    thread.destructors.pop_back();
    next.function(next.object);
  }
}

void execution::exit_thread(void* result) {
  virtual_thread& thread = *current_;
  if (thread.robust_held != 0) abandon_robust_locks(thread);
  if (program_ != nullptr && is_last_thread()) std::exit(0);
  tls_.end_thread(thread.tls);
  record({.kind = operation_kind::thread_exit, .writes = true, .object = 0}, 0);
  progress();
  thread.result = result;
  release_into(thread.ended);
  thread.state = run_state::finished;
  --unfinished_;
  run_queue_.remove(thread);
  while (!thread.joiners.empty()) {
    virtual_thread& joiner = *thread.joiners.first;
    thread.joiners.remove(joiner);
    timers_.remove(joiner);
    enable(joiner);
  }
  if (thread.detached) release_slot(thread);
  // Its variables outlive it, as far as nothing destroyed them.
  if (thread.id == 0 && looks_for_leaks_) tls_.keep(thread.tls);
  // As in a process: what main's return cuts short goes on after its pthread_exit.
  if (thread.id == 0 && program_ == nullptr && !thread.cancellation.leaving) {
    draining_ = true;
    drain_limit_ = steps() + drain_points_max;
  }
  leave();
}

}  // namespace heddle::sim
