// Threads in turn, by their numbers, and where they begin: what strategies without random priorities have in common.
#pragma once

#include "heddle/sim/decision.hpp"

namespace heddle::check {

// The runnable thread that comes after `thread` when they take turns by their numbers; itself if there is no other.
inline sim::thread_id next_in_turn(const sim::scheduling_point& point, sim::thread_id thread) noexcept {
  sim::thread_id best = point.runnable.front();
  const auto turns_until = [thread](sim::thread_id one) { return one - thread - 1; };  // modulo 2^32
  for (const sim::thread_id one : point.runnable) {
    if (turns_until(one) < turns_until(best)) best = one;
  }
  return best;
}

// Whether a thread that is about to do `next` has only started, itself or the poll of a task.
inline bool begins(const sim::operation& next) noexcept {
  return next.kind == sim::operation_kind::thread_start || next.kind == sim::operation_kind::task_poll;
}

}  // namespace heddle::check
