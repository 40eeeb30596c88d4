// Data races of tasks: found in every schedule in which nothing orders the two, whatever worker ran them; and none
// where the runtime promises an order.
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::ContainsRegex;

// What is shared without protection; volatile, so that each access is one.
struct shared_datum {
  volatile int value = 0;
};
using datum = std::shared_ptr<shared_datum>;

task<> write_to(datum into) {
  into->value = 1;
  co_return;
}
task<> write_after_yields(datum into, int yields) {
  for (int i = 0; i < yields; ++i) co_await heddle::yield_now();
  into->value = 1;
}

heddle::runtime workers(std::size_t count) {
  return heddle::runtime::builder().multi_thread().worker_threads(count).build();
}

struct program {
  const char* name;
  std::function<void()> body;

  friend std::ostream& operator<<(std::ostream& out, const program& one) { return out << one.name; }
};
std::string name_of(const testing::TestParamInfo<program>& info) {
  return info.param.name;
}

// ---------------------------------------------------------------- races

task<> two_writers() {
  auto shared = std::make_shared<shared_datum>();
  auto first = heddle::spawn(write_to(shared));
  auto second = heddle::spawn(write_to(shared));
  co_await first;
  co_await second;
}

task<> parent_and_child() {
  auto shared = std::make_shared<shared_datum>();
  auto child = heddle::spawn(write_to(shared));
  static_cast<void>(shared->value);
  co_await child;
}

task<> writer_between_yields() {
  auto shared = std::make_shared<shared_datum>();
  auto first = heddle::spawn(write_after_yields(shared, 1));
  auto second = heddle::spawn(write_after_yields(shared, 2));
  co_await first;
  co_await second;
}

task<> with_a_blocking_closure() {
  auto shared = std::make_shared<shared_datum>();
  auto closure = heddle::spawn_blocking([](const datum& to) { to->value = 1; }, shared);
  shared->value = 2;
  co_await closure;
}

// An unrelated mutex that both use in turn orders only what it protects.
task<> lock_then_write(std::shared_ptr<heddle::sync::mutex<int>> lock, datum shared, bool before) {
  if (before) shared->value = 1;
  {
    auto held = co_await lock->lock();
    ++*held;
  }
  if (!before) shared->value = 2;
}
task<> outside_of_a_lock() {
  auto shared = std::make_shared<shared_datum>();
  auto lock = std::make_shared<heddle::sync::mutex<int>>(0);
  auto first = heddle::spawn(lock_then_write(lock, shared, false));
  auto second = heddle::spawn(lock_then_write(lock, shared, false));
  co_await first;
  co_await second;
}

class TaskRace : public testing::TestWithParam<program> {};

TEST_P(TaskRace, IsFoundInTheFirstSchedule) {
  const report result = explore(options{}, [] { GetParam().body(); });
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::data_race) << result.text();
  EXPECT_EQ(result.schedules, 1U);
}

INSTANTIATE_TEST_SUITE_P(Programs, TaskRace,
                         testing::Values(program{"TwoWriters", [] { workers(2).block_on(two_writers()); }},
                                         program{"TwoWritersOnOneWorker", [] { workers(1).block_on(two_writers()); }},
                                         program{"ParentAndChild", [] { workers(2).block_on(parent_and_child()); }},
                                         program{"AfterYields", [] { workers(1).block_on(writer_between_yields()); }},
                                         program{"BlockingClosure",
                                                 [] { workers(1).block_on(with_a_blocking_closure()); }},
                                         program{"OutsideOfALock", [] { workers(1).block_on(outside_of_a_lock()); }}),
                         name_of);

TEST(TaskRaceReport, NamesBothTasksAndBothPlaces) {
  const report result = explore(options{}, [] { workers(2).block_on(two_writers()); });
  EXPECT_THAT(result.text(),
              ContainsRegex("data-race in .*: write of 4 bytes by task [23] and write by task [23]: nothing "
                            "orders them"));
  EXPECT_THAT(result.text(), ContainsRegex("task [23], where it wrote 4 bytes of it before"));
}

// ---------------------------------------------------------------- no races

task<> joined() {
  auto shared = std::make_shared<shared_datum>();
  auto writer = heddle::spawn(write_to(shared));
  co_await writer;
  auto second = heddle::spawn(write_to(shared));
  co_await second;
  static_cast<void>(shared->value);
}

task<> seen_to_be_finished() {
  auto shared = std::make_shared<shared_datum>();
  auto writer = heddle::spawn(write_to(shared));
  while (!writer.is_finished()) co_await heddle::yield_now();
  shared->value = 2;
}

