#include "counter.hpp"

#include <heddle/gtest.hpp>

HEDDLE_ASYNC_TEST(Counter, CountsEveryTask) {
  auto hits = std::make_shared<std::atomic<int>>(0);
  auto first = heddle::spawn(add_one(hits));
  auto second = heddle::spawn(add_one(hits));
  static_cast<void>(co_await first);
  static_cast<void>(co_await second);
  EXPECT_EQ(hits->load(), 2);
}
