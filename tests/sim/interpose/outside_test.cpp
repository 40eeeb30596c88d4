// Between executions, and for OS threads that are not part of one, every intercepted call is the real
// one: the same object files behave as plain code.
#include "../support.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <semaphore.h>

namespace heddle::sim::testing {
namespace {

using namespace std::chrono_literals;

TEST(Outside, real_threads_run_and_meet) {
  std::mutex mutex;
  std::condition_variable condition;
  std::atomic<int> atomic{0};
  int plain = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10'000; ++j) {
        atomic.fetch_add(1);
        const std::lock_guard lock(mutex);
        ++plain;
      }
      condition.notify_all();
    });
  }
  {
    std::unique_lock lock(mutex);
    condition.wait(lock, [&] { return plain == 40'000; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(atomic.load(), 40'000);
}

TEST(Outside, real_time_passes) {
  const auto before = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(2ms);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 2ms);
}

TEST(Outside, wide_atomics_are_atomic_between_real_threads) {
  __extension__ using wide = unsigned __int128;
  alignas(16) wide shared = 0;
  const auto count = [&] {
    for (int i = 0; i < 10'000; ++i) {
      wide seen = __atomic_load_n(&shared, __ATOMIC_SEQ_CST);
      while (!__atomic_compare_exchange_n(&shared, &seen, seen + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
      }
    }
  };
  std::thread one(count);
  std::thread two(count);
  one.join();
  two.join();
  EXPECT_EQ(static_cast<std::uint64_t>(shared), 20'000u);
}

TEST(Outside, an_os_thread_beside_an_execution_reaches_the_real_functions) {
  std::atomic<bool> stop{false};
  std::atomic<long> rounds{0};
  std::thread outsider([&] {
    std::mutex own;
    std::condition_variable condition;
    while (!stop.load()) {
      std::unique_lock lock(own);
      condition.wait_for(lock, 10us);
      std::vector<int> memory(100);
      free(malloc(memory.size()));
      rounds.fetch_add(1);
    }
  });
  const summary all = run_schedules(2'000, [] {
    std::mutex mutex;
    int count = 0;
    const auto work = [&] {
      const std::lock_guard lock(mutex);
      ++count;
    };
    std::thread one(work);
    std::thread two(work);
    one.join();
    two.join();
    check(count == 2, "lost");
  });
  while (rounds.load() < 10) std::this_thread::sleep_for(1ms);
  stop = true;
  outsider.join();
  EXPECT_EQ(all.failed, 0u);
}

TEST(Outside, objects_made_outside_work_inside_and_again_outside) {
  std::mutex mutex;
  std::condition_variable condition;
  sem_t semaphore;
  sem_init(&semaphore, 0, 2);
  {
    const std::lock_guard lock(mutex);
  }
  const summary all = run_schedules(20, [&] {
    bool ready = false;
    std::thread other([&] {
      const std::lock_guard lock(mutex);
      ready = true;
      condition.notify_one();
    });
    std::unique_lock lock(mutex);
    condition.wait(lock, [&] { return ready; });
    lock.unlock();
    other.join();
    check(sem_trywait(&semaphore) == 0 && sem_trywait(&semaphore) == 0, "the count set outside is lost");
  });
  EXPECT_EQ(all.failed, 0u);
  EXPECT_TRUE(mutex.try_lock());
  mutex.unlock();
  bool ready = false;
  std::thread other([&] {
    const std::lock_guard lock(mutex);
    ready = true;
    condition.notify_one();
  });
  std::unique_lock lock(mutex);
  condition.wait(lock, [&] { return ready; });
  lock.unlock();
  other.join();
}

TEST(Outside, memory_crosses_the_border_in_both_directions) {
  void* const from_outside = malloc(10);
  void* from_inside = nullptr;
  const execution_result result = run_once([&] {
    void* grown = realloc(from_outside, 5'000);
    check(grown != nullptr, "not grown");
    from_inside = realloc(grown, 20'000);
    void* const zero = calloc(100, 10);
    for (int i = 0; i < 1'000; ++i) check(static_cast<char*>(zero)[i] == 0, "calloc gave dirt");
    free(zero);
    void* aligned = nullptr;
    check(posix_memalign(&aligned, 4096, 100) == 0 && reinterpret_cast<std::uintptr_t>(aligned) % 4096 == 0,
          "not aligned");
    free(aligned);
    volatile std::size_t absurd = std::size_t{1} << 60;
    void* volatile served = malloc(absurd);
    check(served == nullptr && errno == ENOMEM, "an absurd size was served");
  });
  EXPECT_EQ(first_message(result), "");
  from_inside = realloc(from_inside, 100'000);
  ASSERT_NE(from_inside, nullptr);
  free(from_inside);
}

}  // namespace
}  // namespace heddle::sim::testing
