// That the exhaustive search misses nothing and does nothing twice: against published counts, against the search of all
// interleavings on random programs, and against hand-counted programs with each kind of blocking.
#include "heddle/gtest.hpp"
#include "random_program.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <semaphore.h>

namespace {

namespace check = heddle::check;
namespace sim = heddle::sim;
using check::finding_kind;
using check::report;
using check::testing_programs::all_interleavings;
using check::testing_programs::in_threads;
using check::testing_programs::program_search;
using check::testing_programs::random_program;

report explore_all(const std::function<void()>& body) {
  return check::explore({.strategy = check::exhaustive{}, .schedules = 0, .races = false}, [&body] { body(); });
}

// ---------------------------------------------------------------- published counts

struct counted {
  const char* name;
  std::uint64_t executions;
  std::function<void()> body;
};

void writers(std::size_t count) {
  std::atomic<std::size_t> x{0};
  in_threads(count, [&x](std::size_t i) { x.store(i); });
}

void readers(std::size_t count) {
  std::atomic<int> x{0};
  in_threads(count + 1, [&x](std::size_t i) {
    if (i == 0) {
      x.store(42);
    } else {
      x.load();
    }
  });
}

void last_zero(std::size_t count) {
  std::vector<std::atomic<int>> array(count + 1);
  in_threads(count + 1, [&](std::size_t i) {
    if (i > 0) {
      array[i].store(array[i - 1].load() + 1);
      return;
    }
    for (std::size_t at = count; array[at].load() != 0;) --at;
  });
}

void indexer(std::size_t count) {
  constexpr std::size_t size = 128;
  std::vector<std::atomic<std::size_t>> table(size);
  in_threads(count, [&table](std::size_t i) {
    for (std::size_t m = 1; m <= 4; ++m) {
      const std::size_t message = m * 11 + i;
      std::size_t expected = 0;
      for (std::size_t at = message * 7 % size; !table[at].compare_exchange_strong(expected, message);
           at = (at + 1) % size)
        expected = 0;
    }
  });
}

void file_system(std::size_t count) {
  constexpr std::size_t blocks = 26;
  constexpr std::size_t inodes = 32;
  std::array<std::mutex, inodes> inode_locks;
  std::array<std::mutex, blocks> block_locks;
  std::array<std::size_t, inodes> inode{};
  std::array<bool, blocks> busy{};
  in_threads(count, [&](std::size_t i) {
    const std::lock_guard held(inode_locks.at(i % inodes));
    if (inode.at(i % inodes) != 0) return;
    for (std::size_t block = i * 2 % blocks;; block = (block + 1) % blocks) {
      const std::lock_guard block_held(block_locks.at(block));
      if (busy.at(block)) continue;
      busy.at(block) = true;
      inode.at(i % inodes) = block + 1;
      return;
    }
  });
}

void increments(std::size_t count, int times) {
  std::atomic<int> x{0};
  in_threads(count, [&x, times](std::size_t) {
    for (int i = 0; i < times; ++i) x.store(x.load() + 1);
  });
}

void atomic_increments(std::size_t count, std::size_t variables) {
  std::vector<std::atomic<int>> all(variables);
  in_threads(count, [&all](std::size_t) {
    for (auto& one : all) one.fetch_add(1);
  });
}

void locked_increments(std::size_t count) {
  std::mutex lock;
  int x = 0;
  in_threads(count, [&](std::size_t) {
    const std::lock_guard held(lock);
    ++x;
  });
}

void store_buffering() {
  std::array<std::atomic<int>, 2> x{};
  in_threads(2, [&x](std::size_t i) {
    x.at(i).store(1);
    x.at(1 - i).load();
  });
}

void independent_reads() {
  std::array<std::atomic<int>, 2> x{};
  in_threads(4, [&x](std::size_t i) {
    if (i < 2) {
      x.at(i).store(1);
      return;
    }
    x.at(i - 2).load();
    x.at(3 - i).load();
  });
}

// Each waits for what the one before it does, but only looks once.
void rotate(std::size_t count) {
  std::atomic<std::size_t> x{0};
  in_threads(count, [&x](std::size_t i) { x.compare_exchange_strong(i, i + 1); });
}

void claim_and_write(std::size_t count) {
  std::atomic<std::size_t> x{0};
  in_threads(count, [&x](std::size_t i) {
    std::size_t unclaimed = 0;
    x.compare_exchange_strong(unclaimed, 1);
    x.store(i + 3);
  });
}

void PrintTo(const counted& one, std::ostream* out) {
  *out << one.name;
}

class Published : public testing::TestWithParam<counted> {};

// The counts of GenMC and of Nidhugg's optimal mode, under sequential consistency.
TEST_P(Published, CountIsReproduced) {
  const report result = explore_all(GetParam().body);
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_TRUE(result.proved);
  EXPECT_EQ(result.schedules, GetParam().executions);
  EXPECT_EQ(result.distinct, GetParam().executions);
}

INSTANTIATE_TEST_SUITE_P(
    Exhaustive, Published,
    testing::Values(
        counted{"writers_3", 6, [] { writers(3); }}, counted{"writers_6", 720, [] { writers(6); }},
        counted{"readers_3", 8, [] { readers(3); }}, counted{"readers_8", 256, [] { readers(8); }},
        counted{"lastzero_3", 12, [] { last_zero(3); }}, counted{"lastzero_8", 704, [] { last_zero(8); }},
        counted{"lastzero_10", 3328, [] { last_zero(10); }}, counted{"indexer_12", 8, [] { indexer(12); }},
        counted{"indexer_14", 512, [] { indexer(14); }}, counted{"filesystem_16", 8, [] { file_system(16); }},
        counted{"filesystem_20", 128, [] { file_system(20); }}, counted{"counter_3x2", 7134, [] { increments(3, 2); }},
        counted{"ainc_5", 120, [] { atomic_increments(5, 1); }}, counted{"binc_3", 36, [] { atomic_increments(3, 2); }},
        counted{"cinc_3", 216, [] { atomic_increments(3, 3); }},
        counted{"lockinc_5", 120, [] { locked_increments(5); }}, counted{"sb", 3, [] { store_buffering(); }},
        counted{"iriw", 15, [] { independent_reads(); }}, counted{"casrot_4", 14, [] { rotate(4); }},
        counted{"casrot_6", 144, [] { rotate(6); }}, counted{"casw_2", 6, [] { claim_and_write(2); }},
        counted{"casw_3", 66, [] { claim_and_write(3); }}),
    [](const testing::TestParamInfo<counted>& one) { return std::string(one.param.name); });

// ---------------------------------------------------------------- against all interleavings

struct exhaustive_search {
  report result;
  std::set<std::string> texts;
};

exhaustive_search exhaustively(const random_program& program) {
  exhaustive_search all;
  all.result = explore_all([&] {
    const std::string text = program.run();
    const sim::host_scope host;
    all.texts.insert(std::string(text.data(), text.size()));
  });
  EXPECT_TRUE(all.result.proved) << all.result.text();
  return all;
}

void expect_each_class_once(const random_program& program, const program_search& expected) {
  const exhaustive_search found = exhaustively(program);
  EXPECT_EQ(found.texts, expected.texts);
  EXPECT_EQ(found.result.schedules, expected.texts.size());
  EXPECT_EQ(found.result.distinct, expected.texts.size());
  EXPECT_EQ(expected.orders.size(), expected.texts.size());
}

TEST(Exhaustive, ExploresEachClassOfInterleavingsOnceOnRandomPrograms) {
  int compared = 0;
  for (std::uint64_t seed = 1; compared < 60; ++seed) {
    SCOPED_TRACE(seed);
    const random_program program(seed, random_program::kinds_with_classes);
    const auto expected = all_interleavings(program, 10'000);
    if (!expected) continue;
    ++compared;
    expect_each_class_once(program, *expected);
  }
}

// One that fails looks at the word, and may succeed in another order; one that succeeds may fail.
TEST(Exhaustive, ExploresEachClassOnceWhereCompareExchangesFail) {
  int compared = 0;
  // Among them is one of which executions are missed when what fails is taken to fail in every order.
  for (std::uint64_t seed = 150; compared < 100; ++seed) {
    SCOPED_TRACE(seed);
    const random_program program = random_program::of_comparisons(seed);
    const auto expected = all_interleavings(program, 10'000);
    if (!expected) continue;
    ++compared;
    expect_each_class_once(program, *expected);
  }
}

// With what waits, the orders of two executions may differ while their texts are the same.
TEST(Exhaustive, ReachesEveryOrderOfRandomProgramsThatWaitOnce) {
  int compared = 0;
  for (std::uint64_t seed = 1; compared < 100; ++seed) {
    const random_program program(seed, random_program::kinds_all);
    const auto expected = all_interleavings(program, 10'000);
    if (!expected) continue;
    ++compared;
    const exhaustive_search found = exhaustively(program);
    EXPECT_EQ(found.texts, expected->texts) << "seed " << seed;
    EXPECT_EQ(found.result.distinct, expected->orders.size()) << "seed " << seed;
    EXPECT_EQ(found.result.schedules, expected->orders.size()) << "seed " << seed;
  }
}

// ---------------------------------------------------------------- blocking, choices, time

// The values of `what` in all executions, after a search that must prove and never repeat itself in `executions`.
template <typename Body>
std::set<int> outcomes(std::uint64_t executions, Body body) {
  std::set<int> seen;
  const report result = explore_all([&] {
    const int value = body();
    const sim::host_scope host;
    seen.insert(value);
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_TRUE(result.proved);
  EXPECT_EQ(result.schedules, executions);
  EXPECT_EQ(result.distinct, executions);
  return seen;
}

TEST(Exhaustive, ConditionVariableIsWaitedForOrNot) {
  // Who takes the lock first; and when it is the waiter, the notification comes before it looks again.
  EXPECT_EQ(outcomes(2,
                     [] {
                       std::mutex lock;
                       std::condition_variable ready;
                       bool done = false;
                       int waits = 0;
                       std::thread other([&] {
                         const std::lock_guard held(lock);
                         done = true;
                         ready.notify_one();
                       });
                       {
                         std::unique_lock held(lock);
                         while (!done) {
                           ++waits;
                           ready.wait(held);
                         }
                       }
                       other.join();
                       return waits;
                     }),
            (std::set{0, 1}));
}

TEST(Exhaustive, WaitersOfAConditionVariableComeBackInEveryOrder) {
  // Who takes the lock in which order. None waits: 2 orders behind the one that notifies. One waits: either, and it
  // comes back before or after the other comes: 4. Both wait: 2 orders before and 2 after: 4.
  EXPECT_EQ(outcomes(2 + 4 + 4,
                     [] {
                       std::mutex lock;
                       std::condition_variable ready;
                       bool done = false;
                       int waits = 0;
                       in_threads(3, [&](std::size_t i) {
                         std::unique_lock held(lock);
                         if (i == 2) {
                           done = true;
                           ready.notify_all();
                           return;
                         }
                         while (!done) {
                           ++waits;
                           ready.wait(held);
                         }
                       });
                       return waits;
                     }),
            (std::set{0, 1, 2}));
}

TEST(Exhaustive, ANotificationComesBeforeTheWaitOrEndsItBeforeItsDeadline) {
  using namespace std::chrono_literals;
  EXPECT_EQ(outcomes(2,
                     [] {
                       std::mutex lock;
                       std::condition_variable ready;
                       std::thread other([&ready] { ready.notify_one(); });
                       std::unique_lock held(lock);
                       const bool late = ready.wait_for(held, 1s) == std::cv_status::timeout;
                       held.unlock();
                       other.join();
                       return late ? 1 : 0;
                     }),
            (std::set{0, 1}));
}

TEST(Exhaustive, NotifyOneReachesEachWaiter) {
  std::set<int> first;
  const report result = explore_all([&first] {
    std::mutex lock;
    std::condition_variable ready;
    int waiting = 0;
    int woken = -1;
    in_threads(3, [&](std::size_t i) {
      std::unique_lock held(lock);
      if (i < 2) {
        ++waiting;
        ready.wait(held);
        if (woken == -1) woken = static_cast<int>(i);
        ready.notify_one();
      } else if (waiting == 2) {
        ready.notify_one();
      } else {
        woken = 2;
        ready.notify_all();
        waiting = -10;
      }
      if (waiting < 0) ready.notify_all();
    });
    const sim::host_scope host;
    first.insert(woken);
  });
  // The execution in which the third thread came first leaves the others waiting for ever.
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.findings[0].kind, finding_kind::lost_wakeup);
}

TEST(Exhaustive, SemaphoreLimitsHowManyAreInside) {
  // Who comes first, and whether the other one comes while it is inside.
  EXPECT_THAT(outcomes(4,
                       [] {
                         sem_t places;
                         sem_init(&places, 0, 1);
                         std::atomic<int> order{0};
                         in_threads(2, [&](std::size_t i) {
                           sem_wait(&places);
                           order.store(order.load() * 10 + static_cast<int>(i) + 1);
                           sem_post(&places);
                         });
                         return order.load();
                       }),
              testing::ElementsAre(12, 21));
}

TEST(Exhaustive, AFailedTryLockComesBeforeTheLockIsGivenBack) {
  // Two orders of the two that wait, and the third before, inside, between, inside, or after them.
  EXPECT_EQ(outcomes(10,
                     [] {
                       std::mutex lock;
                       int inside = 0;
                       bool got = false;
                       in_threads(3, [&](std::size_t i) {
                         if (i < 2) {
                           const std::lock_guard held(lock);
                           ++inside;
                         } else if (lock.try_lock()) {
                           got = true;
                           lock.unlock();
                         }
                       });
                       return got ? 1 : 0;
                     }),
            (std::set{0, 1}));
}

TEST(Exhaustive, AnswersOfTheTestAreAllTried) {
  EXPECT_EQ(outcomes(6,
                     [] {
                       const int first = static_cast<int>(check::choose(3));
                       int second = 0;
                       std::thread other([&second] { second = static_cast<int>(check::choose(2)); });
                       other.join();
                       return first * 2 + second;
                     }),
            (std::set{0, 1, 2, 3, 4, 5}));
}

TEST(Exhaustive, ChoicesAndOrdersCombine) {
  // Each of two threads stores one of two values: 4 pairs of values in 2 orders.
  EXPECT_EQ(outcomes(8,
                     [] {
                       std::atomic<int> x{0};
                       in_threads(2, [&x](std::size_t i) {
                         x.store(static_cast<int>(2 * i) + static_cast<int>(check::choose(2)));
                       });
                       return x.load();
                     }),
            (std::set{0, 1, 2, 3}));
}

TEST(Exhaustive, ADeadlineComesAfterAllThatCanRun) {
  using namespace std::chrono_literals;
  EXPECT_EQ(outcomes(1,
                     [] {
                       std::atomic<int> x{0};
                       std::thread late([&x] {
                         std::this_thread::sleep_for(1s);
                         x.store(2);
                       });
                       std::thread early([&x] { x.store(1); });
                       late.join();
                       early.join();
                       return x.load();
                     }),
            (std::set{2}));
}

TEST(Exhaustive, OnceIsDoneByEither) {
  std::set<int> by;
  const report result = explore_all([&by] {
    std::once_flag flag;
    int who = -1;
    in_threads(2, [&](std::size_t i) { std::call_once(flag, [&who, i] { who = static_cast<int>(i); }); });
    const sim::host_scope host;
    by.insert(who);
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(by, (std::set{0, 1}));
}

// ---------------------------------------------------------------- what it finds and says

void take_both(bool in_one_order) {
  std::mutex left;
  std::mutex right;
  in_threads(2, [&](std::size_t i) {
    const bool left_first = in_one_order || i == 0;
    const std::lock_guard first(left_first ? left : right);
    const std::lock_guard second(left_first ? right : left);
  });
}

TEST(Exhaustive, FindsTheDeadlockAndItsTokenReplaysIt) {
  const report broken = explore_all([] { take_both(false); });
  ASSERT_TRUE(broken.failed());
  EXPECT_EQ(broken.findings.size(), 1U) << broken.text();
  EXPECT_EQ(broken.findings[0].kind, finding_kind::deadlock);
  EXPECT_FALSE(broken.proved);
  EXPECT_THAT(broken.findings[0].token, testing::ContainsRegex("^h1-exhaustive-sync-.*-r[a-z2-7]+-"));
}

TEST(Exhaustive, SaysThatOneScheduleIsAll) {
  EXPECT_THAT(explore_all([] {}).summary(), testing::HasSubstr("proved, all of 1 schedule, 1 distinct"));
}

TEST(Exhaustive, ProvesTheCorrectedProgram) {
  const report fixed = explore_all([] { take_both(true); });
  EXPECT_TRUE(fixed.proved);
  EXPECT_EQ(fixed.schedules, 2U);
  EXPECT_THAT(fixed.summary(), testing::HasSubstr("proved, all of 2 schedules"));
}

TEST(Exhaustive, ALimitThatComesFirstIsNoProof) {
  const report some = check::explore({.strategy = check::exhaustive{}, .schedules = 100}, [] { writers(6); });
  EXPECT_FALSE(some.proved);
  EXPECT_EQ(some.schedules, 100U);
}

TEST(Exhaustive, EstimatesWhatShareOfAllIsExplored) {
  const auto share_after = [](std::uint64_t schedules) {
    return check::explore({.strategy = check::exhaustive{}, .schedules = schedules, .races = false},
                          [] { readers(8); })  // 256 executions
        .explored;
  };
  // Branches are found where an execution had a race, the early ones last: what is left may be more.
  ASSERT_TRUE(share_after(64));
  EXPECT_GE(*share_after(64), 64.0 / 256);
  EXPECT_LT(*share_after(64), *share_after(192));
  EXPECT_LT(*share_after(192), *share_after(255));
  EXPECT_LT(*share_after(255), 1);
  EXPECT_FALSE(share_after(0)) << "a proof leaves nothing to estimate";
}

TEST(Exhaustive, AnAuditOfEveryScheduleChangesNothing) {
  const report all =
      check::explore({.strategy = check::exhaustive{}, .schedules = 0, .audit = 1}, [] { increments(2, 2); });
  EXPECT_TRUE(all.proved) << all.text();
  EXPECT_EQ(all.schedules, explore_all([] { increments(2, 2); }).schedules);
}

// ---------------------------------------------------------------- granularity::task

report explore_steps(const std::function<void()>& body) {
  return check::explore(
      {.strategy = check::exhaustive{}, .schedules = 0, .granularity = check::granularity::task, .races = false},
      [&body] { body(); });
}

struct alignas(64) own_words {
  std::atomic<int> word{0};
  int plain = 0;
  std::mutex lock;
};

TEST(ExhaustiveSteps, ThatAreIndependentAreNotPermuted) {
  const report result = explore_steps([] {
    std::array<own_words, 4> all;
    in_threads(4, [&all](std::size_t thread) {
      own_words& own = all.at(thread);
      const std::lock_guard held(own.lock);
      own.plain = own.word.fetch_add(1) + 1;
    });
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.schedules, 1U);
}

TEST(ExhaustiveSteps, ThatWriteOnePlainVariableComeInEveryOrder) {
  std::set<int> seen;
  const report result = explore_steps([&seen] {
    int order = 0;
    in_threads(3, [&order](std::size_t thread) { order = 10 * order + static_cast<int>(thread); });
    const sim::host_scope host;
    seen.insert(order);
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.schedules, 6U);
  EXPECT_THAT(seen, testing::ElementsAre(12, 21, 102, 120, 201, 210));
}

TEST(ExhaustiveSteps, ThatReadAPlainVariableComeBeforeOrAfterItsWriteAndInNoOrder) {
  const report result = explore_steps([] {
    int value = 0;
    std::array<own_words, 4> seen;
    in_threads(4, [&](std::size_t thread) {
      if (thread == 0) {
        value = 1;
      } else {
        seen.at(thread).plain = value;
      }
    });
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.schedules, 8U);
}

TEST(ExhaustiveSteps, ThatCopyMemoryConflictByAllOfIt) {
  const report result = explore_steps([] {
    std::array<long, 8> from{};
    std::array<long, 8> to{};
    in_threads(2, [&](std::size_t thread) {
      if (thread == 0) {
        // g++ copies what it knows the size of without telling.
        const volatile std::size_t size = sizeof from;
        std::memcpy(to.data(), from.data(), size);
      } else {
        from.back() = 1;
      }
    });
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.schedules, 2U);
}

TEST(ExhaustiveSteps, ThatReadAStringConflictByAllOfIt) {
  std::set<std::size_t> lengths;
  const report result = explore_steps([&lengths] {
    std::array<char, 32> text{};
    text.fill('x');
    text.back() = '\0';
    std::size_t length = 0;
    in_threads(2, [&](std::size_t thread) {
      if (thread == 0) {
        length = std::strlen(text.data());
      } else {
        text.at(20) = '\0';
      }
    });
    const sim::host_scope host;
    lengths.insert(length);
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.schedules, 2U);
  EXPECT_THAT(lengths, testing::ElementsAre(20U, 31U));
}

TEST(ExhaustiveSteps, ThatTakeOneLockComeInEveryOrder) {
  const report result = explore_steps([] {
    std::mutex lock;
    std::array<own_words, 3> all;
    in_threads(3, [&](std::size_t thread) {
      const std::lock_guard held(lock);
      all.at(thread).plain = 1;
    });
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.schedules, 6U);
}

// An atomic operation that leaves its word as it was changes nothing for others.
TEST(ExhaustiveSteps, ThatFailToExchangeComeInNoOrder) {
  const report result = explore_steps([] {
    std::atomic<int> word{0};
    in_threads(3, [&](std::size_t) {
      int expected = 1;
      word.compare_exchange_strong(expected, 2);
    });
  });
  EXPECT_TRUE(result.proved) << result.text();
  EXPECT_EQ(result.schedules, 1U);
}

}  // namespace
