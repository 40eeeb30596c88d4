// Tests on the simulated machine, as GoogleTest tests.
//
//     HEDDLE_TEST(Account, TransfersKeepTheSum) {
//       account a(100), b(0);
//       std::thread other([&] { transfer(a, b, 30); });
//       transfer(a, b, 20);
//       other.join();
//       EXPECT_EQ(a.balance() + b.balance(), 100);
//     }
//
// HEDDLE_ASYNC_TEST is there when heddle's runtime is on the include path.
#pragma once

#include "heddle/gtest/test.hpp"

#if __has_include("heddle/runtime.hpp")
#include "heddle/gtest/async_test.hpp"
#endif
