// The shape of most tests of intercepted calls: a body that must hold in every one of a few schedules.
#pragma once

#include "../support.hpp"

#include <gtest/gtest.h>

namespace heddle::sim::testing {

template <typename Body>
void expect_sound(Body body, std::uint64_t schedules = 50, machine_options options = {}) {
  const summary all = run_schedules(schedules, body, options);
  EXPECT_EQ(all.failed, 0u) << (all.failures.empty() ? "" : all.failures[0].message);
}

}  // namespace heddle::sim::testing
