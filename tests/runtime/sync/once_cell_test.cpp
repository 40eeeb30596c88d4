// The once cell: one initialiser at a time, failures, cancellation.
#include "heddle/runtime/once_cell.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class once_cell_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(once_cell_on_runtime);

task<std::string> text_after_a_yield(std::string text) {
  co_await yield_now();
  co_return text;
}

TEST(once_cell, the_first_one_initialises_and_the_others_get_its_value) {
  test::hand_poller first;
  test::hand_poller second;
  sync::once_cell<std::string> cell;
  EXPECT_EQ(cell.get(), nullptr);
  auto one = cell.get_or_init(&text_after_a_yield, "one");
  auto two = cell.get_or_init(&text_after_a_yield, "two");
  EXPECT_TRUE(first.poll(one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_EQ(cell.set("three").error(), sync::set_error::initializing);
  const std::string* const value = first.poll(one).value();
  EXPECT_EQ(*value, "one");
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_EQ(second.poll(two).value(), value);
  EXPECT_EQ(cell.get(), value);
  EXPECT_TRUE(cell.is_initialized());
  EXPECT_EQ(cell.set("three").error(), sync::set_error::already_initialized);
}

TEST(once_cell, set_gives_it_a_value) {
  test::hand_poller hand;
  sync::once_cell<std::string> cell;
  EXPECT_TRUE(cell.set("set").has_value());
  auto one = cell.get_or_init(&text_after_a_yield, "one");
  EXPECT_EQ(*hand.poll(one).value(), "set");
}

TEST(once_cell, an_initialiser_that_is_dropped_lets_another_begin) {
  test::hand_poller first;
  test::hand_poller second;
  sync::once_cell<std::string> cell;
  using init = decltype(cell.get_or_init(&text_after_a_yield, "one"));
  std::optional<init> one(cell.get_or_init(&text_after_a_yield, "one"));
  auto two = cell.get_or_init(&text_after_a_yield, "two");
  EXPECT_TRUE(first.poll(*one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  one.reset();
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_EQ(*second.poll(two).value(), "two");
}

TEST(once_cell, an_initialiser_that_throws_lets_another_begin) {
  test::hand_poller first;
  test::hand_poller second;
  sync::once_cell<std::string> cell;
  const auto fails = []() -> task<std::string> {
    co_await yield_now();
    throw std::runtime_error("inside");
  };
  auto one = cell.get_or_init(fails);
  auto two = cell.get_or_init(&text_after_a_yield, "two");
  EXPECT_TRUE(first.poll(one).is_pending());
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_THROW(static_cast<void>(first.poll(one)), std::runtime_error);
  EXPECT_FALSE(cell.is_initialized());
  EXPECT_EQ(second.counter.wakes(), 1);
  EXPECT_TRUE(second.poll(two).is_pending());
  EXPECT_EQ(*second.poll(two).value(), "two");
}

// Random: the schedule of real threads.
TEST_P(once_cell_on_runtime, is_initialised_once_though_some_are_aborted) {
  runtime rt = make();
  struct shared_state {
    sync::once_cell<int> cell;
    std::atomic<int> made{0};
  };
  const auto makes = [](shared_state& state) -> task<int> {
    co_await yield_now();
    co_return state.made.fetch_add(1) + 1;
  };
  const auto needs = [](auto inner, shared_state& state) -> task<int> {
    auto future = state.cell.get_or_init(inner, std::ref(state));
    co_return *(co_await future);
  };
  const auto body = [](auto inner, auto needing) -> task<> {
    for (int round = 0; round < 100; ++round) {
      shared_state state;
      std::vector<join_handle<int>> handles;
      for (int i = 0; i < 4; ++i) handles.push_back(spawn(needing(inner, state)));
      handles[0].abort();
      for (join_handle<int>& handle : handles) {
        const auto result = co_await handle;
        EXPECT_TRUE(!result.has_value() || *result == *state.cell.get());
      }
      EXPECT_EQ(state.made.load(), 1);
    }
  };
  rt.block_on(body(makes, needs));
}

}  // namespace
}  // namespace heddle
