// What POSIX leaves undefined is a finding; what it defines is returned.
#include "../support.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <shared_mutex>
#include <string>
#include <system_error>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <semaphore.h>

namespace heddle::sim::testing {
namespace {

using ::testing::HasSubstr;

struct misuse {
  const char* name;
  const char* message;
  void (*body)();

  friend std::ostream& operator<<(std::ostream& out, const misuse& one) { return out << one.name; }
};

class Misuse : public ::testing::TestWithParam<misuse> {};

TEST_P(Misuse, is_a_finding_of_the_call) {
  const execution_result result = run_once(GetParam().body);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::assertion);
  EXPECT_THAT(result.failures[0].message, HasSubstr(GetParam().message));
  EXPECT_THAT(result.failures[0].message, HasSubstr(": this is undefined"));
  EXPECT_FALSE(result.failures[0].stack.empty());
}

void unlocks_a_free_mutex() {
  std::mutex mutex;
  mutex.unlock();
}
void unlocks_anothers_mutex() {
  std::mutex mutex;
  mutex.lock();
  std::thread([&] { mutex.unlock(); }).join();
}
void unlocks_a_free_shared_mutex() {
  std::shared_mutex mutex;
  mutex.unlock();
}
void unlocks_anothers_share() {
  std::shared_mutex mutex;
  mutex.lock_shared();
  std::thread([&] { mutex.unlock_shared(); }).join();
}
void unlocks_a_free_spin_lock() {
  pthread_spinlock_t lock;
  pthread_spin_init(&lock, 0);
  pthread_spin_unlock(&lock);
}
void destroys_a_held_mutex() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_destroy(&mutex);
}
void destroys_a_mutex_held_by_another() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  std::thread([&] { pthread_mutex_lock(&mutex); }).join();
  pthread_mutex_destroy(&mutex);
}
void destroys_a_lock_that_is_read() {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  std::thread([&] { pthread_rwlock_rdlock(&lock); }).join();
  pthread_rwlock_destroy(&lock);
}
void locks_a_destroyed_mutex() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_destroy(&mutex);
  pthread_mutex_lock(&mutex);
}
// Another thread waits in `wait` when `end` is called.
template <typename Wait, typename End>
void ends_while_another_waits(Wait wait, End end) {
  std::atomic<bool> begins{false};
  std::thread other([&] {
    begins = true;
    wait();
  });
  while (!begins) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  end();
  other.join();
}
void destroys_a_condition_with_a_waiter() {
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  ends_while_another_waits(
      [&] {
        pthread_mutex_lock(&mutex);
        pthread_cond_wait(&condition, &mutex);
      },
      [&] { pthread_cond_destroy(&condition); });
}
void destroys_a_semaphore_with_a_waiter() {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  ends_while_another_waits([&] { sem_wait(&semaphore); }, [&] { sem_destroy(&semaphore); });
}
void destroys_a_barrier_with_a_waiter() {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 2);
  ends_while_another_waits([&] { pthread_barrier_wait(&barrier); }, [&] { pthread_barrier_destroy(&barrier); });
}
void waits_with_a_free_mutex() {
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_wait(&condition, &mutex);
}
void waits_with_another_mutex() {
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
  ends_while_another_waits(
      [&] {
        pthread_mutex_lock(&one);
        pthread_cond_wait(&condition, &one);
      },
      [&] {
        pthread_mutex_lock(&other);
        pthread_cond_wait(&condition, &other);
      });
}
void* nothing(void*) {
  return nullptr;
}
void joins_twice() {
  pthread_t thread;
  pthread_create(&thread, nullptr, nothing, nullptr);
  pthread_join(thread, nullptr);
  pthread_join(thread, nullptr);
}
void joins_a_detached_thread() {
  pthread_t thread;
  pthread_create(&thread, nullptr, nothing, nullptr);
  pthread_detach(thread);
  pthread_join(thread, nullptr);
}
void detaches_twice() {
  pthread_t thread;
  pthread_create(&thread, nullptr, nothing, nullptr);
  pthread_detach(thread);
  pthread_detach(thread);
}
void joins_from_two_threads() {
  std::atomic<bool> ends{false};
  std::thread target([&] { ends.wait(false); });
  ends_while_another_waits([&] { pthread_join(target.native_handle(), nullptr); },
                           [&] { pthread_join(target.native_handle(), nullptr); });
}

