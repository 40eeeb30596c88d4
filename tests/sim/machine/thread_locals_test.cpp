// Thread-local variables of virtual threads: at addresses of their own, and at shared ones where that cannot be.
#include "../support.hpp"
#include "machine/tls_blocks.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

thread_local int plain = 5;
thread_local std::atomic<int> counted{3};
// More than what a slot has room for beside the record of a thread.
thread_local std::byte large[300 * 1024];

class ThreadLocals : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { tls_blocks::wanted = GetParam(); }
  void TearDown() override { tls_blocks::wanted = true; }
};

INSTANTIATE_TEST_SUITE_P(At, ThreadLocals, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "addresses_of_their_own" : "shared_addresses"; });

bool have_their_own() {
  return tls_blocks{}.discover();
}

machine_options with_races() {
  machine_options options;
  options.races = true;
  return options;
}

TEST_P(ThreadLocals, begin_anew_in_each_thread) {
  plain = 100;
  const summary all = run_schedules(50, [] {
    check(plain == 5, "the value of the host or of another execution");
    plain = 6;
    for (int i = 0; i < 3; ++i) {
      std::thread([] {
        check(plain == 5 && counted.load() == 3, "the value of another thread");
        check(large[sizeof large - 1] == std::byte{0}, "the bytes of another thread");
        plain = 7;
        counted.store(4);
        large[sizeof large - 1] = std::byte{1};
        std::this_thread::yield();
        check(plain == 7 && counted.load() == 4, "changed by another thread");
      }).join();
    }
    check(plain == 6, "changed by another thread");
  });
  EXPECT_EQ(all.failed, 0u) << all.failures.front().message;
  EXPECT_EQ(plain, 100);
}

TEST_P(ThreadLocals, include_errno) {
  const summary all = run_schedules(50, [] {
    errno = EAGAIN;
    const auto use = [](int value) {
      check(errno == 0, "of another thread");
      errno = value;
      std::this_thread::yield();
      check(errno == value, "changed by another thread");
    };
    std::thread one(use, EINTR);
    std::thread other(use, EBUSY);
    one.join();
    other.join();
    check(errno == EAGAIN, "changed by another thread");
  });
  EXPECT_EQ(all.failed, 0u) << all.failures.front().message;
}

// As queue locks do it, whose waiting threads show each other where they spin.
TEST(ThreadLocals, can_be_reached_from_other_threads) {
  if (!have_their_own()) GTEST_SKIP() << "this system has no FSGSBASE";
  const summary all = run_schedules(
      50,
      [] {
        std::atomic<std::atomic<int>*> waiting{nullptr};
        std::thread waiter([&] {
          counted.store(0);
          waiting.store(&counted);
          while (counted.load() == 0) std::this_thread::yield();
          check(counted.load() == 8, "of another thread");
        });
        while (waiting.load() == nullptr) std::this_thread::yield();
        check(counted.load() == 3 && waiting.load()->load() == 0, "of another thread");
        waiting.load()->store(8);
        waiter.join();
        check(counted.load() == 3, "changed by another thread");
      },
      with_races());
  EXPECT_EQ(all.failed, 0u) << all.failures.front().message;
}

TEST(ThreadLocals, race_when_another_thread_uses_them) {
  if (!have_their_own()) GTEST_SKIP() << "this system has no FSGSBASE";
  const auto use_of_another_thread = [](bool locked) {
    std::mutex lock;
    std::atomic<int*> shown{nullptr};
    std::thread other([&] {
      shown.store(&plain);
      for (int i = 0; i < 2; ++i) {
        if (locked) lock.lock();
        ++plain;
        if (locked) lock.unlock();
      }
      std::this_thread::sleep_for(std::chrono::hours{1});
    });
    while (shown.load() == nullptr) std::this_thread::yield();
    if (locked) lock.lock();
    ++*shown.load();
    if (locked) lock.unlock();
    other.join();
  };
  const summary racing = run_schedules(50, [&] { use_of_another_thread(false); }, with_races());
  EXPECT_EQ(racing.failed, 50u);
  EXPECT_NE(racing.failures.front().message.find("; a thread_local variable of thread 1"), std::string::npos)
      << racing.failures.front().message;
  EXPECT_EQ(run_schedules(50, [&] { use_of_another_thread(true); }, with_races()).failed, 0u);
}

// The second thread has the memory of the first, whose end nobody waited for.
TEST(ThreadLocals, of_a_thread_that_ended_unseen_are_not_the_next_threads) {
  const summary all = run_schedules(
      50,
      [] {
        for (int i = 0; i < 4; ++i) {
          std::thread([] {
            check(plain == 5 && counted.load(std::memory_order_relaxed) == 3, "of the thread before");
            plain = 1;
            counted.store(1, std::memory_order_relaxed);
          }).detach();
          std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
      },
      with_races());
  EXPECT_EQ(all.failed, 0u) << all.failures.front().message;
}

}  // namespace
}  // namespace heddle::sim::testing
