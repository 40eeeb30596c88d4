#include "strategies/exhaustive/races.hpp"

#include <algorithm>
#include <optional>

namespace heddle::check {

void race_finder::forget(std::uint32_t from) {
  while (!entered_.empty()) {
    auto& entries = history_[entered_.back()];
    if (entries.back().transition < from) return;
    entries.pop_back();
    entered_.pop_back();
  }
}

std::vector<race> race_finder::find(std::vector<transition>& transitions, std::uint32_t from) {
  forget(from);
  last_.clear();
  const auto note = [this](sim::thread_id thread, std::uint32_t number) {
    if (thread >= last_.size()) last_.resize(thread + 1);
    last_[thread] = number + 1;
  };
  std::vector<race> races;
  for (std::uint32_t number = 0; number < transitions.size(); ++number) {
    if (number >= from) order(transitions, number, races);
    note(transitions[number].thread, number);
  }
  return races;
}

// Conflicting transitions of other threads, the latest first.
void race_finder::collect(const transition& later) {
  candidates_.clear();
  for (std::uint32_t number = 0; number < later.touched.size(); ++number) {
    const access& one = later.touched[number];
    for (const entry& earlier : history_[one.object]) {
      if (earlier.thread == later.thread || !conflict({one.object, earlier.kind}, one)) continue;
      const bool reversible = !(acquires(one.kind) && releases(earlier.kind));
      const auto place = static_cast<std::uint32_t>(candidates_.size());
      candidates_.push_back({earlier.transition, earlier.thread, place, number, reversible});
    }
  }
  std::sort(candidates_.begin(), candidates_.end(), [](const candidate& a, const candidate& b) {
    return a.transition != b.transition ? a.transition > b.transition : a.place < b.place;
  });
}

// For each access of the transition, what happened before the locks it had taken by then were given back. With that it
// does not race, as it would have waited for the lock.
void race_finder::find_locked(const std::vector<transition>& transitions, const transition& later) {
  locked_.assign(later.touched.size(), {});
  if (!later.is_composite) return;
  transition_clock so_far;
  for (std::size_t number = 0; number < later.touched.size(); ++number) {
    const access& one = later.touched[number];
    locked_[number] = so_far;
    if (!acquires(one.kind)) continue;
    for (const entry& earlier : history_[one.object]) {
      const bool waits = releases(earlier.kind) && conflict({one.object, earlier.kind}, one);
      if (waits && earlier.thread != later.thread) so_far.join(transitions[earlier.transition].clock);
    }
  }
}

void race_finder::order(std::vector<transition>& transitions, std::uint32_t number, std::vector<race>& races) {
  transition& later = transitions[number];
  later.before.clear();
  if (later.thread < last_.size() && last_[later.thread] != 0)
    later.before.join(transitions[last_[later.thread] - 1].clock);
  for (const std::uint32_t waited_for : later.enabled_by) later.before.join(transitions[waited_for].clock);
  later.clock = later.before;
  transition_clock ruled_out = later.before;  // races with these would not be immediate
  collect(later);
  find_locked(transitions, later);
  for (const candidate& one : candidates_) {
    const transition& earlier = transitions[one.transition];
    const bool excluded =
        ruled_out.contains(one.thread, one.transition) || locked_[one.access].contains(one.thread, one.transition);
    if (one.reversible && !excluded && can_acquire(transitions, number, one)) {
      races.push_back({one.transition, number});
      ruled_out.join(earlier.clock);
    }
    if (!later.clock.contains(one.thread, one.transition)) later.clock.join(earlier.clock);
  }
  later.clock.add(later.thread, number);
  for (const access& one : later.touched) {
    history_[one.object].push_back({number, later.thread, one.kind});
    entered_.push_back(one.object);
  }
}

// Whether the lock would be free for `later` after everything that does not depend on the candidate.
bool race_finder::can_acquire(const std::vector<transition>& transitions, std::uint32_t later,
                              const candidate& without) const {
  const access& wanted = transitions[later].touched[without.access];
  if (!acquires(wanted.kind)) return true;
  const auto is_done = [&](std::uint32_t number) {
    return number < without.transition ||
           (number < later && !transitions[number].clock.contains(without.thread, without.transition));
  };
  std::vector<std::optional<std::uint32_t>> acquired(last_.size());
  for (const entry& one : history_.at(wanted.object)) {
    if (!releases(one.kind)) {
      if (one.kind != access_kind::read) acquired[one.thread] = one.transition;
      continue;
    }
    const auto taken = acquired[one.thread];
    const bool in_the_way = wanted.kind == access_kind::acquire || one.kind == access_kind::release;
    if (taken && in_the_way && is_done(*taken) && !is_done(one.transition)) return false;
  }
  return true;
}

}  // namespace heddle::check
