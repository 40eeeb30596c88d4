// Schedules are distinct when something is in another order that could matter: known numbers of Mazurkiewicz traces.
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"
#include "random_program.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore;
using heddle::check::report;
using heddle::check::testing_programs::in_threads;
using heddle::check::testing_programs::search_all_interleavings;

// Enough for the programs here to show all their orders.
constexpr std::uint64_t enough = 20'000;

report sampled(const std::function<void()>& body) {
  const report result =
      explore({.strategy = heddle::check::random{}, .schedules = enough, .weak_memory = false}, [&body] { body(); });
  EXPECT_FALSE(result.failed()) << result.text();
  return result;
}
std::uint64_t distinct(const std::function<void()>& body) {
  return sampled(body).distinct;
}

TEST(DistinctSchedules, OfIndependentThreadsAreOne) {
  const report result = sampled([] {
    std::array<std::atomic<int>, 3> words{};
    std::array<std::mutex, 3> locks;
    in_threads(3, [&](std::size_t thread) {
      std::atomic<int> own{0};
      for (int i = 0; i < 3; ++i) words.at(thread).store(i);
      own.fetch_add(1);
      const std::lock_guard held(locks.at(thread));
    });
  });
  EXPECT_EQ(result.distinct, 1U);
  EXPECT_EQ(result.last_new, 0U);
}

// Which thread is created first decides its number, and no more.
TEST(DistinctSchedules, OfThreadsMadeByIndependentThreadsAreOne) {
  EXPECT_EQ(distinct([] {
              std::array<std::atomic<int>, 4> words{};
              in_threads(2, [&words](std::size_t thread) {
                std::thread one([&words, thread] { words.at(2 * thread).store(1); });
                std::thread other([&words, thread] { words.at(2 * thread + 1).store(1); });
                one.join();
                other.join();
              });
            }),
            1U);
}

// C(4, 2): which two of four places the stores of the first thread have.
TEST(DistinctSchedules, OfTwoWritersAreTheirInterleavings) {
  EXPECT_EQ(distinct([] {
              std::atomic<int> word{0};
              in_threads(2, [&word](std::size_t) {
                word.store(1);
                word.store(2);
              });
            }),
            6U);
}

// Two words, each with two orders of its two stores: all 4 but the one that turns in a circle.
TEST(DistinctSchedules, OfCrossedWritersAreThree) {
  EXPECT_EQ(distinct([] {
              std::array<std::atomic<int>, 2> words{};
              in_threads(2, [&words](std::size_t thread) {
                words.at(thread).store(1);
                words.at(1 - thread).store(2);
              });
            }),
            3U);
}

// Each of two readers before the writer or after it.
TEST(DistinctSchedules, OfReadersDifferByWhoComesBeforeTheWriter) {
  EXPECT_EQ(distinct([] {
              std::atomic<int> word{0};
              in_threads(3, [&word](std::size_t thread) {
                if (thread == 0) {
                  word.store(1);
                } else {
                  word.load();
                }
              });
            }),
            4U);
}

TEST(DistinctSchedules, OfOneLockAreItsOrders) {
  EXPECT_EQ(distinct([] {
              std::mutex lock;
              in_threads(3, [&lock](std::size_t) { const std::lock_guard held(lock); });
            }),
            6U);
}

// Three readers, alone, and with a writer that comes before or after each of them.
TEST(DistinctSchedules, OfSharedLocksAreNotTheOrdersOfReaders) {
  const auto program = [](std::size_t readers, bool writes) {
    std::shared_mutex lock;
    in_threads(readers + (writes ? 1 : 0), [&](std::size_t thread) {
      if (thread < readers) {
        const std::shared_lock held(lock);
      } else {
        const std::lock_guard held(lock);
      }
    });
  };
  EXPECT_EQ(distinct([&] { program(3, false); }), 1U);
  EXPECT_EQ(distinct([&] { program(3, true); }), 8U);
}

TEST(DistinctSchedules, OfChoicesAreTheirAnswers) {
  EXPECT_EQ(distinct([] { static_cast<void>(heddle::check::choose(7)); }), 7U);
}

