// Cancellations as decisions: code that a drop at a suspension breaks is caught at the await, and its cure passes.
#include "heddle/check/framework.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::exhaustive;
using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::hours long_time(1);

options one_cancellation() {
  options how;
  how.cancellations = 1;
  how.schedules = 3000;
  return how;
}

report check(task<> (*body)(), const options& how) {
  return explore(how, [body] {
    heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on(body());
  });
}

// ---------------------------------------------------------------- an item out of a queue, and back

using items = heddle::sync::mutex<std::deque<int>>;

task<> send_item(int) {
  co_await heddle::yield_now();
}

task<> takes_out_and_puts_back(std::shared_ptr<items> queue) {
  std::optional<int> item;
  {
    auto held = co_await queue->lock();
    item = held->front();
    held->pop_front();
  }
  auto sending = send_item(*item);
  co_await sending;  // dropped here, it takes the item with it
  auto held = co_await queue->lock();
  held->push_front(*item);
}

task<> takes_out_when_done(std::shared_ptr<items> queue) {
  int item = 0;
  {
    auto held = co_await queue->lock();
    item = held->front();
  }
  co_await send_item(item);
  auto held = co_await queue->lock();
  held->pop_front();
  held->push_front(item);
}

task<> run_queue(task<> (*user)(std::shared_ptr<items>)) {
  auto queue = std::make_shared<items>(std::deque<int>{1, 2});
  auto using_it = heddle::spawn_named("user", user(queue));
  co_await using_it;
  auto held = co_await queue->lock();
  HEDDLE_CHECK(held->size() == 2);
}
task<> loses_an_item() {
  return run_queue(&takes_out_and_puts_back);
}
task<> keeps_the_items() {
  return run_queue(&takes_out_when_done);
}

// ---------------------------------------------------------------- a protocol of two steps

struct door {
  bool open = false;
  int inside = 0;
};
class closes {
 public:
  explicit closes(std::shared_ptr<door> which) : which_(std::move(which)) {}
  closes(const closes&) = delete;
  closes& operator=(const closes&) = delete;
  ~closes() { which_->open = false; }

 private:
  std::shared_ptr<door> which_;
};

task<> opens_and_closes(std::shared_ptr<door> which) {
  which->open = true;
  co_await heddle::yield_now();
  which->open = false;
}
task<> opens_with_a_guard(std::shared_ptr<door> which) {
  which->open = true;
  const closes at_end(which);
  co_await heddle::yield_now();
}
task<> run_door(task<> (*user)(std::shared_ptr<door>)) {
  auto which = std::make_shared<door>();
  auto using_it = heddle::spawn(user(which));
  co_await using_it;
  HEDDLE_CHECK(!which->open);
}
task<> leaves_the_door_open() {
  return run_door(&opens_and_closes);
}
task<> closes_the_door() {
  return run_door(&opens_with_a_guard);
}

// ---------------------------------------------------------------- a permit

task<> forgets_its_permit(std::shared_ptr<heddle::sync::semaphore> permits) {
  auto permit = co_await permits->acquire();
  permit->forget();
  co_await heddle::yield_now();
  permits->add_permits(1);
}
task<> holds_its_permit(std::shared_ptr<heddle::sync::semaphore> permits) {
  const auto permit = co_await permits->acquire();
  co_await heddle::yield_now();
}
task<> run_permits(task<> (*user)(std::shared_ptr<heddle::sync::semaphore>)) {
  auto permits = std::make_shared<heddle::sync::semaphore>(1);
  auto one = heddle::spawn(user(permits));
  auto two = heddle::spawn(user(permits));
  co_await one;
  co_await two;
  HEDDLE_CHECK(permits->available_permits() == 1);
}
task<> leaks_a_permit() {
  return run_permits(&forgets_its_permit);
}
task<> returns_the_permit() {
  return run_permits(&holds_its_permit);
}

// ---------------------------------------------------------------- select in a loop

// Two items make a pair; what has come of it is lost with the future.
task<int> receive_pair(std::shared_ptr<std::deque<int>> inbox) {
  const int first = inbox->front();
  inbox->pop_front();
  co_await heddle::yield_now();
  const int second = inbox->front();
  inbox->pop_front();
  co_return first + second;
}

