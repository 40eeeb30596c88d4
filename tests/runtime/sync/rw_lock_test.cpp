// The reader-writer lock: who is inside together, order, cancellation.
#include "heddle/runtime/rw_lock.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

class rw_lock_on_runtime : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(rw_lock_on_runtime);

TEST(rw_lock, readers_are_inside_together_and_a_writer_alone) {
  sync::rw_lock<int> guarded(5);
  auto one = guarded.try_read();
  auto two = guarded.try_read();
  EXPECT_EQ(**one + **two, 10);
  EXPECT_FALSE(guarded.try_write().has_value());
  one.reset();
  two->unlock();
  auto writing = guarded.try_write();
  **writing = 6;
  EXPECT_FALSE(guarded.try_read().has_value());
  EXPECT_FALSE(guarded.try_write().has_value());
  writing.reset();
  EXPECT_EQ(**guarded.try_read(), 6);
}

TEST(rw_lock, a_writer_that_waits_is_not_overtaken_by_readers) {
  test::hand_poller writer;
  test::hand_poller reader;
  sync::rw_lock<int> guarded(5);
  auto held = guarded.try_read();
  auto writing = guarded.write();
  auto reading = guarded.read();
  EXPECT_TRUE(writer.poll(writing).is_pending());
  EXPECT_FALSE(guarded.try_read().has_value());
  EXPECT_TRUE(reader.poll(reading).is_pending());
  held.reset();
  EXPECT_EQ(writer.counter.wakes(), 1);
  EXPECT_EQ(reader.counter.wakes(), 0);
  {
    auto guard = writer.poll(writing).value();
    *guard = 6;
  }
  EXPECT_EQ(reader.counter.wakes(), 1);
  EXPECT_EQ(*reader.poll(reading).value(), 6);
}

TEST(rw_lock, a_dropped_writer_lets_the_readers_behind_it_in) {
  test::hand_poller writer;
  test::hand_poller reader;
  sync::rw_lock<int> guarded(5);
  auto held = guarded.try_read();
  std::optional<sync::write_future<int>> writing(guarded.write());
  auto reading = guarded.read();
  EXPECT_TRUE(writer.poll(*writing).is_pending());
  EXPECT_TRUE(reader.poll(reading).is_pending());
  writing.reset();
  EXPECT_EQ(reader.counter.wakes(), 1);
  EXPECT_TRUE(reader.poll(reading).is_ready());
}

TEST(rw_lock, a_downgraded_guard_lets_readers_in_and_writers_wait) {
  sync::rw_lock<int> guarded(5);
  auto writing = guarded.try_write();
  auto reading = writing->downgrade();
  EXPECT_EQ(*reading, 5);
  EXPECT_TRUE(guarded.try_read().has_value());
  EXPECT_FALSE(guarded.try_write().has_value());
  reading.unlock();
  EXPECT_TRUE(guarded.try_write().has_value());
}

int add(int& value, const int& more) {
  return value += more;
}

TEST(rw_lock, with_runs_a_function_with_arguments_under_the_lock) {
  test::hand_poller hand;
  sync::rw_lock<int> guarded(5);
  auto adding = guarded.with_write(&add, 2);
  EXPECT_EQ(hand.poll(adding).value(), 7);
  auto reading = guarded.with_read([](const int& value) { return std::make_unique<int>(value); });
  EXPECT_EQ(*hand.poll(reading).value(), 7);
  auto failing = guarded.with_write([](int&) { throw std::runtime_error("inside"); });
  EXPECT_THROW(static_cast<void>(hand.poll(failing)), std::runtime_error);
  EXPECT_TRUE(guarded.try_write().has_value());
}

// Random: the schedule of real threads.
TEST_P(rw_lock_on_runtime, readers_see_what_writers_left_whole) {
  runtime rt = make();
  using pair = std::pair<int, int>;
  sync::rw_lock<pair> guarded(0, 0);
  const auto writes = [](sync::rw_lock<pair>& shared) -> task<> {
    for (int i = 0; i < 300; ++i) {
      auto guard = co_await shared.write();
      ++guard->first;
      co_await yield_now();
      ++guard->second;
    }
  };
  const auto reads = [](sync::rw_lock<pair>& shared) -> task<> {
    for (int i = 0; i < 300; ++i) {
      const bool is_whole = co_await shared.with_read([](const pair& value) { return value.first == value.second; });
      EXPECT_TRUE(is_whole);
      co_await yield_now();
    }
  };
  const auto body = [](auto writing, auto reading, sync::rw_lock<pair>& shared) -> task<> {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < 2; ++i) handles.push_back(spawn(writing(shared)));
    for (int i = 0; i < 3; ++i) handles.push_back(spawn(reading(shared)));
    for (join_handle<void>& handle : handles) {
      const auto result = co_await handle;
      EXPECT_TRUE(result.has_value());
    }
  };
  rt.block_on(body(writes, reads, guarded));
  EXPECT_EQ(guarded.try_read()->operator->()->first, 600);
}

TEST(rw_lock_death, destroying_a_locked_one_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto destroy_locked = [] {
    auto guarded = std::make_unique<sync::rw_lock<int>>(1);
    auto guard = guarded->try_read();
    guarded.reset();
  };
  EXPECT_DEATH(destroy_locked(), "destroyed while it is locked");
}

}  // namespace
}  // namespace heddle
