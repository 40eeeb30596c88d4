// Selects polled by hand and on real runtimes: who wins, who is dropped and when, what goes on in loops.
#include "heddle/runtime/select.hpp"

#include "counting_waker.hpp"
#include "drop_counter.hpp"
#include "each_runtime.hpp"
#include "heddle/runtime/oneshot.hpp"
#include "heddle/runtime/select_all.hpp"
#include "heddle/runtime/sleep.hpp"
#include "heddle/runtime/timeout.hpp"
#include "small_tasks.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::hand_poller;

// Ready after `polls` polls, with how many there were.
class countdown {
 public:
  explicit countdown(int polls) noexcept : left_(polls) {}
  poll_result<int> poll(context&) {
    ++polled_;
    if (--left_ > 0) return pending;
    return polled_;
  }
  int polled() const noexcept { return polled_; }

 private:
  int left_;
  int polled_ = 0;
};

task<> hold(std::atomic<int>& drops) {
  const test::drop_counter local(drops);
  test::never end;
  co_await end;
}

task<int> fail() {
  throw std::runtime_error("branch");
  co_return 0;
}

TEST(select, yields_the_first_that_is_ready_and_which_it_was) {
  hand_poller hand;
  auto race = select(test::never(), countdown(2), countdown(9));
  EXPECT_TRUE(hand.poll(race).is_pending());
  auto result = hand.poll(race).value();
  EXPECT_EQ(result.index(), 1U);
  EXPECT_TRUE(result.is<1>());
  EXPECT_EQ(result.get<1>(), 2);
}

TEST(select, drops_the_losers_before_it_is_ready) {
  hand_poller hand;
  std::atomic<int> drops{0};
  auto race = select_biased(hold(drops), hold(drops), countdown(2));
  EXPECT_TRUE(hand.poll(race).is_pending());
  EXPECT_EQ(drops.load(), 0);
  EXPECT_TRUE(hand.poll(race).is_ready());
  EXPECT_EQ(drops.load(), 2);
}

TEST(select, of_an_lvalue_leaves_the_unfinished_branch_usable) {
  hand_poller hand;
  countdown slow(4);
  for (int round = 1; round <= 3; ++round) {
    auto race = select_biased(slow, countdown(1));
    EXPECT_EQ(hand.poll(race).value().index(), 1U);
    EXPECT_EQ(slow.polled(), round);
  }
  auto last = select_biased(slow, countdown(1));
  auto result = hand.poll(last).value();
  EXPECT_EQ(result.get<0>(), 4);
}

TEST(select, keeps_an_lvalue_task_suspended_where_it_was) {
  hand_poller hand;
  std::atomic<int> drops{0};
  auto [tx, rx] = oneshot::channel<int>();
  const auto wait = [](oneshot::receiver<int>& from, std::atomic<int>& count) -> task<int> {
    const test::drop_counter local(count);
    co_return (co_await from).value();
  };
  task<int> waiting = wait(rx, drops);
  for (int round = 0; round < 3; ++round) {
    auto race = select_biased(waiting, countdown(1));
    EXPECT_EQ(hand.poll(race).value().index(), 1U);
    EXPECT_EQ(drops.load(), 0);
  }
  EXPECT_TRUE(tx.send(7).has_value());
  EXPECT_EQ(hand.poll(waiting).value(), 7);
}

TEST(select, biased_polls_from_left_to_right) {
  hand_poller hand;
  for (int i = 0; i < 50; ++i) {
    auto race = select_biased(countdown(1), countdown(1), countdown(1));
    EXPECT_EQ(hand.poll(race).value().index(), 0U);
  }
}

TEST(select, is_fair_between_branches_that_are_always_ready) {
  hand_poller hand;
  std::array<int, 4> wins{};
  for (int i = 0; i < 4000; ++i) {
    auto race = select(countdown(1), countdown(1), countdown(1), countdown(1));
    ++wins.at(hand.poll(race).value().index());
  }
  for (const int each : wins) EXPECT_GT(each, 800);
}

