#include "strategies/exhaustive/trace.hpp"

#include <algorithm>
#include <utility>

namespace heddle::check {

namespace {

using sim::operation_kind;

bool takes_lock(operation_kind kind) noexcept {
  return kind == operation_kind::mutex_lock || kind == operation_kind::shared_lock;
}

}  // namespace

void transition_trace::restart(std::size_t kept) {
  kept_ = kept;
  started_ = 0;
  if (kept == 0) {
    add_transition();
  } else {
    started_ = 1;
  }
  reader_.clear();
  distinct_.clear();
  touched_.clear();
  for (thread_view& view : threads_) {
    view.seen = view.runnable = view.waits_for_notification = false;
    view.enabled_by.clear();
  }
  now_ = 0;
  is_composite_ = stopped_ = false;
}

// Begins it, in the room of one that is not kept.
transition& transition_trace::add_transition() {
  if (started_ == transitions_.size()) transitions_.emplace_back();
  transition& fresh = transitions_[started_++];
  fresh.thread = 0;
  fresh.asked = fresh.stays = fresh.is_composite = false;
  fresh.touched.clear();
  fresh.enabled_by.clear();
  return fresh;
}

void transition_trace::add(const access& one) {
  if (!is_fresh()) return;
  touched_object& object = distinct_[one.object];
  const auto transition = static_cast<std::uint32_t>(running());
  if (object.transition != transition) object = {transition, 0};
  const std::uint32_t kind = 1U << static_cast<unsigned>(one.kind);
  if ((std::exchange(object.kinds, object.kinds | kind) & kind) == 0) touched_.push_back(one);
}

void transition_trace::on_event(const sim::event& what, std::uintptr_t object) noexcept {
  if (!stopped_) reader_.read(what, object, [this](const access& one) { add(one); });
}

void transition_trace::on_touch(operation_kind kind, std::uintptr_t object) noexcept {
  if (!wants_touches()) return;
  is_composite_ = true;
  reader_.read_touch(kind, object, [this](const access& one) { add(one); });
}

void transition_trace::end_transition() {
  if (!is_fresh()) return;
  reader_.finish([this](const access& one) { add(one); });
  transition& ended = transitions_[running()];
  // A copy has the room it needs, and the original keeps its own.
  ended.touched = touched_;
  ended.is_composite = is_composite_;
  touched_.clear();
  is_composite_ = false;
}

void transition_trace::finish() {
  if (!stopped_) end_transition();
}

bool transition_trace::gave_back(std::uintptr_t lock) const noexcept {
  const accesses& done = is_fresh() ? touched_ : transitions_[running()].touched;
  return std::any_of(done.begin(), done.end(),
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
  } else if (!wanted_lock_only || !gave_back(reader_.key_of(next.object))) {
    view.enabled_by.push_back(static_cast<std::uint32_t>(running()));
  }
}

void transition_trace::arrive(const sim::scheduling_point& point) {
  const auto threads = static_cast<sim::thread_id>(point.next.size());
  if (threads > threads_.size()) threads_.resize(threads);
  const sim::thread_id ran = transitions_[running()].thread;
  threads_[ran].seen = true;
  threads_[ran].last = static_cast<std::uint32_t>(running());
  const bool clock_moved = point.now != std::exchange(now_, point.now);
  ++arrivals_;
  for (const sim::thread_id thread : point.runnable) threads_[thread].runnable_at = arrivals_;
  for (sim::thread_id thread = 0; thread < threads; ++thread) {
    thread_view& view = threads_[thread];
    const bool runnable = view.runnable_at == arrivals_;
    const bool waits = !runnable && point.next[thread].kind == operation_kind::condition_wait;
    // Told to go on, and now waiting for its lock only.
    const bool notified = view.waits_for_notification && !waits && !runnable;
    // The one that ran may have waited as well, for the clock.
    const bool began = runnable && (thread == ran ? clock_moved : !view.runnable);
    if (notified || began) note_enabled(thread, point, clock_moved);
    view.waits_for_notification = waits;
    view.runnable = runnable;
  }
  end_transition();
}

void transition_trace::start(sim::thread_id thread, const sim::scheduling_point& point) {
  std::vector<std::uint32_t>& enabled_by = threads_[thread].enabled_by;
  if (started_ < kept_) {
    ++started_;
  } else {
    transition& fresh = add_transition();
    fresh.thread = thread;
    fresh.asked = point.runnable.size() > 1;
    fresh.stays = point.current_runnable && point.current == thread;
    std::swap(fresh.enabled_by, enabled_by);
  }
  enabled_by.clear();
  if (is_fresh()) reader_.announce(point.next[thread]);
}

}  // namespace heddle::check
