// Deadlocks and lost wakeups of tasks on the runtime.
#include "explore_on_workers.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using heddle::check::testing::explore_on_workers;
using testing::ContainsRegex;
using testing::HasSubstr;

// ---------------------------------------------------------------- cycles

using int_mutex = heddle::sync::mutex<int>;

task<> takes_both(std::shared_ptr<int_mutex> first, std::shared_ptr<int_mutex> second) {
  auto outer = co_await first->lock();
  co_await heddle::yield_now();
  auto inner = co_await second->lock();
}
task<> locks_in_opposite_orders() {
  auto a = std::make_shared<int_mutex>(0);
  auto b = std::make_shared<int_mutex>(0);
  auto one = heddle::spawn(takes_both(a, b));
  auto two = heddle::spawn(takes_both(b, a));
  co_await one;
  co_await two;
}
task<> locks_in_one_order() {
  auto a = std::make_shared<int_mutex>(0);
  auto b = std::make_shared<int_mutex>(0);
  auto one = heddle::spawn(takes_both(a, b));
  auto two = heddle::spawn(takes_both(a, b));
  co_await one;
  co_await two;
}

TEST(TaskDeadlock, NamesTheTasksAndTheLocksOfTheCycle) {
  const report result = explore_on_workers(locks_in_opposite_orders);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::deadlock);
  EXPECT_THAT(result.text(), ContainsRegex("a cycle: task . waits for sync::mutex #.*, held by task ., which waits for "
                                           "sync::mutex #.*, held by task ."));
  EXPECT_THAT(result.text(), HasSubstr("  takes_both")) << "where the inner lock is awaited";
  const report correct = explore_on_workers(locks_in_one_order);
  EXPECT_FALSE(correct.failed()) << correct.text();
}

task<> relocks() {
  auto mutex = std::make_shared<int_mutex>(0);
  auto outer = co_await mutex->lock();
  auto inner = co_await mutex->lock();
}

TEST(TaskDeadlock, OfATaskWithItselfSaysSo) {
  const report result = explore_on_workers(relocks);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::deadlock);
  EXPECT_THAT(result.text(), ContainsRegex("task 1 waits for sync::mutex #.*, which it holds itself"));
}

task<> joins_each_other() {
  // The lock is held while the one is joined that wants it.
  auto mutex = std::make_shared<int_mutex>(0);
  auto held = co_await mutex->lock();
  auto other = heddle::spawn(
      [](std::shared_ptr<int_mutex> wanted) -> task<> { const auto wanted_lock = co_await wanted->lock(); }, mutex);
  co_await other;
}

TEST(TaskDeadlock, GoesThroughJoinHandlesToo) {
  const report result = explore_on_workers(joins_each_other);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::deadlock);
  EXPECT_THAT(result.text(), ContainsRegex("a cycle: task 1 waits for join_handle #.* of task 2, which waits for "
                                           "sync::mutex #.*, held by task 1"));
}

task<> ends_at_once() {
  co_return;
}

// Polls a task to its end by hand, and is never ready.
class polls_another {
 public:
  using declare_send = heddle::declared_true<polls_another, "polled by one task">;
  heddle::poll_result<> poll(heddle::context& cx) {
    if (inner_) {
      EXPECT_TRUE(inner_.poll(cx).is_ready());
      inner_ = task<>();
    }
    return heddle::pending;
  }

 private:
  task<> inner_ = ends_at_once();
};
task<> awaits_what_polls_another() {
  polls_another outer;
  co_await outer;
}

TEST(TaskDeadlock, IsShownAtTheAwaitOfATaskThatPolledAnotherByHand) {
  const report result = explore_on_workers(awaits_what_polls_another);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("  awaits_what_polls_another\n"));
}

// ---------------------------------------------------------------- lost wakeups

task<> is_told(std::shared_ptr<heddle::sync::notify> signal, std::shared_ptr<std::atomic<bool>> done) {
  done->store(true);
  signal->notify_waiters();
  co_return;
}
task<> waits_without_looking() {
  auto signal = std::make_shared<heddle::sync::notify>();
  auto done = std::make_shared<std::atomic<bool>>(false);
  auto other = heddle::spawn(is_told(signal, done));
  co_await signal->notified();
  co_await other;
}
task<> waits_having_looked() {
  auto signal = std::make_shared<heddle::sync::notify>();
  auto done = std::make_shared<std::atomic<bool>>(false);
  auto other = heddle::spawn(is_told(signal, done));
  for (;;) {
    auto notified = signal->notified();
    if (done->load()) break;
    co_await notified;
  }
  co_await other;
}

