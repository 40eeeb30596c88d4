// HEDDLE_ASYNC_TEST: a coroutine as the body.
#include "heddle/gtest.hpp"

#include <atomic>
#include <memory>

#include <gtest/gtest.h>

namespace {

using counter = std::shared_ptr<std::atomic<int>>;

heddle::task<> add_one(counter count) {
  co_await heddle::yield_now();
  count->fetch_add(1);
}

HEDDLE_ASYNC_TEST(AsyncTest, BodyIsATaskThatSpawnsOthers) {
  auto count = std::make_shared<std::atomic<int>>(0);
  auto first = heddle::spawn(add_one(count));
  auto second = heddle::spawn(add_one(count));
  EXPECT_TRUE(co_await first);
  EXPECT_TRUE(co_await second);
  EXPECT_EQ(count->load(), 2);
}

HEDDLE_ASYNC_TEST_WITH(AsyncTest, TakesOptions, heddle::check::options{.schedules = 5, .seed = 3}) {
  co_await heddle::yield_now();
}

}  // namespace
