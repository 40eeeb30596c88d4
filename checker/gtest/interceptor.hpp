// Takes GoogleTest's results for itself while an exploration runs.
//
// How it works. As GoogleTest's global reporter it sees the results of all threads. Those of a virtual thread become
// failures of its execution. Those of anything else (another OS thread) are kept, and given to GoogleTest afterwards.
//
// Thread safety: results come from any thread; GoogleTest holds its own lock around each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace heddle::check {

class interceptor final : public testing::ScopedFakeTestPartResultReporter {
 public:
  interceptor() : ScopedFakeTestPartResultReporter(INTERCEPT_ALL_THREADS, nullptr) {}

  void ReportTestPartResult(const testing::TestPartResult& result) override;

  // Results for GoogleTest, after an exploration of that many executions: to be given when this is destroyed.
  std::vector<testing::TestPartResult> left_over(std::uint64_t executions);

  // The same text, for as long as the process lives: a failure refers to it, and the result dies with its execution.
  static const char* lasting(const char* file);

 private:
  void keep(const testing::TestPartResult& result);

  std::vector<testing::TestPartResult> kept_;  // of outside
  std::vector<testing::TestPartResult> skip_;  // the first skip of an execution
  std::uint64_t skips_ = 0;
};

}  // namespace heddle::check