task<int> pair_or_ticks(std::shared_ptr<std::deque<int>> inbox) {
  for (;;) {
    auto first = co_await heddle::select_biased(receive_pair(inbox), heddle::sleep(long_time));
    if (first.is<0>()) co_return first.get<0>();
    if (inbox->size() < 2) co_return 0;
  }
}
task<int> pair_of_one_future(std::shared_ptr<std::deque<int>> inbox) {
  auto pair = receive_pair(inbox);
  for (;;) {
    auto first = co_await heddle::select_biased(pair, heddle::sleep(long_time));
    if (first.is<0>()) co_return first.get<0>();
  }
}
task<> run_select(task<int> (*user)(std::shared_ptr<std::deque<int>>)) {
  auto inbox = std::make_shared<std::deque<int>>(std::deque<int>{1, 2});
  const int sum = co_await user(inbox);
  HEDDLE_CHECK(sum == 3);
}
task<> loses_a_branch() {
  return run_select(&pair_or_ticks);
}
task<> keeps_the_branch() {
  return run_select(&pair_of_one_future);
}

// ---------------------------------------------------------------- a timeout

task<> fills(std::shared_ptr<int> into) {
  *into = 1;
  co_await heddle::yield_now();
  *into = 2;
}
task<> run_timeout(bool looks_at_result) {
  auto value = std::make_shared<int>(0);
  auto result = co_await heddle::timeout(long_time, fills(value));
  HEDDLE_CHECK(*value == 2 || (looks_at_result && !result.has_value()));
}
task<> believes_in_its_timeout() {
  return run_timeout(false);
}
task<> looks_at_its_timeout() {
  return run_timeout(true);
}

struct pair_of_programs {
  const char* name;
  task<> (*broken)();
  task<> (*fixed)();
  const char* place;  // what the report says of where it was cancelled

  friend std::ostream& operator<<(std::ostream& out, const pair_of_programs& one) { return out << one.name; }
};

class Cancellation : public testing::TestWithParam<pair_of_programs> {};

TEST_P(Cancellation, IsFoundWithTheAwaitThatItHappenedAt) {
  const report result = check(GetParam().broken, one_cancellation());
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::assertion) << result.text();
  ASSERT_EQ(result.findings[0].mishaps.size(), 1U) << result.text();
  EXPECT_THAT(result.text(), ContainsRegex(GetParam().place));
  const auto& timeline = result.findings[0].timeline;
  const bool visible = std::any_of(timeline.begin(), timeline.end(), [&](const heddle::check::moment& one) {
    return one.what == result.findings[0].mishaps[0].what &&
           one.where.line == result.findings[0].mishaps[0].awaiting.back().line;
  });
  EXPECT_TRUE(visible) << result.text();
}

