// Being stuck, on plain threads: cycles, signals that came too early, and what never comes.
#include "../support.hpp"

#include <heddle/hooks.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

machine_options as_the_checker_does() {
  machine_options options;
  options.races = true;
  options.weak_memory = true;
  return options;
}

template <typename Body>
failure first_failure(Body body, machine_options options = as_the_checker_does()) {
  const summary all = run_schedules(300, body, options);
  EXPECT_FALSE(all.failures.empty()) << "nothing found";
  return all.failures.empty() ? failure() : all.failures.front();
}

template <typename Body>
void expect_never_stuck(Body body) {
  const summary all = run_schedules(300, body, as_the_checker_does());
  EXPECT_EQ(all.failed, 0u) << all.failures.front().message;
}

long futex(std::atomic<int>& word, int operation, int value) {
  return syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

// ---------------------------------------------------------------- cycles

TEST(Deadlock, a_cycle_of_locks_is_named_from_lock_to_lock) {
  const failure found = first_failure([] {
    std::mutex a;
    std::mutex b;
    std::thread other([&] {
      const std::lock_guard first(b);
      const std::lock_guard second(a);
    });
    {
      const std::lock_guard first(a);
      const std::lock_guard second(b);
    }
    other.join();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  EXPECT_THAT(found.message, MatchesRegex("a cycle: thread 0 waits for lock #., held by thread 1, which waits for lock "
                                          "#., held by thread 0"));
  EXPECT_EQ(found.thread, 0u);
}

TEST(Deadlock, a_lock_taken_twice_is_a_deadlock_with_oneself) {
  const failure found = first_failure([] {
    std::mutex mutex;
    const std::lock_guard first(mutex);
    mutex.lock();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  EXPECT_THAT(found.message, MatchesRegex("thread 0 waits for lock #., which it holds itself"));
}

TEST(Deadlock, a_reader_that_wants_to_write_waits_for_itself) {
  const failure found = first_failure([] {
    std::shared_mutex mutex;
    const std::shared_lock reading(mutex);
    mutex.lock();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  EXPECT_THAT(found.message, MatchesRegex("thread 0 waits for lock #., which it holds for reading itself"));
}

TEST(Deadlock, a_cycle_through_readers_names_them) {
  const failure found = first_failure([] {
    std::shared_mutex shared;
    std::mutex mutex;
    std::thread reader([&] {
      const std::shared_lock reading(shared);
      const std::lock_guard inner(mutex);
    });
    {
      const std::lock_guard outer(mutex);
      const std::lock_guard writing(shared);
    }
    reader.join();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  EXPECT_THAT(found.message, HasSubstr("held for reading by thread 1, which waits for lock"));
}

TEST(Deadlock, joining_who_wants_what_one_holds_is_a_cycle) {
  const failure found = first_failure([] {
    std::mutex mutex;
    std::thread other([&] { const std::lock_guard lock(mutex); });
    const std::lock_guard lock(mutex);
    other.join();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  EXPECT_THAT(found.message, HasSubstr("thread 0 waits for the end of thread 1, which waits for lock"));
}

TEST(Deadlock, what_never_comes_is_told_along_the_chain_from_the_main_thread) {
  const failure found = first_failure([] {
    std::binary_semaphore never(0);
    std::mutex mutex;
    std::thread other([&] {
      const std::lock_guard lock(mutex);
      never.acquire();
    });
    while (mutex.try_lock()) {
      mutex.unlock();
      std::this_thread::yield();
    }
    mutex.lock();
    other.join();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  EXPECT_THAT(found.message, HasSubstr("cannot happen any more: thread 0 waits for lock #"));
  EXPECT_THAT(found.message, HasSubstr("held by thread 1"));
}

// ---------------------------------------------------------------- lost wakeups

// A gate whose keeper notifies once, and who passes without looking whether it is open.
TEST(LostWakeup, a_notification_before_the_wait_is_named_with_its_place) {
  const failure found = first_failure([] {
    std::mutex mutex;
    std::condition_variable opened;
    bool is_open = false;
    std::thread keeper([&] {
      {
        const std::lock_guard lock(mutex);
        is_open = true;
      }
      opened.notify_one();
    });
    {
      std::unique_lock lock(mutex);
      opened.wait(lock);
    }
    keeper.join();
  });
  EXPECT_EQ(found.kind, failure_kind::lost_wakeup) << found.message;
  EXPECT_THAT(found.message,
              MatchesRegex("thread 0 waits for a notification of condition variable #., and the last one "
                           "came before it waited"));
  EXPECT_EQ(found.thread, 0u);
  ASSERT_EQ(found.related.size(), 1u);
  EXPECT_THAT(found.related[0].title,
              MatchesRegex("thread 1, where it signalled, at step .* of .*: nobody waited yet"));
  EXPECT_FALSE(found.related[0].stack.empty());
}

TEST(LostWakeup, a_state_that_changes_without_the_mutex_loses_the_notification) {
  const failure found = first_failure([] {
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<bool> done{false};
    std::thread other([&] {
      done = true;
      changed.notify_all();
    });
    {
      std::unique_lock lock(mutex);
      while (!done) changed.wait(lock);
    }
    other.join();
  });
  EXPECT_EQ(found.kind, failure_kind::lost_wakeup) << found.message;
}

TEST(LostWakeup, waiting_for_a_state_set_under_the_mutex_loses_none) {
  expect_never_stuck([] {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::thread other([&] {
      {
        const std::lock_guard lock(mutex);
        done = true;
      }
      changed.notify_all();
    });
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return done; });
    }
    other.join();
  });
}

// The consumer wants one more than is made: it has looked, so no notification is to blame.
TEST(LostWakeup, who_looked_after_the_notification_and_waits_all_the_same_has_missed_none) {
  const summary all = run_schedules(
      300,
      [] {
        std::mutex mutex;
        std::condition_variable changed;
        int made = 0;
        std::thread producer([&] {
          {
            const std::lock_guard lock(mutex);
            made = 1;
          }
          changed.notify_one();
        });
        {
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return made == 2; });
        }
        producer.join();
      },
      as_the_checker_does());
  ASSERT_EQ(all.failed, all.schedules);
  machine on(as_the_checker_does());
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    seeded_source source(seed);
    const execution_result& one = on.run(source, [] {
      std::mutex mutex;
      std::condition_variable changed;
      int made = 0;
      std::thread producer([&] {
        {
          const std::lock_guard lock(mutex);
          made = 1;
        }
        changed.notify_one();
      });
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return made == 2; });
      }
      producer.join();
    });
    ASSERT_FALSE(one.failures.empty());
    EXPECT_EQ(one.failures[0].kind, failure_kind::deadlock) << "seed " << seed << ": " << one.failures[0].message;
  }
}

TEST(LostWakeup, a_word_that_changes_without_a_wake_leaves_its_sleeper) {
  const failure found = first_failure([] {
    std::atomic<int> word{0};
    std::thread other([&] { word = 1; });
    futex(word, FUTEX_WAIT, 0);
    other.join();
  });
  EXPECT_EQ(found.kind, failure_kind::lost_wakeup) << found.message;
  EXPECT_THAT(found.message, HasSubstr("has changed: nobody woke it"));
  expect_never_stuck([] {
    std::atomic<int> word{0};
    std::thread other([&] {
      word = 1;
      futex(word, FUTEX_WAKE, 1);
    });
    futex(word, FUTEX_WAIT, 0);
    other.join();
  });
}

TEST(LostWakeup, a_futex_wake_that_changes_nothing_wakes_nobody_later) {
  const failure found = first_failure([] {
    std::atomic<int> word{0};
    std::thread other([&] { futex(word, FUTEX_WAKE, 1); });
    futex(word, FUTEX_WAIT, 0);
    other.join();
  });
  EXPECT_EQ(found.kind, failure_kind::lost_wakeup) << found.message;
  ASSERT_EQ(found.related.size(), 1u);
}

// A lock of atomics whose owner ends without unlocking: its earlier wakes found nobody, and were right to.
TEST(LostWakeup, the_wakes_of_a_lock_that_was_free_are_not_to_blame) {
  const failure found = first_failure([] {
    std::atomic<int> word{0};
    const auto lock = [&] {
      while (word.exchange(1) != 0) futex(word, FUTEX_WAIT, 1);
    };
    lock();
    word = 0;
    futex(word, FUTEX_WAKE, 1);
    lock();
    std::thread other(lock);
    other.join();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock) << found.message;
}

// ---------------------------------------------------------------- tasks, as told by the hooks

// The main thread polls tasks as told, and then waits for ever.
void wait_for_ever() {
  std::atomic<bool> never{false};
  never.wait(false);
}

TEST(Deadlock, tasks_that_lock_in_opposite_orders_are_a_cycle) {
  const failure found = first_failure([] {
    const int tasks[2]{};
    const int locks[2]{};
    hooks::task_number numbers[2];
    for (int i = 0; i < 2; ++i) {
      const hooks::operation_scope spawn(hooks::operation::spawn, &tasks[i]);
      numbers[i] = hooks::task_spawned(&tasks[i], nullptr, {});
    }
    for (int i = 0; i < 2; ++i) {
      const hooks::poll_scope poll(&tasks[i], numbers[i]);
      hooks::lock_taken(&locks[i]);
      hooks::waker_made(&tasks[i], numbers[i]);
      hooks::blocked_on("sync::mutex", &locks[1 - i]);
    }
    wait_for_ever();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  EXPECT_THAT(found.message, MatchesRegex("a cycle: task 1 waits for sync::mutex #.*, held by task 2, which waits for "
                                          "sync::mutex #.*, held by task 1"));
  EXPECT_EQ(found.task, 1u);
  ASSERT_EQ(found.tasks.size(), 2u);
  EXPECT_THAT(found.tasks[0].waiting_for, HasSubstr(", held by task 2"));
}

TEST(LostWakeup, a_suspended_task_whose_last_waker_was_dropped_cannot_be_woken) {
  const failure found = first_failure([] {
    const int task = 0;
    const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
    {
      const hooks::poll_scope poll(&task, number);
      hooks::await_begins({.file = "a.cpp", .function = "waits", .line = 7});
      hooks::waker_made(&task, number);
    }
    hooks::waker_gone(&task, number, hooks::waker_end::dropped);
    wait_for_ever();
  });
  EXPECT_EQ(found.kind, failure_kind::lost_wakeup);
  EXPECT_EQ(found.message, "task 1 is suspended, and nobody can wake it any more: its last waker was dropped");
  EXPECT_EQ(found.line, 7u);
  ASSERT_EQ(found.related.size(), 1u);
  EXPECT_EQ(found.related[0].title, "thread 0, where it dropped the last waker");
}

TEST(LostWakeup, a_suspended_task_whose_waker_is_kept_is_not_beyond_waking) {
  const failure found = first_failure([] {
    const int task = 0;
    const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
    {
      const hooks::poll_scope poll(&task, number);
      hooks::waker_made(&task, number);
      hooks::waker_made(&task, number);
    }
    hooks::waker_gone(&task, number, hooks::waker_end::dropped);
    wait_for_ever();
  });
  EXPECT_EQ(found.kind, failure_kind::deadlock);
}

}  // namespace
}  // namespace heddle::sim::testing
