#include "strategies/exhaustive/trace.hpp"

#include <algorithm>
#include <utility>

namespace heddle::check {

namespace {

using sim::operation_kind;

// What is no object of the program; sim's keys never have all of the upper bits set.
constexpr std::uintptr_t thread_keys = ~std::uintptr_t{0} << 40;
constexpr std::uintptr_t all_threads = thread_keys - 1;
// The order of all seq_cst operations: where a fence stands in it matters, where the others do on different objects
// not.
constexpr std::uintptr_t sequential_order = thread_keys - 2;

access access_of(const sim::event& what, std::uintptr_t object) noexcept {
  switch (what.kind) {
    case operation_kind::atomic_load:
    case operation_kind::memory_read:
      return {object, access_kind::read};
    case operation_kind::mutex_lock:
      return {object, access_kind::acquire};
    case operation_kind::mutex_unlock:
      return {object, access_kind::release};
    case operation_kind::shared_lock:
      return {object, access_kind::acquire_shared};
    case operation_kind::shared_unlock:
      return {object, access_kind::release_shared};
    // Threads are numbered in the order of their creation, which is thereby a state all creators change.
    case operation_kind::thread_create:
      return {all_threads, access_kind::write};
    case operation_kind::thread_exit:
      return {thread_keys + what.thread, access_kind::release};
    case operation_kind::thread_join:
      return {thread_keys + what.object, access_kind::acquire};
    default:
      return {object, access_kind::write};
  }
}

bool touches_something(operation_kind kind) noexcept {
  switch (kind) {
    case operation_kind::none:
    case operation_kind::thread_start:
    case operation_kind::yield:
    case operation_kind::sleep:
    case operation_kind::fence:
    case operation_kind::choice:
    // What these touch is told.
    case operation_kind::task_poll:
    case operation_kind::task_cancel:
    case operation_kind::runtime_operation:
      return false;
    default:
      return true;
  }
}

bool is_sequential(const sim::event& what) noexcept {
  switch (what.kind) {
    case operation_kind::atomic_load:
    case operation_kind::atomic_store:
    case operation_kind::atomic_update:
    case operation_kind::fence:
      return what.detail == sim::sequential_detail;
    default:
      return false;
  }
}

bool stores(operation_kind kind) noexcept {
  return kind == operation_kind::atomic_store || kind == operation_kind::atomic_update;
}

bool takes_lock(operation_kind kind) noexcept {
  return kind == operation_kind::mutex_lock || kind == operation_kind::shared_lock;
}

}  // namespace

void transition_trace::restart(std::size_t kept) {
  kept_ = kept;
  started_ = 1;
  if (transitions_.empty()) transitions_.emplace_back();
  transitions_.resize(std::max<std::size_t>(kept, 1));
  touched_.clear();
  keys_.clear();
  other_stores_.clear();
  threads_.clear();
  now_ = 0;
  is_composite_ = stopped_ = false;
}

transition_trace::thread_view& transition_trace::view_of(sim::thread_id thread) {
  if (thread >= threads_.size()) threads_.resize(thread + 1);
  return threads_[thread];
}

std::uintptr_t transition_trace::key_of(sim::object_id object) const noexcept {
  return object < keys_.size() ? keys_[object] : 0;
}

void transition_trace::on_event(const sim::event& what, std::uintptr_t object) noexcept {
  if (stopped_) return;
  object = object == 0 ? 0 : word_of(object);
  if (object != 0) {
    if (what.object >= keys_.size()) keys_.resize(what.object + 1);
    keys_[what.object] = object;
  }
  if (is_sequential(what)) {
    const bool fence = what.kind == operation_kind::fence;
    add_access(touched_, {sequential_order, fence ? access_kind::write : access_kind::read});
    // What one such load read, later ones may not overlook: their order matters too, unless the store that was read
    // told so by itself.
    if (what.kind == operation_kind::atomic_load && has_other_stores(object))
      add_access(touched_, {object, access_kind::write});
  } else if (stores(what.kind) && !has_other_stores(object)) {
    other_stores_.push_back(object);
  }
  if (!touches_something(what.kind)) return;
  add_access(touched_, access_of(what, object));
}

void transition_trace::on_touch(operation_kind kind, std::uintptr_t object) noexcept {
  if (stopped_) return;
  is_composite_ = true;
  sim::event touch;
  touch.kind = kind;
  add_access(touched_, access_of(touch, word_of(object)));
}

void transition_trace::end_transition() {
  if (started_ > kept_) {
    transition& ended = transitions_[running()];
    // A copy has the room it needs, and the original keeps its own.
    ended.touched = touched_;
    ended.is_composite = is_composite_;
  }
  touched_.clear();
  is_composite_ = false;
}

void transition_trace::finish() {
  if (!stopped_) end_transition();
}

bool transition_trace::has_other_stores(std::uintptr_t object) const noexcept {
  return std::find(other_stores_.begin(), other_stores_.end(), object) != other_stores_.end();
}

bool transition_trace::gave_back(std::uintptr_t lock) const noexcept {
  return std::any_of(touched_.begin(), touched_.end(),
                     [lock](const access& one) { return one.object == lock && releases(one.kind); });
}

void transition_trace::note_enabled(sim::thread_id thread, const sim::scheduling_point& point, bool clock_moved) {
  const sim::operation& next = point.next[thread];
  thread_view& view = threads_[thread];
  // It may have been told to go on by the same transition.
  const bool wanted_lock_only = takes_lock(next.kind) && !view.waits_for_notification;
  if (clock_moved) {
    for (const thread_view& other : threads_) {
      if (other.seen) view.enabled_by.push_back(other.last);
    }
  } else if (!wanted_lock_only || !gave_back(key_of(next.object))) {
    view.enabled_by.push_back(static_cast<std::uint32_t>(running()));
  }
}

void transition_trace::arrive(const sim::scheduling_point& point) {
  const sim::thread_id ran = transitions_[running()].thread;
  thread_view& runner = view_of(ran);
  runner.seen = true;
  runner.last = static_cast<std::uint32_t>(running());
  const bool clock_moved = point.now != std::exchange(now_, point.now);
  threads_.resize(std::max(threads_.size(), point.next.size()));
  runnable_.assign(threads_.size(), false);
  for (const sim::thread_id thread : point.runnable) runnable_[thread] = true;
  for (sim::thread_id thread = 0; thread < threads_.size(); ++thread) {
    thread_view& view = threads_[thread];
    const bool waits = point.next[thread].kind == operation_kind::condition_wait && !runnable_[thread];
    // Told to go on, and now waiting for its lock only.
    const bool notified = view.waits_for_notification && !waits && !runnable_[thread];
    // The one that ran may have waited as well, for the clock.
    const bool began = runnable_[thread] && (thread == ran ? clock_moved : !view.runnable);
    if (notified || began) note_enabled(thread, point, clock_moved);
    view.waits_for_notification = waits;
    view.runnable = runnable_[thread];
  }
  end_transition();
}

void transition_trace::start(sim::thread_id thread, const sim::scheduling_point& point) {
  if (started_++ < kept_) {
    threads_[thread].enabled_by.clear();
  } else {
    transition& fresh = transitions_.emplace_back();
    fresh.thread = thread;
    fresh.asked = point.runnable.size() > 1;
    fresh.stays = point.current_runnable && point.current == thread;
    fresh.enabled_by = std::exchange(threads_[thread].enabled_by, {});
  }
  // What was announced before may be done now without an event of its own.
  const sim::operation& next = point.next[thread];
  if (next.object == 0 || !sim::names_an_object(next.kind) || !touches_something(next.kind)) return;
  sim::event announced;
  announced.kind = next.kind;
  announced.object = next.object;
  if (const std::uintptr_t object = key_of(next.object); object != 0)
    add_access(touched_, access_of(announced, object));
}

}  // namespace heddle::check
