// A lost update between two tasks.
//
// Each task reads the number of hits, lets others run, and writes back one more than it read. When both
// read before either writes, one hit is lost. The fix is to make reading and writing one step.
#include <heddle/gtest.hpp>
#include <heddle/runtime.hpp>

#include <atomic>
#include <memory>

namespace {

using counter = std::shared_ptr<std::atomic<int>>;

heddle::task<> hit_in_two_steps(counter hits) {
  const int seen = hits->load();
  co_await heddle::yield_now();
  hits->store(seen + 1);
}

heddle::task<> hit_in_one_step(counter hits) {
  co_await heddle::yield_now();
  hits->fetch_add(1);
}

HEDDLE_ASYNC_TEST(LostUpdate, Broken) {
  auto hits = std::make_shared<std::atomic<int>>(0);
  auto first = heddle::spawn(hit_in_two_steps(hits));
  auto second = heddle::spawn(hit_in_two_steps(hits));
  EXPECT_TRUE(co_await first);
  EXPECT_TRUE(co_await second);
  EXPECT_EQ(hits->load(), 2);
}

HEDDLE_ASYNC_TEST(LostUpdate, Fixed) {
  auto hits = std::make_shared<std::atomic<int>>(0);
  auto first = heddle::spawn(hit_in_one_step(hits));
  auto second = heddle::spawn(hit_in_one_step(hits));
  EXPECT_TRUE(co_await first);
  EXPECT_TRUE(co_await second);
  EXPECT_EQ(hits->load(), 2);
}

}  // namespace
