// Who goes on, by age; see by_age.hpp. Thread safety: none.
#include "strategies/by_age.hpp"

#include "strategies/turns.hpp"

#include <utility>

namespace heddle::check {

bool by_age_strategy::begin(std::uint64_t index) noexcept {
  threads_.clear();
  lowered_ = 0;
  reads_oldest_ = false;
  patience_.reset();
  return sampling_strategy::begin(index);
}

bool by_age_strategy::precedes(const sim::scheduling_point& point, sim::thread_id one,
                               sim::thread_id other) const noexcept {
  const auto place_of = [&](sim::thread_id thread) {
    const sim::operation& next = point.next[thread];
    const thread_state& state = threads_[thread];
    if (begins(next) || state.where == standing::first) {
      // Numbers of tasks and of threads are not of one kind; what counts is that the order is always the same.
      const std::uint64_t number = next.kind == sim::operation_kind::task_poll ? next.object
                                   : state.task != 0                           ? state.task
                                                                               : thread;
      return std::pair(standing::first, order_ == order::oldest_first ? number : ~number);
    }
    return std::pair(state.where, state.where == standing::stopped ? ~state.since : state.since);
  };
  return place_of(one) < place_of(other);
}

sim::thread_id by_age_strategy::first_of(const sim::scheduling_point& point) noexcept {
  sim::thread_id best = sim::no_thread;
  sim::thread_id best_to_begin = sim::no_thread;
  for (const sim::thread_id thread : point.runnable) {
    if (thread >= threads_.size()) threads_.resize(thread + 1);
    if (point.next[thread].is_trusted) return thread;
    sim::thread_id& among = begins(point.next[thread]) && !threads_[thread].may_begin ? best_to_begin : best;
    if (among == sim::no_thread || precedes(point, thread, among)) among = thread;
  }
  // Who spins may wait for what has not begun.
  const bool waits = best == sim::no_thread || threads_[best].where == standing::gave_way;
  if (!waits || best_to_begin == sim::no_thread) return best;
  for (const sim::thread_id thread : point.runnable) threads_[thread].may_begin = true;
  return best_to_begin;
}

void by_age_strategy::lower(thread_state& one, standing where) noexcept {
  one.where = where;
  one.since = ++lowered_;
}

sim::thread_id by_age_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  const sim::thread_id chosen = first_of(point);
  const sim::operation& next = point.next[chosen];
  thread_state& state = threads_[chosen];
  state.may_begin = false;
  if (begins(next)) {
    state.where = standing::first;
    if (next.kind == sim::operation_kind::task_poll) state.task = next.object;
  } else if (stops_ == stops::once && state.where == standing::first && next.object != 0 && !next.is_trusted) {
    lower(state, standing::stopped);
  }
  if (patience_.ends_with(chosen, next)) lower(state, standing::gave_way);
  return chosen;
}

std::uint32_t by_age_strategy::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  if (stops_ == stops::once || kind != sim::choice_kind::read_from) return sampling_strategy::choose(kind, candidates);
  return std::exchange(reads_oldest_, !reads_oldest_) ? candidates - 1 : 0;
}

}  // namespace heddle::check