INSTANTIATE_TEST_SUITE_P(
    Calls, Misuse,
    ::testing::Values(
        misuse{"free_mutex", "thread 0 unlocks lock #1, which nobody holds", unlocks_a_free_mutex},
        misuse{"anothers_mutex", "thread 1 unlocks lock #1, which thread 0 holds", unlocks_anothers_mutex},
        misuse{"free_shared_mutex", "unlocks lock #1, which nobody holds", unlocks_a_free_shared_mutex},
        misuse{"anothers_share", "unlocks lock #1, which others hold for reading", unlocks_anothers_share},
        misuse{"free_spin_lock", "unlocks lock #1, which nobody holds", unlocks_a_free_spin_lock},
        misuse{"held_mutex", "destroys lock #1, which it holds", destroys_a_held_mutex},
        misuse{"anothers_held_mutex", "destroys lock #1, which thread 1 holds", destroys_a_mutex_held_by_another},
        misuse{"read_lock", "destroys lock #1, which others hold for reading", destroys_a_lock_that_is_read},
        misuse{"destroyed_mutex", "locks a mutex that was destroyed", locks_a_destroyed_mutex},
        misuse{"condition", "destroys condition variable #", destroys_a_condition_with_a_waiter},
        misuse{"semaphore", "destroys semaphore #", destroys_a_semaphore_with_a_waiter},
        misuse{"barrier", "destroys barrier #", destroys_a_barrier_with_a_waiter},
        misuse{"wait_without", "waits for a condition variable with lock #", waits_with_a_free_mutex},
        misuse{"wait_with_another", "for which others wait with another lock", waits_with_another_mutex},
        misuse{"join_twice", "joins a thread that was joined before", joins_twice},
        misuse{"join_detached", "joins a ", joins_a_detached_thread},
        misuse{"detach_twice", "detaches a ", detaches_twice},
        misuse{"join_by_two", "joins a thread that another thread is joining", joins_from_two_threads}),
    [](const auto& made) { return std::string(made.param.name); });

TEST(MisuseThatIsNone, what_posix_defines_is_returned) {
  const execution_result result = run_once([] {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_t mutex;
    pthread_mutex_init(&mutex, &attributes);
    check(pthread_mutex_unlock(&mutex) == EPERM, "unlocked what nobody holds");
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    check(pthread_cond_wait(&condition, &mutex) == EPERM, "waited with what it does not hold");
    check(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_lock(&mutex) == EDEADLK, "taken twice");
    check(pthread_join(pthread_self(), nullptr) == EDEADLK, "joined itself");
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    check(pthread_rwlock_wrlock(&lock) == 0 && pthread_rwlock_rdlock(&lock) == EDEADLK, "read what it writes");
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(MisuseThatIsNone, notified_waiters_need_their_condition_no_more) {
  const summary all = run_schedules(200, [] {
    std::mutex mutex;
    bool done = false;
    std::thread waiter;
    {
      std::condition_variable changed;
      bool waits = false;
      std::condition_variable begun;
      waiter = std::thread([&] {
        std::unique_lock lock(mutex);
        waits = true;
        begun.notify_one();
        changed.wait(lock, [&] { return done; });
      });
      std::unique_lock lock(mutex);
      begun.wait(lock, [&] { return waits; });
      done = true;
      changed.notify_all();
    }
    waiter.join();
  });
  EXPECT_EQ(all.failed, 0u) << all.failures.front().message;
}

TEST(MisuseThatIsNone, a_lock_that_was_taken_outside_may_be_released_inside) {
  static std::mutex outside;
  outside.lock();
  const execution_result result = run_once([] { outside.unlock(); });
  EXPECT_EQ(first_message(result), "");
  outside.unlock();
}

TEST(MisuseThatIsNone, shares_are_counted) {
  const execution_result result = run_once([] {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    for (int i = 0; i < 3; ++i) pthread_rwlock_rdlock(&lock);
    for (int i = 0; i < 3; ++i) pthread_rwlock_unlock(&lock);
    pthread_rwlock_destroy(&lock);
  });
  EXPECT_EQ(first_message(result), "");
}

}  // namespace
}  // namespace heddle::sim::testing