// Two threads, each a store and then a load of the other's word: the store before the load or after it, for both words,
// but not after it for both. Under weak memory a load after the store may still read what was there before it.
TEST(DistinctSchedules, OfWeakLoadsAreWhatTheyRead) {
  const auto store_buffering = [](bool weak) {
    const report result = explore({.strategy = heddle::check::random{}, .schedules = enough, .weak_memory = weak}, [] {
      std::array<std::atomic<int>, 2> words{};
      in_threads(2, [&words](std::size_t thread) {
        words.at(thread).store(1, std::memory_order_relaxed);
        words.at(1 - thread).load(std::memory_order_relaxed);
      });
    });
    return result.distinct;
  };
  EXPECT_EQ(store_buffering(false), 3U);
  // One of the loads comes before the store: the other one reads either. Or both come after: each reads either.
  EXPECT_EQ(store_buffering(true), 2U + 2U + 4U);
}

// ---------------------------------------------------------------- tasks

enum class words : std::uint8_t { own, shared };

std::array<std::atomic<int>, 2> task_words;

task<> count_up(std::size_t which) {
  for (int i = 0; i < 2; ++i) {
    task_words.at(which).fetch_add(1);
    co_await heddle::yield_now();
  }
}
task<> in_two_tasks(words which) {
  auto one = heddle::spawn(count_up(0));
  auto two = heddle::spawn(count_up(which == words::own ? 1 : 0));
  co_await one;
  co_await two;
}
std::uint64_t distinct_of_tasks(words which) {
  return distinct([which] {
    heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on(in_two_tasks(which));
  });
}

// Which worker polls a task, and in which order independent ones are polled, does not count. Whether each task had
// ended when it was awaited does.
TEST(DistinctSchedules, OfIndependentTasksAreWhoWasWaitedFor) {
  EXPECT_EQ(distinct_of_tasks(words::own), 4U);
}

// C(4, 2) orders of the additions, and each with the same 4.
TEST(DistinctSchedules, OfTasksAreTheOrdersOfTheirOperations) {
  EXPECT_EQ(distinct_of_tasks(words::shared), 6U * 4U);
}

// Each of two closures on the pool of threads has ended or not when it is awaited.
TEST(DistinctSchedules, OfClosuresAreNotTheThreadsThatRunThem) {
  EXPECT_EQ(distinct([] {
              heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(1).build();
              on.block_on([]() -> task<> {
                auto one = heddle::spawn_blocking([] { task_words.at(0).fetch_add(1); });
                auto two = heddle::spawn_blocking([] { task_words.at(1).fetch_add(1); });
                co_await one;
                co_await two;
              }());
            }),
            4U);
}

task<> wait_for(heddle::oneshot::receiver<int> value) {
  auto got = co_await value;
  static_cast<void>(got);
}

task<> yield_three_times() {
  for (int i = 0; i < 3; ++i) co_await heddle::yield_now();
}

// The value is there when it is awaited, or is looked for again after one to four of the polls of the other task. The
// two may share what no operation tells of: theirs is one thread.
void send_to_one_of_two_tasks() {
  heddle::runtime on = heddle::runtime::builder().current_thread().event_interval(1).build();
  auto [sender, receiver] = heddle::oneshot::channel<int>();
  on.spawn(yield_three_times()).detach();
  std::thread sends([&from = sender] { static_cast<void>(std::move(from).send(1)); });
  on.block_on(wait_for(std::move(receiver)));
  sends.join();
}

TEST(DistinctSchedules, OfTasksOfOneThreadAreTheOrdersOfTheirPolls) {
  EXPECT_EQ(distinct(send_to_one_of_two_tasks), 5U);
}

// The same of all interleavings, and of the exhaustive search, which explores some more than once: what the runtime
// does inside may be anything to it.
TEST(DistinctSchedules, OfTasksAreFoundByTheExhaustiveSearch) {
  const auto all = search_all_interleavings({}, 100'000, send_to_one_of_two_tasks);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->orders.size(), 5U);
  const report proved =
      explore({.strategy = heddle::check::exhaustive{}, .schedules = 0, .weak_memory = false, .races = false},
              send_to_one_of_two_tasks);
  EXPECT_TRUE(proved.proved) << proved.text();
  EXPECT_EQ(proved.distinct, 5U);
  EXPECT_LT(proved.schedules, all->executions);
}

// At granularity::task nothing is known of what a step touches: every order of the steps counts.
TEST(DistinctSchedules, AtTheGranularityOfTasksAreTheOrdersOfSteps) {
  const auto steps = [](heddle::check::granularity level) {
    return explore({.strategy = heddle::check::random{}, .schedules = enough, .granularity = level},
                   [] {
                     heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
                     on.block_on(in_two_tasks(words::own));
                   })
        .distinct;
  };
  EXPECT_EQ(steps(heddle::check::granularity::sync), 4U);
  EXPECT_GT(steps(heddle::check::granularity::task), 20U);
}

}  // namespace
