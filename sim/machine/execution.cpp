#include "execution.hpp"

#include "../memory/coroutine_frame.hpp"
#include "../memory/shadow.hpp"
#include "fatal.hpp"
#include "stack_slots.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <unwind.h>

namespace heddle::sim {

using boost::context::detail::jump_fcontext;
using boost::context::detail::transfer_t;

namespace detail {
constinit thread_local execution* active = nullptr;
constinit thread_local execution* interleaving = nullptr;
constinit thread_local execution* racing = nullptr;
constinit thread_local execution* watching = nullptr;
constinit bool accesses_are_wanted = false;
constinit bool one_os_thread = false;
}  // namespace detail

namespace {

constexpr std::uint64_t refuel_interval = 1024;

// What the unwinder does once in a process is no business of the execution that throws first: it would be a scheduling
// point there, and in the middle of a sanitizer's report.
void prepare_unwinder() noexcept {
  _Unwind_Backtrace([](_Unwind_Context*, void*) { return _URC_END_OF_STACK; }, nullptr);
}

}  // namespace

execution::execution(const machine_options& options) : options_(options), errno_(&errno) {
  shadow_memory::reserve();
  prepare_unwinder();
  find_loaded_code();
  tls_.discover();
  if (tls_.size() > stack_slots::variables_max || tls_.alignment() > stack_slots::variables_alignment_max) {
    fatal("the thread_local variables of this program take more than 64 MiB, which a virtual thread cannot hold");
  }
  points_untrusted_ = options.level != granularity::task;
  points_trusted_ = options.level == granularity::runtime;
}

// ---------------------------------------------------------------- one execution

const execution_result& execution::run(decision_source& source, void (*body)(void*), void* context,
                                       event_observer* observer) {
  reset(source, observer);
  body_ = body;
  body_context_ = context;
  virtual_thread& first = create_thread(nullptr, nullptr, false);
  current_ = &first;
  interleaves_ = interleaves(first);
  const int host_errno = errno;
  // The main thread of a program goes on with what static initialisers did to its thread_local variables.
  first.tls = tls_.leave_host(first.tls, program_ != nullptr);
  set_active();
  left_host_ = true;
  address_sanitizer::leave_for(&host_stack_.fake, first);
  transfer_t left = jump_fcontext(first.context, &host_context_);
  address_sanitizer::arrive(host_stack_.fake);
  while (judged_ != nullptr) left = answer(left);
  if (current_->state != run_state::finished) {
    current_->context = left.fctx;
    tls_.keep(current_->tls);
  }
  tls_.return_to_host();
  errno = host_errno;
  find_leaks();
  complete_result();
  return result_;
}

void execution::reset(decision_source& source, event_observer* observer) {
  ++serial_;
  source_ = &source;
  observer_ = observer;
  may_tell_ = observer != nullptr && !points_trusted_;
  set_touches_told(may_tell_ && observer->wants_touches());
  hash_ = events_ = decisions_ = switches_ = now_ = 0;
  order_.begin(options_.level);
  draining_ = failing_ = stacks_on_stacks_ = false;
  candidates_min_ = source.wants_every_point() ? 1 : 2;
  run_queue_.clear();
  timers_.clear();
  objects_.reset();
  sync_objects_.reset();
  if (tracks_) {
    model_.reset();
    races_.begin_execution();
    expected_races_.clear();
    actor_owners_.assign(1, {});
    large_stack_users_.clear();
    histories_.reset();
    ended_tasks_.clear();
    task_actors_ = 0;
  }
  tasks_.reset();
  async_holdings_.clear();
  bound_values_.reset();
  unheard_signals_ = 0;
  threads_.clear();
  next_.clear();
  free_slots_.clear();
  free_large_stacks_.clear();
  used_large_stacks_ = 0;
  used_slots_ = unfinished_ = 0;
  process_signals_ = {};
  descriptors_ = {};
  spurious_left_ = options_.spurious_wakeups;
  cancellations_left_ = options_.cancellations;
  faults_left_ = options_.faults;
  allocation_failures_left_ = options_.allocation_failures;
  signal_waiters_ = {};
  steps_at_refuel_ = 0;
  fuel_ = fuel_at_refuel_ = 0;
  since_progress_ = idle_points_ = slice_began_ = 0;
  polls_ = 0;
  starvation_.task = 0;
  starvation_.next_look = options_.starvation_polls;
  spins_.reset();
  set_fuel();
  shadow_memory::begin_execution();
  execution_memory().begin_execution(options_.quarantine_bytes_max);
  result_.failures.clear();
  result_.accepted.clear();
  accepted_.clear();
  result_.last_events.clear();
  result_.spawned.clear();
  result_.mishaps.clear();
  result_.abandoned = false;
  result_.exit_status.reset();
  result_.cut_short = false;
  result_.let_through.clear();
  exiting_ = nullptr;
  exit_limit_ = no_exit_limit;
}

void execution::complete_result() {
  result_.event_hash = hash_;
  result_.order_hash = order_.value();
  result_.steps = steps();
  result_.switches = switches_;
  result_.decisions = decisions_;
  result_.threads = static_cast<std::uint32_t>(threads_.size());
  result_.clock = std::chrono::nanoseconds{static_cast<std::int64_t>(now_)};
}

// ---------------------------------------------------------------- scheduling

[[gnu::always_inline]] inline virtual_thread& execution::pick_next() {
  while (run_queue_.empty()) {
    if (draining_ || unfinished_ == 0) return_to_host();
    if (timers_.empty()) {
      if (exiting_ == nullptr) fail_deadlocked();
      stop_waiting_for_others();
    } else {
      // It counts as a point: a thread that only sleeps comes to its limits too.
      if (--fuel_ == 0) refuel();
      advance_clock();
    }
  }
  if (run_queue_.size() < candidates_min_) return run_queue_.only();
  ++decisions_;
  point_.current = current_->id;
  point_.current_runnable = current_->state == run_state::runnable;
  point_.runnable = run_queue_.ids();
  point_.step = steps();
  point_.now = now_;
  set_inactive();
  const thread_id chosen = source_->choose_thread(point_);
  if (may_tell_ && observer_->wants_touches() != tells_touches_) [[unlikely]]
    set_touches_told(!tells_touches_);
  set_active();
  HEDDLE_SIM_ASSERT(chosen < threads_.size() && threads_[chosen]->state == run_state::runnable);
  return *threads_[chosen];
}

[[gnu::always_inline]] inline void execution::switch_to(virtual_thread& next) noexcept {
  virtual_thread& self = *current_;
  self.saved_errno = *errno_;
  self.last_ran = steps();
  self.own_steps += self.last_ran - slice_began_;
  slice_began_ = self.last_ran;
  tls_.swap(self.tls, next.tls);
  current_ = &next;
  *errno_ = next.saved_errno;
  interleaves_ = interleaves(next);
  set_active();
  address_sanitizer::leave_for(&self.fake_stack, next);
  const transfer_t from = jump_fcontext(next.context, &self.context);
  address_sanitizer::arrive(self.fake_stack);
  *static_cast<boost::context::detail::fcontext_t*>(from.data) = from.fctx;
}

void execution::choose_and_switch() {
  virtual_thread& next = pick_next();
  if (&next != current_) {
    ++switches_;
    switch_to(next);
  }
}

void execution::leave() {
  leave_for(pick_next());
}

void execution::leave_for(virtual_thread& next) noexcept {
  boost::context::detail::fcontext_t discarded = nullptr;
  slice_began_ = steps();
  current_ = &next;
  tls_.enter(next.tls);
  *errno_ = next.saved_errno;
  interleaves_ = interleaves(next);
  set_active();
  address_sanitizer::leave_for(nullptr, next);
  jump_fcontext(next.context, &discarded);
  fatal("internal error: a finished thread was resumed");
}

void execution::return_to_host() noexcept {
  boost::context::detail::fcontext_t discarded = nullptr;
  set_inactive();
  if (forked_) fatal("the body of a test ended in a process that it had forked");
  address_sanitizer::leave_for(nullptr, host_stack_);
  jump_fcontext(host_context_, &discarded);
  fatal("internal error: a finished execution was resumed");
}

bool execution::block(wait_reason reason, const void* address, std::uint64_t deadline) {
  fail_if_stalling(reason);
  virtual_thread& self = *current_;
  self.reason = reason;
  self.waiting_address = address;
  self.timed_out = false;
  if (deadline != no_deadline) set_deadline(self, deadline);
  self.state = run_state::blocked;
  run_queue_.remove(self);
  if (self.cancellable && self.cancellation.due()) interrupt(self, interruption::cancelled);
  virtual_thread& next = pick_next();
  if (&next != &self) {
    ++switches_;
    switch_to(next);
  }
  self.reason = wait_reason::nothing;
  return !self.timed_out;
}

void execution::interrupt(virtual_thread& thread, interruption why) {
  // A condition wait that is over waits for its lock, which nothing interrupts.
  const bool may = why == interruption::cancelled ? thread.cancellable : thread.signallable;
  if (thread.state != run_state::blocked || !may || thread.reason == wait_reason::lock) return;
  thread.interrupted = why;
  thread.timed_out = true;
  timers_.remove(thread);
  wake_by_timer(*this, thread);
}

void execution::enable(virtual_thread& thread) {
  if (thread.state == run_state::runnable) return;
  thread.state = run_state::runnable;
  run_queue_.add(thread);
}

void execution::disable(virtual_thread& thread) noexcept {
  if (thread.state != run_state::runnable) return;
  thread.state = run_state::blocked;
  run_queue_.remove(thread);
}

void execution::set_deadline(virtual_thread& thread, std::uint64_t deadline) {
  thread.deadline = deadline;
  timers_.add(thread);
}

std::uint32_t execution::choose(choice_kind kind, std::uint32_t candidates) {
  if (candidates < 2) return 0;
  ++decisions_;
  set_inactive();
  const std::uint32_t answer = source_->choose(kind, candidates);
  set_active();
  HEDDLE_SIM_ASSERT(answer < candidates);
  record({.kind = operation_kind::choice, .writes = false, .object = answer}, 0, static_cast<std::uint8_t>(kind));
  return answer;
}

void execution::notify_observer(const event& what) {
  set_inactive();
  // Not the address itself: observers remember it, and a search for leaks must not find it with them.
  observer_->on_event(what, names_an_object(what.kind) && what.object != 0 ? ~objects_.key_of(what.object) : 0);
  set_active();
}

void execution::set_touches_told(bool told) noexcept {
  tells_touches_ = told;
  detail::accesses_are_wanted = options_.level == granularity::memory || (told && !points_untrusted_);
}

void execution::tell(operation_kind kind, const volatile void* word) {
  set_inactive();
  observer_->on_touch(kind, ~object_table::key_of(const_cast<const void*>(word), object_kind::word));
  set_active();
}

void execution::tell(const operation& done) {
  set_inactive();
  observer_->on_touch(done.kind, ~objects_.key_of(done.object));
  set_active();
}

// ---------------------------------------------------------------- limits and time

void execution::set_fuel() {
  const std::uint64_t done = steps();
  const std::uint64_t left = options_.steps_max > done ? options_.steps_max - done : 1;
  steps_at_refuel_ = done;
  fuel_ = fuel_at_refuel_ = progress_fuel_ = left < refuel_interval ? left : refuel_interval;
}

void execution::refuel() {
  const bool progressed = progress_fuel_ != fuel_at_refuel_;
  since_progress_ = progressed ? progress_fuel_ : since_progress_ + fuel_at_refuel_;
  idle_points_ = progressed ? progress_fuel_ : idle_points_ + fuel_at_refuel_;
  const std::uint64_t done = steps();
  if (draining_ && done >= drain_limit_) return_to_host();
  if (current_->polled != nullptr) fail_if_polled_long(*current_->polled);
  if (options_.starvation_polls != 0 && polls_ >= starvation_.next_look) look_for_starvation();
  if (done >= options_.steps_max) look_at_endless();
  if (since_progress_ >= spin_points_max && !timers_.empty()) {
    advance_clock();
    since_progress_ = 0;
  }
  set_fuel();
  if (done < exit_limit_) return;
  if (exiting_ == nullptr) end_program();
  virtual_thread& exiting = *exiting_;
  stop_waiting_for_others();
  ++switches_;
  switch_to(exiting);
}

void execution::advance_clock() {
  if (timers_.next_deadline() > now_) now_ = timers_.next_deadline();
  model_.show_all();
  fire_due_timers();
}

void execution::fire_due_timers() {
  while (!timers_.empty() && timers_.next_deadline() <= now_) {
    virtual_thread& thread = timers_.front();
    timers_.remove(thread);
    thread.timed_out = true;
    wake_by_timer(*this, thread);
  }
}

std::uint64_t execution::read_clock() {
  // A thread that does nothing but look at the clock moves it: by 1 µs at first, then in growing steps.
  constexpr std::uint64_t first_step_ns = 1'000;
  constexpr std::uint32_t reads_per_step = 32;
  constexpr std::uint32_t doublings_max = 20;
  const std::uint32_t reads = ++current_->clock_polls;
  if (reads <= reads_per_step) return now_;
  const std::uint32_t doublings = reads / reads_per_step < doublings_max ? reads / reads_per_step : doublings_max;
  now_ += first_step_ns << doublings;
  fire_due_timers();
  return now_;
}

// ---------------------------------------------------------------- weak memory

store_history& execution::history_of(const void* address, std::uint32_t size) {
  object_entry& entry = objects_.find_or_add(address, object_kind::word);
  if (entry.history == nullptr) {
    store_history& fresh = histories_.take();
    fresh.address = reinterpret_cast<std::uintptr_t>(address);
    fresh.size = size;
    fresh.count = 0;
    entry.history = &fresh;
    shadow_memory::set(fresh.address, granule_flag::history);
  } else if (entry.history->size != size) {
    model_.forget(*entry.history);
    entry.history->size = size;
  }
  return *entry.history;
}

void execution::forget_history(const void* address, std::size_t size) {
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  shadow_memory::for_each(begin, size, granule_flag::history, [&](std::uintptr_t granule) {
    for (std::uintptr_t at = granule; at < granule + shadow_memory::granule; ++at) {
      const object_entry* const entry = objects_.find(reinterpret_cast<const void*>(at), object_kind::word);
      if (entry == nullptr || entry->history == nullptr) continue;
      store_history& history = *entry->history;
      if (history.address < begin + size && begin < history.address + history.size) model_.forget(history);
    }
  });
}

// ---------------------------------------------------------------- objects and tasks

sync_object& execution::object(const void* address, object_kind kind) {
  if (arena::owns(address) && shadow_memory::may_have(reinterpret_cast<std::uintptr_t>(address), granule_flag::freed))
    expect_not_freed(address, kind);
  object_entry& entry = objects_.find_or_add(address, kind);
  if (entry.state == nullptr) {
    sync_object& fresh = sync_objects_.take();
    fresh = sync_object{};
    fresh.id = entry.id;
    fresh.address = address;
    entry.state = &fresh;
  }
  return *static_cast<sync_object*>(entry.state);
}

sync_object* execution::find_object(const void* address, object_kind kind) noexcept {
  object_entry* const entry = objects_.find(address, kind);
  return entry == nullptr ? nullptr : static_cast<sync_object*>(entry->state);
}

task_record& execution::add_task(const void* address) {
  const object_entry* const announced = objects_.find(address, object_kind::runtime_object);
  const object_id spawn = announced == nullptr ? 0 : announced->id;
  objects_.forget(address, object_kind::runtime_object);
  object_entry& entry = objects_.find_or_add(address, object_kind::runtime_object);
  task_record& task = tasks_.take();
  task.spawn_object = spawn;
  task.object = entry.id;
  task.ended_name.clear();
  task.address = address;
  task.id = static_cast<std::uint32_t>(tasks_.size());
  task.condition = task_condition::queued;
  task.awaiting.clear();
  task.blocked_what = nullptr;
  task.queued_at = polls_;
  task.polls = 0;
  task.last_thread = no_thread;
  task.wakers = 0;
  task.last_waker_place = 0;
  task.looked = {};
  task.creator = current_->id;
  task.is_root = current_->operations.empty() || current_->operations.back().kind != hooks::operation::spawn;
  task.cancellable = uncancellable_scopes() == 0;
  task.uncancellable_scopes = 0;
  entry.state = &task;
  return task;
}

task_record* execution::find_task(const void* address) noexcept {
  object_entry* const entry = objects_.find(address, object_kind::runtime_object);
  return entry == nullptr ? nullptr : static_cast<task_record*>(entry->state);
}

void execution::forget_task(const void* address) noexcept {
  objects_.forget(address, object_kind::runtime_object);
}

}  // namespace heddle::sim