task<> under_a_lock() {
  auto lock = std::make_shared<heddle::sync::mutex<int>>(0);
  auto shared = std::make_shared<shared_datum>();
  const auto add = [](std::shared_ptr<heddle::sync::mutex<int>> guard, datum into) -> task<> {
    for (int i = 0; i < 3; ++i) {
      auto held = co_await guard->lock();
      into->value = into->value + 1;
    }
  };
  auto first = heddle::spawn(add(lock, shared));
  auto second = heddle::spawn(add(lock, shared));
  co_await first;
  co_await second;
}

task<> under_a_lock_of_threads() {
  auto lock = std::make_shared<std::mutex>();
  auto shared = std::make_shared<shared_datum>();
  const auto add = [](std::shared_ptr<std::mutex> guard, datum into) -> task<> {
    for (int i = 0; i < 3; ++i) {
      {
        const std::lock_guard held(*guard);
        into->value = into->value + 1;
      }
      co_await heddle::yield_now();
    }
  };
  auto first = heddle::spawn(add(lock, shared));
  auto second = heddle::spawn(add(lock, shared));
  co_await first;
  co_await second;
}

task<> by_oneshot() {
  auto shared = std::make_shared<shared_datum>();
  auto [sender, receiver] = heddle::oneshot::channel<int>();
  const auto tell = [](heddle::oneshot::sender<int> into, datum what) -> task<> {
    what->value = 1;
    static_cast<void>(std::move(into).send(1));
    co_return;
  };
  auto teller = heddle::spawn(tell(std::move(sender), shared));
  co_await std::move(receiver);
  shared->value = 2;
  co_await teller;
}

task<> by_atomics() {
  auto shared = std::make_shared<shared_datum>();
  auto ready = std::make_shared<std::atomic<bool>>(false);
  const auto tell = [](std::shared_ptr<std::atomic<bool>> flag, datum what) -> task<> {
    what->value = 1;
    flag->store(true, std::memory_order_release);
    co_return;
  };
  auto teller = heddle::spawn(tell(ready, shared));
  while (!ready->load(std::memory_order_acquire)) co_await heddle::yield_now();
  shared->value = 2;
  co_await teller;
}

task<> by_a_blocking_closure() {
  auto shared = std::make_shared<shared_datum>();
  shared->value = 1;
  auto closure = heddle::spawn_blocking([](const datum& to) { to->value = 2; }, shared);
  co_await closure;
  shared->value = 3;
}

// A value moves from one task to another, and so does what is left of a cancelled one.
task<std::string> makes_a_string() {
  std::string text = "a string that is too long to be kept in place";
  co_await heddle::yield_now();
  co_return text;
}
task<> results_are_taken() {
  auto maker = heddle::spawn(makes_a_string());
  auto text = co_await maker;
  HEDDLE_CHECK(text && text->size() == 45);
  auto forgotten = heddle::spawn(makes_a_string());
  forgotten.detach();
  co_await heddle::yield_now();
}
task<> sleeps_with(std::unique_ptr<std::string> text) {
  co_await heddle::sleep(std::chrono::hours(1));
  text->clear();
}
task<> cancelled() {
  auto sleeper = heddle::spawn(sleeps_with(std::make_unique<std::string>("a string that is too long for its place")));
  co_await heddle::yield_now();
  sleeper.abort();
  co_await sleeper;
}
task<> left_to_the_shutdown() {
  auto sleeper = heddle::spawn(sleeps_with(std::make_unique<std::string>("a string that is too long for its place")));
  sleeper.detach();
  co_await heddle::yield_now();
}

thread_local int polls_here = 0;
task<> counts_in_a_thread_local() {
  for (int i = 0; i < 3; ++i) {
    ++polls_here;
    co_await heddle::yield_now();
  }
}
task<> thread_locals() {
  auto first = heddle::spawn(counts_in_a_thread_local());
  auto second = heddle::spawn(counts_in_a_thread_local());
  co_await first;
  co_await second;
}

// What each thread keeps for itself on the heap.
struct scratch {
  std::vector<int> numbers = std::vector<int>(8);
};
thread_local std::unique_ptr<scratch> own_scratch;
[[gnu::noinline]] void use_scratch() {
  if (!own_scratch) own_scratch = std::make_unique<scratch>();
  for (int& number : own_scratch->numbers) ++number;
}
task<> uses_scratch() {
  use_scratch();
  co_await heddle::yield_now();
  use_scratch();
}
task<> thread_local_heap() {
  auto first = heddle::spawn(uses_scratch());
  auto second = heddle::spawn(uses_scratch());
  co_await first;
  co_await second;
}

