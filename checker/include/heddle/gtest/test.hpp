// HEDDLE_TEST: a GoogleTest test whose body is the main thread of a simulated machine, run once per schedule.
//
// EXPECT_* and ASSERT_* that fail on a virtual thread are failures of their execution: EXPECT goes on, ASSERT
// returns from its function, and the execution counts as failed at its end. The test then fails once, with
// the whole report. GTEST_SKIP returns from the body; the test is skipped if it did so in every schedule.
// The same holds for check::explore called in a plain TEST of an executable that includes this header.
#pragma once

#include "heddle/check.hpp"

#include <gtest/gtest.h>

namespace heddle::check::detail {

// Makes this executable's explorations know about GoogleTest. Returns true.
bool register_gtest();

// Adds a GoogleTest failure at the place if something was found.
void report_to_gtest(const report& result, const char* file, int line);

// Explores the body and adds a GoogleTest failure at the place if something was found.
void run_gtest(const options& chosen, void (*body)(), const char* file, int line);

// In every file that includes this header, so that no linker leaves the glue out.
inline const bool gtest_registered = register_gtest();

}  // namespace heddle::check::detail

#define HEDDLE_TEST_BODY_(suite, name) heddle_test_body_##suite##_##name

#define HEDDLE_TEST_WITH(suite, name, ...)                                                                \
  static void HEDDLE_TEST_BODY_(suite, name)();                                                           \
  TEST(suite, name) {                                                                                     \
    ::heddle::check::detail::run_gtest(__VA_ARGS__, &HEDDLE_TEST_BODY_(suite, name), __FILE__, __LINE__); \
  }                                                                                                       \
  static void HEDDLE_TEST_BODY_(suite, name)()

// The body runs with default options.
#define HEDDLE_TEST(suite, name) HEDDLE_TEST_WITH(suite, name, ::heddle::check::options{})
