// What docs/limits.md says the machine does not see or do. A test that begins to fail here is good news:
// the limit is gone, and its line with it.
#include "support.hpp"

#include <atomic>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

namespace heddle::sim::testing {
namespace {

TEST(Limits, weak_memory_orders_are_not_explored) {
  const summary all = run_schedules(500, [] {
    std::atomic<int> x{0};
    std::atomic<int> y{0};
    int seen_x = 0;
    int seen_y = 0;
    std::thread one([&] {
      x.store(1, std::memory_order_relaxed);
      seen_y = y.load(std::memory_order_relaxed);
    });
    std::thread two([&] {
      y.store(1, std::memory_order_relaxed);
      seen_x = x.load(std::memory_order_relaxed);
    });
    one.join();
    two.join();
    check(seen_x == 1 || seen_y == 1, "store buffering: C++ allows it, sequential consistency does not");
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Limits, condition_variables_do_not_wake_spuriously) {
  const summary all = run_schedules(200, [] {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    int notified = 0;
    std::thread notifier([&] {
      std::this_thread::sleep_for(std::chrono::seconds{1});
      pthread_mutex_lock(&mutex);
      notified = 1;
      pthread_cond_signal(&condition);
      pthread_mutex_unlock(&mutex);
    });
    pthread_mutex_lock(&mutex);
    pthread_cond_wait(&condition, &mutex);
    check(notified == 1, "woken without a notification: POSIX allows it");
    pthread_mutex_unlock(&mutex);
    notifier.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Limits, pthread_cancel_is_refused_by_name) {
  const execution_result result = run_once([] {
    std::thread other([] {});
    pthread_cancel(other.native_handle());
    other.join();
  });
  EXPECT_NE(first_message(result).find("pthread_cancel"), std::string::npos);
}

TEST(Limits, freed_memory_is_not_watched) {
  const execution_result result = run_once([] {
    auto* const block = static_cast<volatile int*>(malloc(sizeof(int)));
    volatile std::uintptr_t hidden = reinterpret_cast<std::uintptr_t>(block);
    free(const_cast<int*>(block));
    *reinterpret_cast<volatile int*>(hidden) = 1;
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(Limits, a_data_race_is_not_reported_by_itself) {
  const summary all = run_schedules(100, [] {
    volatile int shared = 0;
    std::thread one([&] { shared = 1; });
    std::thread two([&] { shared = 2; });
    one.join();
    two.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

}  // namespace
}  // namespace heddle::sim::testing
