// Task-locals: who sees which value, across suspensions, threads and destruction.
#include "heddle/runtime/task_local.hpp"

#include "counting_waker.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/join.hpp"
#include "heddle/runtime/spawn.hpp"
#include "small_tasks.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::hand_poller;

constinit const task_local<std::string> name;
constinit const task_local<int> number;

task<std::string> read_across_yields(int yields) {
  for (int i = 0; i < yields; ++i) {
    co_await yield_now();
    EXPECT_NE(name.try_get(), nullptr);
  }
  co_return name.get();
}

TEST(task_local, is_current_while_the_scope_is_polled_and_only_then) {
  hand_poller hand;
  auto scoped = name.scope("one", read_across_yields(1));
  EXPECT_TRUE(hand.poll(scoped).is_pending());
  EXPECT_EQ(name.try_get(), nullptr);
  EXPECT_EQ(hand.poll(scoped).value(), "one");
}

TEST(task_local, scopes_of_two_tasks_on_one_thread_do_not_mix) {
  hand_poller hand;
  auto both = join(name.scope("one", read_across_yields(2)), name.scope("two", read_across_yields(2)));
  while (true) {
    auto polled = hand.poll(both);
    if (polled.is_pending()) continue;
    EXPECT_EQ(polled.value(), (std::tuple<std::string, std::string>("one", "two")));
    break;
  }
}

TEST(task_local, the_innermost_scope_of_a_key_counts) {
  hand_poller hand;
  auto nested = name.scope("outer", number.scope(7, name.scope("inner", read_across_yields(0))));
  EXPECT_EQ(hand.poll(nested).value(), "inner");
}

TEST(task_local, is_there_while_the_future_is_destroyed) {
  std::string seen;
  struct reader {
    using declare_send = declared_true<reader, "the string outlives the task">;
    explicit reader(std::string& to) noexcept : out(&to) {}
    reader(reader&& other) noexcept : out(std::exchange(other.out, nullptr)) {}
    reader& operator=(reader&&) = delete;
    ~reader() {
      if (out != nullptr) *out = name.get();
    }
    std::string* out;
  };
  const auto hold = [](reader) -> task<> {
    test::never end;
    co_await end;
  };
  {
    hand_poller hand;
    auto scoped = name.scope("dropped", hold(reader(seen)));
    EXPECT_TRUE(hand.poll(scoped).is_pending());
  }
  EXPECT_EQ(seen, "dropped");
}

TEST(task_local, can_be_changed_and_set_for_a_call) {
  EXPECT_EQ(number.sync_scope(1,
                              [] {
                                number.with([](int& value) { ++value; });
                                return number.get();
                              }),
            2);
}

class task_local_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(task_local_on);

TEST_P(task_local_on, follows_its_task_and_not_what_the_task_spawns) {
  runtime rt = make();
  rt.block_on([]() -> task<> {
    const auto body = [](std::string own) -> task<> {
      auto scoped = name.scope(own, read_across_yields(20));
      EXPECT_EQ(co_await scoped, own);
      auto spawner = name.scope(own, []() -> task<bool> {
        auto spawned = spawn([]() -> task<bool> { co_return name.try_get() == nullptr; });
        co_return (co_await spawned).value();
      }());
      EXPECT_TRUE(co_await spawner);
    };
    auto one = spawn(body("one"));
    auto two = spawn(body("two"));
    co_await one;
    co_await two;
  }());
}

}  // namespace
}  // namespace heddle
