// Async interfaces, adapters for foreign awaitables, and the futures anybody may write.
#include "heddle/runtime/dyn_task.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/from_awaitable.hpp"
#include "heddle/runtime/spawn.hpp"
#include "small_tasks.hpp"

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::hand_poller;

class store {
 public:
  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  virtual ~store() = default;
  virtual dyn_task<std::string> read(std::string key) = 0;
};
class coroutine_store final : public store {
 public:
  using declare_send = declared_true<coroutine_store, "it holds nothing">;
  dyn_task<std::string> read(std::string key) override {
    co_await yield_now();
    co_return key + "!";
  }
};
class task_store final : public store {
 public:
  dyn_task<std::string> read(std::string key) override { return fetch(std::move(key)); }

 private:
  static task<std::string> fetch(std::string key) {
    if (key.empty()) throw std::runtime_error("no key");
    co_return key + "?";
  }
};
class cached_store final : public store {
 public:
  dyn_task<std::string> read(std::string key) override { return ready_value(std::move(key)); }
};

class dyn_task_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(dyn_task_on);

TEST_P(dyn_task_on, is_awaited_through_an_interface) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    std::vector<std::unique_ptr<store>> stores;
    stores.push_back(std::make_unique<coroutine_store>());
    stores.push_back(std::make_unique<task_store>());
    stores.push_back(std::make_unique<cached_store>());
    std::string all;
    for (const auto& each : stores) all += co_await each->read("k");
    EXPECT_EQ(all, "k!k?k");
    bool thrown = false;
    try {
      static_cast<void>(co_await stores[1]->read(""));
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
  }());
}

TEST_P(dyn_task_on, can_be_spawned_as_a_task) {
  runtime rt = make();
  const std::string text = rt.block_on([]() -> task<std::string> {
    coroutine_store one;
    auto handle = spawn(one.read("k").into_task());
    co_return (co_await handle).value();
  }());
  EXPECT_EQ(text, "k!");
}

TEST(dyn_task, dropping_it_destroys_what_it_owns) {
  std::atomic<int> drops{0};
  const auto hold = [](test::drop_counter) -> task<> {
    test::never end;
    co_await end;
  };
  {
    dyn_task<> held = hold(test::drop_counter(drops));
    hand_poller hand;
    EXPECT_TRUE(hand.poll(held).is_pending());
  }
  EXPECT_EQ(drops.load(), 1);
}

// Resumes its handle on a new thread.
class on_a_thread {
 public:
  on_a_thread(std::vector<std::thread>& threads, int value) noexcept : threads_(&threads), value_(value) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    threads_->emplace_back([handle] { handle.resume(); });
  }
  std::unique_ptr<int> await_resume() const {
    if (value_ < 0) throw std::runtime_error("negative");
    return std::make_unique<int>(value_);
  }

 private:
  std::vector<std::thread>* threads_;
  int value_;
};

// Resumed by hand.
class parked {
 public:
  explicit parked(std::coroutine_handle<>& slot) noexcept : slot_(&slot) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { *slot_ = handle; }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<>* slot_;
};

struct has_operator {
  std::suspend_never operator co_await() const noexcept { return {}; }
};

class from_awaitable_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(from_awaitable_on);

TEST_P(from_awaitable_on, yields_what_the_foreign_side_gives_and_rethrows_what_it_throws) {
  runtime rt = make();
  std::vector<std::thread> threads;
  rt.block_on([](std::vector<std::thread>& started) -> task<> {
    auto foreign = from_awaitable(on_a_thread(started, 7));
    const std::unique_ptr<int> value = co_await foreign;
    EXPECT_EQ(*value, 7);
    auto failing = from_awaitable(on_a_thread(started, -1));
    bool thrown = false;
    try {
      static_cast<void>(co_await failing);
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
  }(threads));
  for (std::thread& each : threads) each.join();
}

TEST(from_awaitable, is_ready_at_once_when_the_awaitable_is) {
  hand_poller hand;
  auto never_suspends = from_awaitable(std::suspend_never());
  EXPECT_TRUE(hand.poll(never_suspends).is_ready());
  auto by_operator = from_awaitable(has_operator());
  EXPECT_TRUE(hand.poll(by_operator).is_ready());
}

TEST(from_awaitable, can_be_dropped_before_the_foreign_side_resumes) {
  std::coroutine_handle<> slot;
  hand_poller hand;  // the foreign side keeps its waker until it resumes
  {
    auto foreign = from_awaitable(parked(slot));
    EXPECT_FALSE(static_cast<bool>(slot));  // nothing starts before the first poll
    EXPECT_TRUE(hand.poll(foreign).is_pending());
  }
  ASSERT_TRUE(static_cast<bool>(slot));
  slot.resume();
}

}  // namespace
}  // namespace heddle
