// A scheduling point made by hand, for tests of strategies.
#pragma once

#include "heddle/sim/decision.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace heddle::check {

// `count` runnable threads, none of them about to do anything that has an object. `current` ran last.
struct point_of {
  explicit point_of(sim::thread_id count, sim::thread_id current = sim::no_thread) : next(count) {
    for (sim::thread_id i = 0; i < count; ++i) runnable.push_back(i);
    point.runnable = runnable;
    point.next = next;
    point.current = current;
    point.current_runnable = current < count;
  }

  // Leaves these threads runnable; `next` stays that of all.
  void only(std::vector<sim::thread_id> left) {
    runnable = std::move(left);
    point.runnable = runnable;
  }
  // The current thread waits, and these go on.
  void current_waits(std::vector<sim::thread_id> left) {
    only(std::move(left));
    point.current_runnable = false;
  }

  std::vector<sim::thread_id> runnable;
  std::vector<sim::operation> next;
  sim::scheduling_point point;
};

}  // namespace heddle::check
