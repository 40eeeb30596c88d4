// Options for tests in which every atomic operation of the runtime is a scheduling point. Thread safety: none needed.
#pragma once

#include "heddle/check.hpp"

#include <cstdint>

namespace heddle::test {

// `schedules` of the portfolio.
inline check::options every_operation(std::uint64_t schedules) {
  check::options chosen;
  chosen.schedules = schedules;
  chosen.granularity = check::granularity::runtime;
  return chosen;
}

// All schedules there are: for programs of a few operations.
inline check::options every_schedule() {
  check::options chosen;
  chosen.strategy = check::exhaustive{};
  chosen.schedules = 0;
  chosen.time = std::chrono::seconds(60);
  return chosen;
}

}  // namespace heddle::test
