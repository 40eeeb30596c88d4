// What is legal and rare: condition variables that wake of themselves, timeouts in the middle of work.
#include "../support.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

namespace heddle::sim::testing {
namespace {

using namespace std::chrono_literals;

void wait_without_a_predicate() {
  std::mutex mutex;
  std::condition_variable condition;
  bool ready = false;
  std::unique_lock lock(mutex);
  std::thread notifier([&] {
    const std::lock_guard own(mutex);
    ready = true;
    condition.notify_one();
  });
  condition.wait(lock);
  check(ready, "woken without a notification");
  lock.unlock();
  notifier.join();
}

machine_options with_budget(std::uint32_t budget) {
  machine_options options;
  options.spurious_wakeups = budget;
  return options;
}

TEST(Spurious, a_wait_without_a_predicate_is_found_when_asked_for) {
  EXPECT_EQ(run_schedules(200, &wait_without_a_predicate).failed, 0u);
  const summary all = run_schedules(200, &wait_without_a_predicate, with_budget(1));
  EXPECT_GT(all.failed, 0u);
  EXPECT_LT(all.failed, 200u);
}

TEST(Spurious, loops_that_look_again_are_sound_and_end) {
  const summary all = run_schedules(
      200,
      [] {
        std::mutex mutex;
        std::condition_variable condition;
        int turn = 0;
        const auto play = [&](int own) {
          for (int i = 0; i < 3; ++i) {
            std::unique_lock lock(mutex);
            condition.wait(lock, [&] { return turn == own; });
            turn = 1 - own;
            condition.notify_all();
          }
        };
        std::thread other(play, 1);
        play(0);
        other.join();
      },
      with_budget(1'000));
  EXPECT_EQ(all.failed, 0u);
}

// How many condition waits of a hundred return without a notification.
int spurious_returns(std::uint32_t budget) {
  int returned = 0;
  const execution_result result = run_once(
      [&] {
        pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
        pthread_mutex_lock(&mutex);
        for (int i = 0; i < 100; ++i) {
          timespec soon{};
          clock_gettime(CLOCK_REALTIME, &soon);
          ++soon.tv_sec;
          if (pthread_cond_timedwait(&condition, &mutex, &soon) == 0) ++returned;
        }
        pthread_mutex_unlock(&mutex);
      },
      1, with_budget(budget));
  EXPECT_EQ(first_message(result), "");
  return returned;
}

TEST(Spurious, the_budget_is_kept) {
  EXPECT_EQ(spurious_returns(0), 0);
  EXPECT_EQ(spurious_returns(5), 5);
}

TEST(Spurious, a_timeout_may_come_before_others_have_gone_on_and_is_late_by_the_clock) {
  const auto early = [](std::uint32_t budget) {
    int timeouts = 0;
    const summary all = run_schedules(
        200,
        [&] {
          std::mutex mutex;
          std::condition_variable condition;
          std::counting_semaphore<> permits{0};
          bool ready = false;
          std::thread notifier([&] {
            const std::lock_guard own(mutex);
            ready = true;
            condition.notify_one();
            permits.release();
          });
          {
            const auto deadline = std::chrono::steady_clock::now() + 1h;
            std::unique_lock lock(mutex);
            if (!condition.wait_until(lock, deadline, [&] { return ready; })) {
              ++timeouts;
              check(std::chrono::steady_clock::now() >= deadline, "out of time before its deadline");
            }
          }
          if (!permits.try_acquire_for(1h)) ++timeouts;
          notifier.join();
        },
        with_budget(budget));
    EXPECT_EQ(all.failed, 0u);
    return timeouts;
  };
  EXPECT_EQ(early(0), 0);
  EXPECT_GT(early(2), 0);
}

}  // namespace
}  // namespace heddle::sim::testing
