// Joins polled by hand and on real runtimes: values, errors, who is dropped and when.
#include "heddle/runtime/join.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/join_all.hpp"
#include "heddle/runtime/try_join.hpp"
#include "small_tasks.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::hand_poller;
using test::value_of;

task<> hold(std::atomic<int>& drops) {
  const test::drop_counter local(drops);
  test::never end;
  co_await end;
}
task<tl::expected<int, std::string>> hold_fallible(std::atomic<int>& drops) {
  co_await hold(drops);
  co_return 0;
}
task<tl::expected<int, std::string>> good(int value) {
  co_await yield_now();
  co_return value;
}
task<tl::expected<void, std::string>> bad(int yields) {
  for (int i = 0; i < yields; ++i) co_await yield_now();
  co_return tl::unexpected(std::string("bad"));
}
task<> later(std::vector<int>& order, int name, int yields) {
  for (int i = 0; i < yields; ++i) {
    order.push_back(name);
    co_await yield_now();
  }
}
task<int> fail_after_one_yield() {
  co_await yield_now();
  throw std::runtime_error("branch");
}

template <class F>
auto poll_to_end(F& future) {
  hand_poller hand;
  for (;;) {
    auto polled = hand.poll(future);
    if (polled.is_ready()) return polled;
  }
}

TEST(join, yields_all_values_in_the_order_of_the_arguments) {
  auto make = []() -> task<std::unique_ptr<std::string>> { co_return std::make_unique<std::string>("x"); };
  auto all = join(value_of(1), yield_now(), make());
  auto result = poll_to_end(all);
  auto& [number, nothing, text] = result.value();
  EXPECT_EQ(number, 1);
  EXPECT_EQ(*text, "x");
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(nothing)>, std::monostate>);
}

TEST(join, interleaves_its_branches) {
  std::vector<int> order;
  auto all = join(later(order, 1, 2), later(order, 2, 2));
  hand_poller hand;
  EXPECT_TRUE(hand.poll(all).is_pending());
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_TRUE(hand.poll(all).is_pending());
  EXPECT_EQ(order, (std::vector<int>{1, 2, 2, 1}));  // another one comes first at each poll
  EXPECT_TRUE(hand.poll(all).is_ready());
}

TEST(join, destroys_a_branch_when_it_is_ready) {
  std::atomic<int> drops{0};
  const auto own = [](std::shared_ptr<int>) -> task<> { co_return; };
  auto shared = std::make_shared<int>(1);
  auto all = join(own(shared), hold(drops));
  hand_poller hand;
  EXPECT_TRUE(hand.poll(all).is_pending());
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(join, rethrows_and_drops_the_others_at_once) {
  std::atomic<int> drops{0};
  hand_poller hand;
  auto all = join(hold(drops), fail_after_one_yield());
  EXPECT_TRUE(hand.poll(all).is_pending());
  EXPECT_THROW(static_cast<void>(hand.poll(all)), std::runtime_error);
  EXPECT_EQ(drops.load(), 1);
}

TEST(join, of_lvalues_can_be_dropped_and_begun_again) {
  std::vector<int> order;
  task<> one = later(order, 1, 2);
  task<> two = later(order, 2, 2);
  {
    auto all = join(one, two);
    hand_poller hand;
    EXPECT_TRUE(hand.poll(all).is_pending());
  }
  auto again = join(one, two);
  static_cast<void>(poll_to_end(again));
  EXPECT_EQ(order.size(), 4U);
}

TEST(try_join, yields_all_values) {
  auto all = try_join(good(1), good(2));
  auto result = poll_to_end(all);
  EXPECT_EQ(result.value().value(), (std::tuple<int, int>(1, 2)));
}

TEST(try_join, stops_at_the_first_error_and_drops_the_others) {
  std::atomic<int> drops{0};
  auto all = try_join(hold_fallible(drops), bad(1), bad(5));
  hand_poller hand;
  EXPECT_TRUE(hand.poll(all).is_pending());
  auto result = hand.poll(all);
  ASSERT_TRUE(result.is_ready());
  EXPECT_EQ(result.value().error(), "bad");
  EXPECT_EQ(drops.load(), 1);
}

TEST(join_all, yields_values_in_the_order_of_the_range) {
  std::vector<task<int>> parts;
  for (int i = 0; i < 100; ++i) parts.push_back(value_of(i));
  auto all = join_all(std::move(parts));
  auto result = poll_to_end(all);
  ASSERT_EQ(result.value().size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(result.value()[static_cast<std::size_t>(i)], i);
}

TEST(join_all, of_nothing_is_ready) {
  auto all = join_all(std::vector<task<>>());
  hand_poller hand;
  EXPECT_TRUE(hand.poll(all).is_ready());
}

TEST(join_all, of_an_lvalue_range_does_not_take_the_futures) {
  std::vector<int> order;
  std::vector<task<>> parts;
  for (int i = 0; i < 3; ++i) parts.push_back(later(order, i, 2));
  {
    auto dropped = join_all(parts);
    hand_poller hand;
    EXPECT_TRUE(hand.poll(dropped).is_pending());
  }
  auto again = join_all(parts);
  static_cast<void>(poll_to_end(again));
  EXPECT_EQ(order.size(), 6U);
}

TEST(try_join_all, yields_the_first_error) {
  std::atomic<int> drops{0};
  std::vector<task<tl::expected<void, std::string>>> parts;
  const auto held = [](std::atomic<int>& count) -> task<tl::expected<void, std::string>> {
    co_await hold(count);
    co_return {};
  };
  parts.push_back(held(drops));
  parts.push_back(bad(2));
  auto all = try_join_all(std::move(parts));
  auto result = poll_to_end(all);
  EXPECT_EQ(result.value().error(), "bad");
  EXPECT_EQ(drops.load(), 1);
}

TEST(try_join_all, yields_all_values) {
  std::vector<task<tl::expected<int, std::string>>> parts;
  for (int i = 0; i < 3; ++i) parts.push_back(good(i));
  auto all = try_join_all(std::move(parts));
  auto result = poll_to_end(all);
  EXPECT_EQ(result.value().value(), (std::vector<int>{0, 1, 2}));
}

class join_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(join_on);

TEST_P(join_on, awaits_spawned_tasks) {
  runtime rt = make();
  const int sum = rt.block_on([]() -> task<int> {
    auto handles = try_join(spawn(value_of(1)), spawn(value_of(2)));
    auto both = co_await handles;
    const auto& [one, two] = both.value();
    co_return one + two;
  }());
  EXPECT_EQ(sum, 3);
}

}  // namespace
}  // namespace heddle