// Frames on a worker's stack are used by one task after the other.
[[gnu::noinline]] int sum_of(const std::vector<int>& numbers) {
  int sums[4] = {};
  int* volatile escaped = sums;
  for (std::size_t i = 0; i < numbers.size(); ++i) escaped[i % 4] += numbers[i];
  return escaped[0] + escaped[3];
}
task<> uses_the_stack() {
  const std::vector<int> numbers(8, 1);
  HEDDLE_CHECK(sum_of(numbers) == 4);
  co_await heddle::yield_now();
  HEDDLE_CHECK(sum_of(numbers) == 4);
}
task<> stacks() {
  auto first = heddle::spawn(uses_the_stack());
  auto second = heddle::spawn(uses_the_stack());
  co_await first;
  co_await second;
}

using assumed_pointer = heddle::assume_send<const int*>;
task<int> reads_through(assumed_pointer from) {
  co_return **from;
}
void locals_of_the_caller() {
  heddle::runtime on = workers(2);
  int before = 1;
  volatile int after = 0;
  const auto use = [](assumed_pointer first, volatile int& second) -> task<> {
    auto reader = heddle::spawn(reads_through(first));
    co_await reader;
    second = 2;
  };
  on.block_on(use(assumed_pointer(&before, "block_on waits"), after));
  before = 2;
  HEDDLE_CHECK(after == 2);
}

void after_the_shutdown() {
  auto shared = std::make_shared<shared_datum>();
  {
    heddle::runtime on = workers(2);
    const auto leave = [](datum into) -> task<> {
      auto writer = heddle::spawn(write_to(into));
      writer.detach();
      co_return;
    };
    on.block_on(leave(shared));
  }
  shared->value = 3;
}

void on_a_runtime_of_one_thread() {
  heddle::runtime on = heddle::runtime::builder().current_thread().build();
  std::thread other([] {});
  on.block_on(two_writers());
  other.join();
}

// A channel counts references to its values in trusted code, and users count them too. The last to go is ordered with
// all of them.
task<> values_of_a_channel() {
  auto [sender, receiver] = heddle::watch::channel<int>(1);
  const auto borrow = [](heddle::watch::receiver<int> from) -> task<> {
    for (int i = 0; i < 3; ++i) {
      const int seen = *from.borrow();
      HEDDLE_CHECK(seen == 1 || seen == 2);
      co_await heddle::yield_now();
    }
  };
  auto borrower = heddle::spawn(borrow(receiver));
  co_await heddle::yield_now();
  sender.send_modify([](int& value) { ++value; });
  co_await borrower;
}

// The runtime itself is freed by a thread that it did not wait for.
void left_behind() {
  auto leave = std::make_shared<std::atomic<bool>>(false);
  heddle::runtime on = workers(1);
  const auto wait = [](const std::shared_ptr<std::atomic<bool>>& until) {
    while (!until->load()) std::this_thread::yield();
  };
  auto left = on.spawn_blocking(wait, leave);
  left.detach();
  std::move(on).shutdown_background();
  leave->store(true);
  // The clock moves when nothing can run.
  std::this_thread::sleep_for(std::chrono::hours(1));
}

class TaskOrder : public testing::TestWithParam<program> {};

TEST_P(TaskOrder, IsNoRace) {
  const report result = explore(options{}, [] { GetParam().body(); });
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST_P(TaskOrder, IsNoRaceForTheRuntimeEither) {
  const report result =
      explore(options{.schedules = 300, .granularity = heddle::check::granularity::runtime}, [] { GetParam().body(); });
  EXPECT_FALSE(result.failed()) << result.text();
}

template <task<> (*Body)()>
void on_workers() {
  workers(2).block_on(Body());
}

INSTANTIATE_TEST_SUITE_P(
    Programs, TaskOrder,
    testing::Values(program{"Join", on_workers<joined>}, program{"IsFinished", on_workers<seen_to_be_finished>},
                    program{"Lock", on_workers<under_a_lock>},
                    program{"LockOfThreads", on_workers<under_a_lock_of_threads>},
                    program{"Oneshot", on_workers<by_oneshot>}, program{"Atomics", on_workers<by_atomics>},
                    program{"BlockingClosure", on_workers<by_a_blocking_closure>},
                    program{"Results", on_workers<results_are_taken>}, program{"Cancelled", on_workers<cancelled>},
                    program{"LeftToTheShutdown", on_workers<left_to_the_shutdown>},
                    program{"ThreadLocals", on_workers<thread_locals>},
                    program{"ThreadLocalHeap", on_workers<thread_local_heap>}, program{"Stacks", on_workers<stacks>},
                    program{"LocalsOfTheCaller", locals_of_the_caller}, program{"AfterTheShutdown", after_the_shutdown},
                    program{"ValuesOfAChannel", on_workers<values_of_a_channel>}, program{"LeftBehind", left_behind},
                    program{"RuntimeOfOneThread", on_a_runtime_of_one_thread}),
    name_of);

}  // namespace
