#include "strategies/exhaustive/races.hpp"

#include <algorithm>

namespace heddle::check {

void race_finder::forget(std::uint32_t from) {
  for (; !entered_.empty(); entered_.pop_back()) {
    std::vector<entry>& entries = history_[entered_.back()];
    if (entries.back().transition < from) return;
    entries.pop_back();
  }
}

const std::vector<race>& race_finder::find(std::span<transition> transitions, std::uint32_t from) {
  forget(from);
  last_.clear();
  races_.clear();
  for (std::uint32_t number = 0; number < transitions.size(); ++number) {
    const sim::thread_id thread = transitions[number].thread;
    if (thread >= last_.size()) last_.resize(thread + 1);
    if (number >= from) order(transitions, number);
    last_[thread] = number + 1;
  }
  return races_;
}

// Its place in the history.
std::uint32_t race_finder::number_of(std::uintptr_t object) {
  std::uint32_t& number = numbers_[object];
  if (number == 0) {
    history_.emplace_back();
    number = static_cast<std::uint32_t>(history_.size());
  }
  return number - 1;
}

// Conflicting transitions of other threads that are not known to have happened before, the latest first.
void race_finder::collect(const transition& later) {
  touched_.clear();
  candidates_.clear();
  for (std::uint32_t number = 0; number < later.touched.size(); ++number) {
    const access& one = later.touched[number];
    const std::vector<entry>& entries = history_[touched_.emplace_back(number_of(one.object))];
    for (auto earlier = entries.rbegin(); earlier != entries.rend(); ++earlier) {
      if (earlier->thread == later.thread || later.before.contains(earlier->thread, earlier->transition)) {
        // What came before a change happened before it.
        if (!only_looks(earlier->kind)) break;
      } else if (conflict({one.object, earlier->kind}, one)) {
        const bool reversible = !(acquires(one.kind) && releases(earlier->kind));
        candidates_.push_back({earlier->transition, earlier->thread, number, reversible});
      }
    }
  }
  std::sort(candidates_.begin(), candidates_.end(),
            [](const candidate& a, const candidate& b) { return a.transition > b.transition; });
}

// Whether the transition had taken a lock by then that was given back after the candidate: it would have waited for it.
bool race_finder::had_waited(std::span<const transition> transitions, const candidate& one) const {
  return std::any_of(candidates_.begin(), candidates_.end(), [&](const candidate& given_back) {
    return !given_back.reversible && given_back.access < one.access &&
           transitions[given_back.transition].clock.contains(one.thread, one.transition);
  });
}

void race_finder::order(std::span<transition> transitions, std::uint32_t number) {
  transition& later = transitions[number];
  later.before.clear();
  if (const std::uint32_t last = last_[later.thread]; last != 0) later.before = transitions[last - 1].clock;
  for (const std::uint32_t waited_for : later.enabled_by) later.before.join(transitions[waited_for].clock);
  later.clock = later.before;
  collect(later);
  if (!candidates_.empty()) ruled_out_ = later.before;
  for (const candidate& one : candidates_) {
    const transition& earlier = transitions[one.transition];
    const bool excluded = !one.reversible || ruled_out_.contains(one.thread, one.transition) ||
                          (later.is_composite && had_waited(transitions, one));
    if (!excluded && can_acquire(transitions, number, one)) {
      races_.push_back({one.transition, number});
      ruled_out_.join(earlier.clock);
    }
    if (!later.clock.contains(one.thread, one.transition)) later.clock.join(earlier.clock);
  }
  later.clock.add(later.thread, number);
  for (std::size_t access = 0; access < touched_.size(); ++access) {
    history_[touched_[access]].push_back({number, later.thread, later.touched[access].kind});
    entered_.push_back(touched_[access]);
  }
}

// Whether the lock would be free for `later` after everything that does not depend on the candidate.
bool race_finder::can_acquire(std::span<const transition> transitions, std::uint32_t later, const candidate& without) {
  const access& wanted = transitions[later].touched[without.access];
  if (!acquires(wanted.kind)) return true;
  const auto is_done = [&](std::uint32_t number) {
    return number < without.transition ||
           (number < later && !transitions[number].clock.contains(without.thread, without.transition));
  };
  acquired_.assign(last_.size(), 0);  // by thread: 1 + the transition that took the lock last, or 0
  for (const entry& one : history_[touched_[without.access]]) {
    if (!releases(one.kind)) {
      if (one.kind != access_kind::read) acquired_[one.thread] = one.transition + 1;
      continue;
    }
    const std::uint32_t taken = acquired_[one.thread];
    const bool in_the_way = wanted.kind == access_kind::acquire || one.kind == access_kind::release;
    if (taken != 0 && in_the_way && is_done(taken - 1) && !is_done(one.transition)) return false;
  }
  return true;
}

}  // namespace heddle::check
