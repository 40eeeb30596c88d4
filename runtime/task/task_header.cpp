// Running, waking, cancelling and joining a spawned task; see detail/task_header.hpp.
// Thread safety: as declared there.
#include "heddle/runtime/detail/task_header.hpp"

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/frame.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/task_dump.hpp"

#include <utility>

namespace heddle::detail {

struct task_header::waker_functions {
  static task_header& header(const void* data) noexcept { return *static_cast<task_header*>(const_cast<void*>(data)); }

  static raw_waker clone(const void* data) noexcept {
    header(data).state_.add_reference();
    hooks::waker_made(data, header(data).observed_);
    return raw_waker(data, &waker_behaviour);
  }
  static void wake(const void* data) noexcept {
    hooks::waker_gone(data, header(data).observed_, hooks::waker_end::used);
    header(data).wake_by_value();
  }
  static void wake_by_ref(const void* data) noexcept { header(data).wake_by_reference(); }
  static void drop(const void* data) noexcept {
    hooks::waker_gone(data, header(data).observed_, hooks::waker_end::dropped);
    header(data).drop_reference();
  }
};

constinit const waker_vtable task_header::waker_behaviour{&waker_functions::clone, &waker_functions::wake,
                                                          &waker_functions::wake_by_ref, &waker_functions::drop};

task_header::task_header() noexcept = default;
// g++ would let it write the address of the table, as an access of the user's.
HEDDLE_RUNTIME_CODE task_header::~task_header() {
  if (owner_ != nullptr) owner_->take_back_reference();
}

void task_header::assign(task_owner& owner, identity who) noexcept {
  owner_ = &owner;
  id_ = who.id;
  companion_ = std::move(who.companion);
  kind_ = who.kind;
}

void task_header::announce(const hooks::source_place& place, hooks::task_home home) noexcept {
  const std::string* const given = given_name();
  observed_ = hooks::task_spawned(this, given == nullptr ? nullptr : given->c_str(), place, home);
}

void task_header::run() noexcept {
  switch (state_.transition_to_running()) {
    case to_running::success:
      return run_future();
    case to_running::cancelled:
      return end_aborted();
    case to_running::failed:
      return;
    case to_running::deallocate:
      return deallocate();
  }
}

void task_header::run_future() noexcept {
  const bool may_be_aborted = kind_ == task_kind::async;
  for (;;) {
    if (may_be_aborted && hooks::aborts_queued(this, observed_)) return end_aborted();
    poll_budget budget;
    if (poll_once(budget)) return complete();
    const hooks::abort_moment when =
        may_be_aborted ? hooks::aborts_suspended(this, observed_) : hooks::abort_moment::never;
    if (when == hooks::abort_moment::later) [[unlikely]] {
      // The caller of the abort has a reference of its own, as a join_handle has.
      state_.add_reference();
      leave_suspended(budget);
      abort();
      return drop_reference();
    }
    if (when == hooks::abort_moment::at_once) [[unlikely]]
      abort();
    // A task that goes on keeps `running`, and so owns its future all the time.
    if (!budget.has_yielded_ || !owner_->goes_on_after_yield()) return leave_suspended(budget);
    if (state_.load().is_cancelled()) return end_aborted();
  }
}

void task_header::leave_suspended(const poll_budget& budget) noexcept {
  leave(budget.has_yielded_ ? state_.transition_to_yielded() : state_.transition_to_idle(), schedule_hint::yielded);
}

void task_header::leave(to_idle transition, schedule_hint hint) noexcept {
  switch (transition) {
    case to_idle::success:
      return;
    case to_idle::notified:
      return owner_->schedule(*this, hint);
    case to_idle::cancelled:
      return end_aborted();
    case to_idle::deallocate:
      return deallocate();
  }
}

// REQUIRES: the caller owns `running` and one reference, which is consumed.
void task_header::end_aborted() noexcept {
  hooks::task_cancelled(this, observed_);
  cancel();
  complete();
}

bool task_header::poll_once(poll_budget& budget) noexcept {
  const waker_ref self(raw_waker(this, &waker_behaviour));
  context cx(self.get(), budget, this);
  if (kind_ == task_kind::async) {
    const hooks::poll_scope poll(this, observed_);
    return poll_future(cx);
  }
  const hooks::user_code_scope user;
  return poll_future(cx);
}

void task_header::cancel() noexcept {
  const hooks::task_code_scope own(this, observed_);
  cancel_future();
}

// REQUIRES: the caller owns `running` and one reference, which is consumed; the outcome is stored.
void task_header::complete() noexcept {
  if (companion_ != nullptr) {
    const hooks::task_code_scope own(this, observed_);
    companion_->future_destroyed();
  }
  // To ask how is a virtual call, which a plain build has nobody to make for.
  if constexpr (HEDDLE_CHECKED) hooks::task_ended(this, how_it_ended());
  const std::size_t references = owner_->release(*this) ? 2 : 1;
  switch (state_.transition_to_complete(references)) {
    case to_complete::released:
      return;
    case to_complete::wake_joiner:
      // The reference of the cell is used up; the handle may still be comparing what is in it.
      waker(join_waker_).wake();
      break;
    case to_complete::drop_output: {
      const hooks::task_code_scope own(this, observed_);
      drop_outcome();
      break;
    }
  }
  if (state_.transition_to_terminal(references)) deallocate();
}

void task_header::shutdown() noexcept {
  if (!state_.transition_to_shutdown()) return drop_reference();
  cancel();
  complete();
}

void task_header::refuse() noexcept {
  shutdown();
  drop_reference();
}

void task_header::abort() noexcept {
  const hooks::operation_scope operation(hooks::operation::abort, this);
  hooks::task_woken(this);
  if (state_.transition_to_notified_and_cancelled() == to_notified::submit) {
    owner_->schedule(*this, schedule_hint::woken);
  }
}

void task_header::wake_by_value() noexcept {
  const hooks::wake_scope operation(this);
  switch (state_.transition_to_notified_by_value()) {
    case to_notified_by_value::submit:
      return owner_->schedule(*this, schedule_hint::woken);
    case to_notified_by_value::done:
      return;
    case to_notified_by_value::deallocate:
      return deallocate();
  }
}

void task_header::wake_by_reference() noexcept {
  const hooks::wake_scope operation(this);
  if (state_.transition_to_notified_by_reference() == to_notified::submit) {
    owner_->schedule(*this, schedule_hint::woken);
  }
}

bool task_header::look_at(task_dump& into) noexcept {
  into.id = id_;
  into.name = name();
  if (state_.transition_to_inspected()) {
    if (const frame* const root = chain()) {
      suspension where = suspension_of(*root);
      into.coroutines = std::move(where.coroutines);
      into.places = std::move(where.places);
      into.awaited = where.awaited;
    }
    leave(state_.transition_to_idle(), schedule_hint::woken);
    return true;
  }
  const task_snapshot now = state_.load();
  if (now.is_complete()) return false;
  into.state = now.is_running() ? task_dump::condition::running : task_dump::condition::queued;
  return true;
}

bool task_header::poll_join(const waker& current) noexcept {
  task_snapshot now = state_.load();
  if (now.is_complete()) return true;
  if (now.is_join_waker_set()) {
    // Both sides only read the cell now.
    if (waker_ref(join_waker_).get().will_wake(current)) return false;
    if (!state_.transition_to_join_waker_unset()) return true;
    drop_join_waker();
  }
  join_waker_ = current.clone().into_raw();
  if (state_.transition_to_join_waker_set()) return false;
  drop_join_waker();
  return true;
}

void task_header::drop_join_waker() noexcept {
  const waker dropped(std::exchange(join_waker_, {}));
}

void task_header::drop_join_handle() noexcept {
  // Once it is complete, the outcome is ours without further ado.
  const join_handle_dropped duty =
      state_.load().is_complete() ? join_handle_dropped::drop_output : state_.transition_to_join_handle_dropped();
  if (duty == join_handle_dropped::drop_output) {
    const hooks::user_code_scope user;
    drop_outcome();
  } else {
    drop_join_waker();
  }
  drop_reference();
}

void task_header::drop_reference() noexcept {
  if (state_.drop_reference()) deallocate();
}

void task_header::deallocate() noexcept {
  delete this;
}

}  // namespace heddle::detail
