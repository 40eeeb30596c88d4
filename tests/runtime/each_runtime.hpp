// Runs a test on every kind of runtime: current-thread, one worker, two and four workers.
#pragma once

#include "heddle/runtime/runtime.hpp"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace heddle::test {

// The parameter is the number of workers; 0 is a current-thread runtime.
class each_runtime : public testing::TestWithParam<std::size_t> {
 protected:
  static runtime_builder builder() {
    if (GetParam() == 0) return runtime::builder().current_thread();
    return runtime::builder().multi_thread().worker_threads(GetParam());
  }
  static runtime make() { return builder().build(); }
};

inline std::string runtime_name(const testing::TestParamInfo<std::size_t>& info) {
  return info.param == 0 ? "current_thread" : "workers_" + std::to_string(info.param);
}

}  // namespace heddle::test

#define HEDDLE_EACH_RUNTIME(suite) \
  INSTANTIATE_TEST_SUITE_P(runtimes, suite, testing::Values(0U, 1U, 2U, 4U), ::heddle::test::runtime_name)
