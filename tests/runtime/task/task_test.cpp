// Tasks polled by hand: laziness, values, exceptions, long chains, dropping.
#include "heddle/runtime/task.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>

namespace heddle {
namespace {

#if HEDDLE_CHECKED
constexpr int awaits = 1'000'000;
#else
constexpr int awaits = 10'000'000;
#endif
constexpr int depth = 100'000;

// Pending until opened.
class gate {
 public:
  poll_result<> poll(context& cx) {
    ++polls;
    if (is_open) return ready;
    waiting = cx.get_waker().clone();
    return pending;
  }
  bool is_open = false;
  int polls = 0;
  waker waiting;
};

task<int> value_of(int value) {
  co_return value;
}

task<long> sum_of_ready_tasks(int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await value_of(1);
  co_return sum;
}

task<int> nested(int levels, gate& end, std::atomic<int>& drops) {
  const test::drop_counter local(drops);
  if (levels == 0) {
    co_await end;
    co_return 0;
  }
  co_return 1 + co_await nested(levels - 1, end, drops);
}

// Runs `body` on a thread with a 64 KiB stack.
template <class Body>
void on_a_small_stack(Body body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 64 * 1024), 0);
  pthread_t thread{};
  const auto start = [](void* argument) -> void* {
    (*static_cast<Body*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, start, &body), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(task, runs_nothing_until_polled) {
  bool ran = false;
  const auto body = [](bool& flag) -> task<> {
    flag = true;
    co_return;
  };
  task<> lazy = body(ran);
  EXPECT_FALSE(ran);
  test::hand_poller hand;
  EXPECT_TRUE(hand.poll(lazy).is_ready());
  EXPECT_TRUE(ran);
}

TEST(task, yields_its_value) {
  test::hand_poller hand;
  task<int> answer = value_of(42);
  EXPECT_EQ(hand.poll(answer).value(), 42);
}

TEST(task, yields_move_only_values_through_a_chain) {
  const auto inner = []() -> task<std::unique_ptr<std::string>> { co_return std::make_unique<std::string>("x"); };
  const auto outer = [](auto make) -> task<std::unique_ptr<std::string>> {
    std::unique_ptr<std::string> text = co_await make();
    *text += "y";
    co_return text;
  };
  test::hand_poller hand;
  auto chain = outer(inner);
  EXPECT_EQ(*hand.poll(chain).value(), "xy");
}

TEST(task, awaits_lvalues) {
  const auto outer = []() -> task<int> {
    task<int> child = value_of(7);
    const int value = co_await child;
    EXPECT_FALSE(static_cast<bool>(child));
    co_return value;
  };
  test::hand_poller hand;
  auto chain = outer();
  EXPECT_EQ(hand.poll(chain).value(), 7);
}

TEST(task, ten_million_awaits_of_ready_tasks_fit_on_a_small_stack) {
  on_a_small_stack([] {
    test::hand_poller hand;
    task<long> loop = sum_of_ready_tasks(awaits);
    EXPECT_EQ(hand.poll(loop).value(), awaits);
  });
}

TEST(task, a_chain_of_a_hundred_thousand_descends_and_finishes_on_a_small_stack) {
  on_a_small_stack([] {
    test::hand_poller hand;
    gate end;
    std::atomic<int> drops = 0;
    task<int> chain = nested(depth, end, drops);
    EXPECT_TRUE(hand.poll(chain).is_pending());
    end.is_open = true;
    EXPECT_EQ(hand.poll(chain).value(), depth);
    EXPECT_EQ(drops.load(), depth + 1);
  });
}

TEST(task, a_suspended_chain_of_a_hundred_thousand_is_dropped_on_a_small_stack) {
  on_a_small_stack([] {
    test::hand_poller hand;
    gate end;
    std::atomic<int> drops = 0;
    {
      task<int> chain = nested(depth, end, drops);
      EXPECT_TRUE(hand.poll(chain).is_pending());
      EXPECT_EQ(drops.load(), 0);
    }
    EXPECT_EQ(drops.load(), depth + 1);
  });
}

TEST(task, a_dropped_chain_goes_innermost_first) {
  struct recorder {
    recorder(std::vector<int>& target, int value) : order(target), id(value) {}
    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;
    ~recorder() { order.push_back(id); }
    std::vector<int>& order;
    int id;
  };
  struct chain {
    static task<> level(int id, std::vector<int>& order, gate& end) {
      const recorder local(order, id);
      if (id == 3) {
        co_await end;
      } else {
        co_await level(id + 1, order, end);
      }
    }
  };
  std::vector<int> order;
  test::hand_poller hand;
  gate end;
  {
    task<> root = chain::level(1, order, end);
    EXPECT_TRUE(hand.poll(root).is_pending());
  }
  EXPECT_EQ(order, (std::vector<int>{3, 2, 1}));
}

TEST(task, a_task_that_never_ran_destroys_its_parameters) {
  std::atomic<int> drops = 0;
  const auto body = [](test::drop_counter) -> task<> { co_return; };
  {
    task<> unused = body(test::drop_counter(drops));
  }
  EXPECT_EQ(drops.load(), 1);
}

TEST(task, a_pending_leaf_is_polled_without_resuming_the_frames_above) {
  test::hand_poller hand;
  gate end;
  std::atomic<int> drops = 0;
  task<int> chain = nested(3, end, drops);
  for (int i = 1; i <= 5; ++i) {
    EXPECT_TRUE(hand.poll(chain).is_pending());
    EXPECT_EQ(end.polls, i);
  }
  EXPECT_EQ(hand.counter.references(), 1) << "the gate keeps a clone of the latest waker only";
}

TEST(task, exceptions_pass_through_the_chain_and_unwind_it) {
  std::atomic<int> drops = 0;
  const auto thrower = [](std::atomic<int>& counter) -> task<> {
    const test::drop_counter local(counter);
    throw std::runtime_error("inside");
    co_return;
  };
  const auto middle = [](auto inner, std::atomic<int>& counter) -> task<> {
    const test::drop_counter local(counter);
    co_await inner(counter);
  };
  const auto outer = [](auto next, auto inner, std::atomic<int>& counter) -> task<std::string> {
    try {
      co_await next(inner, counter);
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  test::hand_poller hand;
  auto root = outer(middle, thrower, drops);
  EXPECT_EQ(hand.poll(root).value(), "inside");
  EXPECT_EQ(drops.load(), 2);
}

TEST(task, a_polled_task_rethrows_its_exception) {
  const auto thrower = []() -> task<int> {
    throw std::runtime_error("inside");
    co_return 1;
  };
  test::hand_poller hand;
  task<int> failing = thrower();
  EXPECT_THROW(static_cast<void>(hand.poll(failing)), std::runtime_error);
}

TEST(task, an_exception_of_a_pending_future_arrives_at_the_await) {
  struct late_thrower {
    poll_result<int> poll(context&) {
      if (++polls == 1) return pending;
      throw std::runtime_error("late");
    }
    int polls = 0;
  };
  const auto outer = []() -> task<std::string> {
    late_thrower inner;
    try {
      co_await inner;
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  test::hand_poller hand;
  auto root = outer();
  EXPECT_TRUE(hand.poll(root).is_pending());
  EXPECT_EQ(hand.poll(root).value(), "late");
}

// How many exist. Its move number `throws_at` throws.
struct counted {
  using declare_send = declared_true<counted, "polled by one thread">;
  counted(int& to, int throws_in) : alive(&to), moves_left(throws_in) { ++*alive; }
  counted(counted&& other) : alive(other.alive), moves_left(other.moves_left - 1) {
    if (moves_left == 0) throw std::runtime_error("moved");
    ++*alive;
  }
  counted& operator=(counted&&) = delete;
  ~counted() { --*alive; }

  int* alive;
  int moves_left;
};

// Ready at its second poll, with a value or an exception.
template <class T>
struct late {
  using declare_send = declared_true<late, "polled by one thread">;
  late(int& to, int number) : alive(&to), throws_at(number) {}
  poll_result<T> poll(context&) {
    if (std::exchange(was_polled, true)) {
      if constexpr (std::is_same_v<T, counted>) return poll_result<T>(std::in_place, *alive, throws_at);
      throw counted(*alive, throws_at);
    }
    return pending;
  }
  int* alive;
  int throws_at;
  bool was_polled = false;
};

TEST(task, an_awaited_value_is_destroyed_once_wherever_its_move_throws) {
  const auto body = [](int& alive, int throws_at) -> task<std::string> {
    late<counted> future(alive, throws_at);
    std::string result = "nothing";
    try {
      const counted value = co_await future;
      result = *value.alive == 1 ? "value" : "copies";
    } catch (const std::runtime_error& error) {
      result = error.what();
    }
    co_return result;
  };
  std::vector<std::string> results;
  for (int throws_at = 1; throws_at <= 5; ++throws_at) {
    int alive = 0;
    test::hand_poller hand;
    auto root = body(alive, throws_at);
    EXPECT_TRUE(hand.poll(root).is_pending());
    results.push_back(hand.poll(root).value());
    EXPECT_EQ(alive, 0);
  }
  EXPECT_EQ(results.front(), "moved");
  EXPECT_EQ(results.back(), "value");
}

TEST(task, an_exception_of_a_future_is_destroyed_once) {
  const auto body = [](int& alive) -> task<int> {
    late<int> future(alive, 0);
    try {
      co_await future;
    } catch (const counted& error) {
      co_return *error.alive;
    }
    co_return -1;
  };
  int alive = 0;
  test::hand_poller hand;
  auto root = body(alive);
  EXPECT_TRUE(hand.poll(root).is_pending());
  EXPECT_EQ(hand.poll(root).value(), 1);
  EXPECT_EQ(alive, 0);
}

TEST(task, can_be_awaited_after_it_was_polled_by_hand) {
  struct poll_once {
    using declare_send = declared_true<poll_once, "it refers to a task of the frame it is in">;
    explicit poll_once(task<int>& target) : inner(target) {}
    poll_result<> poll(context& cx) {
      EXPECT_TRUE(inner.poll(cx).is_pending());
      return ready;
    }
    task<int>& inner;
  };
  const auto outer = [](gate& end, std::atomic<int>& drops) -> task<int> {
    task<int> child = nested(2, end, drops);
    poll_once once(child);
    co_await once;
    co_return co_await child;
  };
  test::hand_poller hand;
  gate end;
  std::atomic<int> drops = 0;
  task<int> root = outer(end, drops);
  EXPECT_TRUE(hand.poll(root).is_pending());
  EXPECT_EQ(end.polls, 2);
  end.is_open = true;
  EXPECT_EQ(hand.poll(root).value(), 2);
  EXPECT_EQ(drops.load(), 3);
}

TEST(task, a_spliced_chain_is_dropped_once) {
  const auto outer = [](gate& end, std::atomic<int>& drops) -> task<int> {
    task<int> child = nested(2, end, drops);
    {
      test::hand_poller inside;
      EXPECT_TRUE(inside.poll(child).is_pending());
      end.waiting = waker();
    }
    co_return co_await child;
  };
  test::hand_poller hand;
  gate end;
  std::atomic<int> drops = 0;
  {
    task<int> root = outer(end, drops);
    EXPECT_TRUE(hand.poll(root).is_pending());
  }
  EXPECT_EQ(drops.load(), 3);
}

TEST(task_death, polling_an_empty_task_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  test::hand_poller hand;
  task<> empty;
  EXPECT_DEATH(static_cast<void>(hand.poll(empty)), "an empty task is polled");
}

TEST(task_death, polling_after_the_end_says_so) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  test::hand_poller hand;
  task<int> done = value_of(1);
  EXPECT_TRUE(hand.poll(done).is_ready());
  EXPECT_DEATH(static_cast<void>(hand.poll(done)), "polled after it was done");
}

}  // namespace
}  // namespace heddle