TEST(select, rethrows_the_exception_of_a_branch_and_drops_the_others) {
  hand_poller hand;
  std::atomic<int> drops{0};
  auto race = select_biased(hold(drops), fail());
  EXPECT_THROW(static_cast<void>(hand.poll(race)), std::runtime_error);
  EXPECT_EQ(drops.load(), 1);
}

TEST(select, when_leaves_a_branch_out) {
  hand_poller hand;
  countdown left_out(1);
  auto race = select_biased(when(false, left_out), when(true, countdown(1)));
  EXPECT_EQ(hand.poll(race).value().index(), 1U);
  EXPECT_EQ(left_out.polled(), 0);
}

TEST(select, match_calls_the_handler_of_the_branch) {
  hand_poller hand;
  const auto text = std::make_unique<std::string>("x");
  const auto values = [](std::string value) -> task<std::unique_ptr<std::string>> {
    co_return std::make_unique<std::string>(std::move(value));
  };
  auto race = select_biased(test::never(), values("x"));
  auto result = hand.poll(race).value();
  const std::size_t length = std::move(result).match([] { return std::size_t{0}; },
                                                     [](std::unique_ptr<std::string> got) { return got->size(); });
  EXPECT_EQ(length, text->size());
}

template <std::size_t... I>
std::size_t winner_of_64(std::size_t expected, std::index_sequence<I...>) {
  hand_poller hand;
  auto race = select(when(I == expected, countdown(1))...);
  return hand.poll(race).value().index();
}

TEST(select, takes_64_branches) {
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(winner_of_64(i, std::make_index_sequence<64>()), i);
}

TEST(select, can_be_timed_out) {
  hand_poller hand;
  auto late = timeout(std::chrono::seconds(-1), select(test::never(), test::never()));
  EXPECT_FALSE(hand.poll(late).value().has_value());
  const auto past = std::chrono::steady_clock::now();
  auto at = timeout_at(past, select(test::never(), test::never()));
  EXPECT_FALSE(hand.poll(at).value().has_value());
  auto in_time = timeout_at(past, countdown(1));
  EXPECT_EQ(hand.poll(in_time).value().value(), 1);  // the future is polled first
}

TEST(select_all, yields_the_number_and_value_of_the_first) {
  hand_poller hand;
  std::vector<countdown> futures{countdown(5), countdown(2), countdown(7)};
  auto race = select_all(futures);
  EXPECT_TRUE(hand.poll(race).is_pending());
  auto result = hand.poll(race).value();
  EXPECT_EQ(result.index(), 1U);
  EXPECT_EQ(result.value(), 2);
  EXPECT_EQ(futures[0].polled() + futures[2].polled() >= 2, true);
}

TEST(select_all, drops_the_losers_of_an_rvalue_range) {
  hand_poller hand;
  std::atomic<int> drops{0};
  std::vector<task<>> futures;
  futures.push_back(hold(drops));
  futures.push_back([]() -> task<> { co_return; }());
  futures.push_back(hold(drops));
  auto race = select_all(std::move(futures));
  EXPECT_EQ(hand.poll(race).value().index(), 1U);
  EXPECT_LE(drops.load(), 2);  // those that were never polled have no local to destroy
}

class select_on : public test::each_runtime {};
HEDDLE_EACH_RUNTIME(select_on);

task<int> collect(oneshot::receiver<int> receiver) {
  for (;;) {
    auto first = co_await select(receiver, sleep(std::chrono::microseconds(10)));
    if (first.is<0>()) co_return first.get<0>().value();
  }
}

TEST_P(select_on, a_receiver_loses_nothing_to_timers_in_a_loop) {
  runtime rt = make();
  const int got = rt.block_on([]() -> task<int> {
    auto [tx, rx] = oneshot::channel<int>();
    auto handle = spawn(collect(std::move(rx)));
    co_await sleep(std::chrono::milliseconds(2));
    static_cast<void>(tx.send(5));
    co_return (co_await handle).value();
  }());
  EXPECT_EQ(got, 5);
}

}  // namespace
}  // namespace heddle