// Has seen what the notification stands for, and waits for more, which never comes.
task<> waits_for_more() {
  auto signal = std::make_shared<heddle::sync::notify>();
  auto steps = std::make_shared<heddle::sync::mutex<int>>(0);
  auto other = heddle::spawn(
      [](std::shared_ptr<heddle::sync::notify> tells, std::shared_ptr<heddle::sync::mutex<int>> number) -> task<> {
        {
          auto locked = co_await number->lock();
          *locked = 1;
        }
        tells->notify_waiters();
      },
      signal, steps);
  co_await other;
  for (;;) {
    {
      auto locked = co_await steps->lock();
      if (*locked == 2) co_return;
    }
    co_await signal->notified();
  }
}

TEST(TaskLostWakeup, IsNoneOfATaskThatLookedAfterTheNotificationAndWaitsAllTheSame) {
  const report result = explore_on_workers(waits_for_more, {.schedules = 50});
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::deadlock) << result.text();
}

TEST(TaskLostWakeup, NamesTheNotificationThatCameTooEarly) {
  const report result = explore_on_workers(waits_without_looking);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::lost_wakeup) << result.text();
  EXPECT_THAT(result.text(), ContainsRegex("task 1 waits for sync::notify #.*, whose last notification came before it "
                                           "waited"));
  EXPECT_THAT(result.text(), ContainsRegex("task 2, where it signalled, at step .*: nobody waited yet:\n"
                                           ".*deadlocks_explore_test.cpp:[0-9]+  is_told"));
  const report correct = explore_on_workers(waits_having_looked);
  EXPECT_FALSE(correct.failed()) << correct.text();
}

// An event of the user's own, which keeps the waker of whoever waited last.
struct event {
  std::atomic<bool> is_set{false};
  std::optional<heddle::waker> waiting;

  void set() {
    is_set = true;
    if (waiting) waiting->wake_by_ref();
  }
  [[gnu::noinline]] void forget() { waiting.reset(); }
};
enum class care { of_the_waker, none, until_it_is_set };
struct event_future {
  std::shared_ptr<event> what;
  care how;

  heddle::poll_result<void> poll(heddle::context& cx) {
    if (what->is_set) return heddle::ready;
    what->waiting.emplace(cx.get_waker().clone());
    if (how == care::none) what->forget();
    return heddle::pending;
  }
};
task<> sets(std::shared_ptr<event> one, care how) {
  co_await heddle::yield_now();
  if (how == care::until_it_is_set) {
    one->forget();
  } else {
    one->set();
  }
}
task<> waits_for_an_event(care how) {
  auto what = std::make_shared<event>();
  auto setter = heddle::spawn(sets, what, how);
  // Not awaited as it is made: g++ 12 would destroy it twice.
  event_future waits{what, how};
  co_await waits;
  co_await setter;
}
report wait_for_an_event(care how) {
  return explore(options{}, [how] {
    heddle::runtime on = heddle::runtime::builder().current_thread().build();
    on.block_on(waits_for_an_event(how));
  });
}

TEST(TaskLostWakeup, IsATaskWhoseLastWakerWasDropped) {
  const report kept_none = wait_for_an_event(care::none);
  ASSERT_EQ(kept_none.findings.size(), 1U) << kept_none.text();
  EXPECT_EQ(kept_none.findings[0].kind, finding_kind::lost_wakeup) << kept_none.text();
  EXPECT_THAT(kept_none.text(), HasSubstr("task 1 is suspended, and nobody can wake it any more: what it awaits has "
                                          "kept no waker"));
  const report correct = wait_for_an_event(care::of_the_waker);
  EXPECT_FALSE(correct.failed()) << correct.text();
}

TEST(TaskLostWakeup, NamesTheLineThatDroppedTheLastWaker) {
  const report result = wait_for_an_event(care::until_it_is_set);
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::lost_wakeup) << result.text();
  EXPECT_THAT(result.text(), ContainsRegex("where it dropped the last waker:\n"
                                           ".*deadlocks_explore_test.cpp:[0-9]+  .*forget"));
}

}  // namespace
