// Decisions of a strategy one after the other, for tests.
#pragma once

#include "point.hpp"
#include "strategies/strategy.hpp"

#include <cstddef>
#include <vector>

namespace heddle::check {

// The threads that `length` decisions choose, each the one that runs from then on.
inline std::vector<sim::thread_id> choices(explorer_strategy& chooser, point_of& point, std::size_t length) {
  std::vector<sim::thread_id> chosen;
  for (std::size_t i = 0; i < length; ++i, ++point.point.step) {
    chosen.push_back(chooser.choose_thread(point.point));
    point.point.current = chosen.back();
    point.point.current_runnable = true;
  }
  return chosen;
}

}  // namespace heddle::check