TEST_P(Cancellation, IsSurvivedByTheCorrectedProgram) {
  const report result = check(GetParam().fixed, one_cancellation());
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST_P(Cancellation, HappensOnlyWhereItIsAskedFor) {
  const report result = check(GetParam().broken, {});
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST_P(Cancellation, OfOneKindIsTriedByTheExhaustiveSearch) {
  options how = one_cancellation();
  how.strategy = exhaustive{};
  how.schedules = 20'000;
  how.weak_memory = false;
  const report broken = check(GetParam().broken, how);
  EXPECT_EQ(broken.findings.size(), 1U) << broken.text();
}

INSTANTIATE_TEST_SUITE_P(
    Programs, Cancellation,
    testing::Values(
        pair_of_programs{"ItemOfAQueue", loses_an_item, keeps_the_items,
                         "task 2 \\(user\\) was aborted [^\n]*\n *at [^\n]*cancellation_explore_test.cpp:[0-9]+ "},
        pair_of_programs{"ProtocolOfTwoSteps", leaves_the_door_open, closes_the_door,
                         "task 2 was aborted [^\n]*\n *at [^\n]*:[0-9]+  opens_and_closes"},
        pair_of_programs{"Permit", leaks_a_permit, returns_the_permit,
                         "task [23] was aborted [^\n]*\n *at [^\n]*:[0-9]+  forgets_its_permit"},
        pair_of_programs{"SelectInALoop", loses_a_branch, keeps_the_branch,
                         "a sleep of task 1 [^\n]* was over early\n *at [^\n]*:[0-9]+  receive_pair\n *from "
                         "[^\n]*:[0-9]+  pair_or_ticks"},
        pair_of_programs{
            "Timeout", believes_in_its_timeout, looks_at_its_timeout,
            "a sleep of task 1 [^\n]* was over early\n *at [^\n]*:[0-9]+  fills\n *from [^\n]*:[0-9]+  run_timeout"}),
    [](const testing::TestParamInfo<pair_of_programs>& one) { return one.param.name; });

// ---------------------------------------------------------------- how, and which

// What a task did before it ended, from all executions.
struct ways {
  bool before_first_poll = false;
  bool at_suspension = false;
  bool when_woken = false;
  bool not_at_all = false;
};

task<> suspends_once(std::shared_ptr<int> reached) {
  *reached = 1;
  co_await heddle::yield_now();
  *reached = 2;
}

TEST(CancellationMoments, AreAllThereAre) {
  ways seen;
  options how = one_cancellation();
  how.strategy = exhaustive{};
  how.schedules = 0;
  const report result = explore(how, [&seen] {
    heddle::runtime on = heddle::runtime::builder().current_thread().build();
    on.block_on([](ways& into) -> task<> {
      auto reached = std::make_shared<int>(0);
      auto one = heddle::spawn(suspends_once(reached));
      const auto ended = co_await one;
      if (ended.has_value()) into.not_at_all = true;
      if (!ended.has_value() && *reached == 0) into.before_first_poll = true;
      if (!ended.has_value() && *reached == 1) into.at_suspension = true;
      HEDDLE_CHECK(ended.has_value() == (*reached == 2));
    }(seen));
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_TRUE(result.proved);
  EXPECT_TRUE(seen.before_first_poll);
  EXPECT_TRUE(seen.at_suspension);
  EXPECT_TRUE(seen.not_at_all);
  // Before the first poll; at the suspension, at once and later; before the second poll; not at all.
  EXPECT_EQ(result.schedules, 5U);
}

// Others have a turn between the suspension and the drop.
task<> sets_and_resets(std::shared_ptr<int> flag) {
  const std::shared_ptr<int> reset(flag.get(), [flag](int* which) { *which = 0; });
  *flag = 1;
  co_await heddle::sleep(long_time);
}
TEST(CancellationMoments, LeaveOthersATurnBeforeTheDrop) {
  bool seen_set = false;
  options how = one_cancellation();
  const report result = explore(how, [&seen_set] {
    heddle::runtime on = heddle::runtime::builder().current_thread().build();
    on.block_on([](bool& into) -> task<> {
      auto flag = std::make_shared<int>(0);
      auto one = heddle::spawn(sets_and_resets(flag));
      auto other = heddle::spawn([](std::shared_ptr<int> looked_at) -> task<int> { co_return *looked_at; }, flag);
      const auto looked = co_await other;
      const bool dropped = one.is_finished() || (co_await one, true);
      if (looked.has_value() && *looked == 1 && dropped) into = true;
    }(seen_set));
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_TRUE(seen_set);
}

// A sleep that is over early is one on a slow machine: the clock tells so.
TEST(CancellationMoments, LeaveASleepAsLongAsItWas) {
  bool early = false;
  options how = one_cancellation();
  const report result = explore(how, [&early] {
    heddle::runtime on = heddle::runtime::builder().current_thread().build();
    const bool finished_early = on.block_on([]() -> task<bool> {
      auto worker = heddle::spawn([]() -> task<> {
        const auto begun = std::chrono::steady_clock::now();
        co_await heddle::sleep(long_time);
        HEDDLE_CHECK(std::chrono::steady_clock::now() - begun >= long_time);
      });
      co_await heddle::yield_now();
      co_await heddle::yield_now();
      const bool finished = worker.is_finished();
      co_await worker;
      co_return finished;
    }());
    if (finished_early) early = true;
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_TRUE(early);
}

task<> run_uncancellable_spawn() {
  const heddle::check::uncancellable always;
  auto reached = std::make_shared<int>(0);
  auto one = heddle::spawn(suspends_once(reached));
  co_await one;
  HEDDLE_CHECK(*reached == 2);
}
TEST(Uncancellable, TasksSpawnedInTheScopeGoOn) {
  const report result = check(run_uncancellable_spawn, one_cancellation());
  EXPECT_FALSE(result.failed()) << result.text();
}

task<> critical(std::shared_ptr<int> inside, bool protects) {
  std::optional<heddle::check::uncancellable> section;
  if (protects) section.emplace();
  ++*inside;
  co_await heddle::yield_now();
  --*inside;
  section.reset();
  co_await heddle::yield_now();
}
task<> run_critical(bool protects) {
  auto inside = std::make_shared<int>(0);
  auto one = heddle::spawn(critical(inside, protects));
  co_await one;
  HEDDLE_CHECK(*inside == 0);
}
TEST(Uncancellable, TheTaskThatMadeTheScopeGoesOnAcrossItsAwaits) {
  const report broken = check([] { return run_critical(false); }, one_cancellation());
  EXPECT_TRUE(broken.failed());
  const report fixed = check([] { return run_critical(true); }, one_cancellation());
  EXPECT_FALSE(fixed.failed()) << fixed.text();
}

TEST(CancellationBudget, BoundsWhatHappensInOneExecution) {
  std::size_t most = 0;
  options how = one_cancellation();
  how.cancellations = 2;
  const report result = explore(how, [&most] {
    heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on([](std::size_t& into) -> task<> {
      auto reached = std::make_shared<int>(0);
      std::vector<heddle::join_handle<void>> all;
      for (int i = 0; i < 4; ++i) all.push_back(heddle::spawn([]() -> task<> { co_await heddle::yield_now(); }));
      std::size_t cancelled = 0;
      for (auto& one : all) {
        const auto ended = co_await one;
        cancelled += ended.has_value() ? 0 : 1;
      }
      HEDDLE_CHECK(cancelled <= 2);
      into = std::max(into, cancelled);
    }(most));
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(most, 2U);
}

// The schedule of a token has the same cancellations.
TEST(CancellationToken, BringsTheCancellationBack) {
  const report found = check(leaves_the_door_open, one_cancellation());
  ASSERT_EQ(found.findings.size(), 1U);
  ASSERT_EQ(setenv("HEDDLE_REPLAY", found.findings[0].token.c_str(), 1), 0);
  heddle::check::test_begins();
  const report again = check(leaves_the_door_open, one_cancellation());
  unsetenv("HEDDLE_REPLAY");
  ASSERT_EQ(again.findings.size(), 1U) << again.text();
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.findings[0].event_hash, found.findings[0].event_hash);
  EXPECT_EQ(again.findings[0].signature, found.findings[0].signature);
  EXPECT_EQ(again.findings[0].mishaps.size(), 1U);
}

// ---------------------------------------------------------------- faults

TEST(Fault, HappensAsOftenAsIsAllowed) {
  options how;
  how.faults = 1;
  const auto body = [] {
    int lost = 0;
    for (int i = 0; i < 3; ++i) lost += heddle::check::fault("message lost") ? 1 : 0;
    HEDDLE_CHECK(lost == 0);
  };
  const report found = explore(how, body);
  ASSERT_EQ(found.findings.size(), 1U) << found.text();
  EXPECT_THAT(found.text(), HasSubstr("the fault `message lost` happened"));
  const report none = explore({}, body);
  EXPECT_FALSE(none.failed()) << none.text();
  how.faults = 2;
  const report bounded = explore(how, [] {
    int lost = 0;
    for (int i = 0; i < 20; ++i) lost += heddle::check::fault("message lost") ? 1 : 0;
    HEDDLE_CHECK(lost <= 2);
  });
  EXPECT_FALSE(bounded.failed()) << bounded.text();
}

TEST(Fault, IsNoneOutsideOfAnExecution) {
  EXPECT_FALSE(heddle::check::fault("any"));
}

// So that no compiler takes the allocation away.
void* volatile kept = nullptr;

TEST(AllocationFailure, HappensInTheScopeAndOnlyAsOftenAsIsAllowed) {
  options how;
  how.allocation_failures = 1;
  const auto body = [] {
    kept = ::operator new(16);
    ::operator delete(kept);
    bool failed = false;
    try {
      const heddle::check::allocations_may_fail here;
      kept = ::operator new(16);
      ::operator delete(kept);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    HEDDLE_CHECK(!failed);
  };
  const report found = explore(how, body);
  ASSERT_EQ(found.findings.size(), 1U) << found.text();
  EXPECT_THAT(found.text(), HasSubstr("an allocation failed"));
  const report none = explore({}, body);
  EXPECT_FALSE(none.failed()) << none.text();
}

TEST(AllocationFailure, HappensNoMoreOftenThanIsAllowed) {
  int most = 0;
  options how;
  how.allocation_failures = 2;
  const report result = explore(how, [&most] {
    int failed = 0;
    const heddle::check::allocations_may_fail here;
    for (int i = 0; i < 50; ++i) {
      kept = std::malloc(16);
      failed += kept == nullptr ? 1 : 0;
      std::free(kept);
    }
    most = std::max(most, failed);
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(most, 2);
}

TEST(AllocationFailure, IsNullForMalloc) {
  bool failed = false;
  options how;
  how.allocation_failures = 1;
  const report result = explore(how, [&failed] {
    const heddle::check::allocations_may_fail here;
    kept = std::malloc(16);
    if (kept == nullptr) failed = true;
    std::free(kept);
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_TRUE(failed);
}

}  // namespace
