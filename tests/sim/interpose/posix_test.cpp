// POSIX calls that the C++ library does not make itself.
#include "expect_sound.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

TEST(Posix, joining_gives_the_value_that_pthread_exit_gave) {
  expect_sound([] {
    pthread_t thread;
    static int value = 3;
    pthread_create(&thread, nullptr, [](void*) -> void* { pthread_exit(&value); }, nullptr);
    void* result = nullptr;
    check(pthread_join(thread, &result) == 0 && result == &value, "another value");
    check(pthread_join(pthread_self(), nullptr) == EDEADLK, "joined itself");
  });
}

timespec seconds_from_now(std::int64_t seconds, clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  time.tv_sec += seconds;
  return time;
}

TEST(Posix, a_join_gives_up_at_its_time_and_may_be_tried_again) {
  expect_sound([] {
    static sem_t finish;
    sem_init(&finish, 0, 0);
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          sem_wait(&finish);
          return &finish;
        },
        nullptr);
    void* result = nullptr;
    check(pthread_tryjoin_np(thread, &result) == EBUSY, "joined while it ran");
    const timespec real = seconds_from_now(5, CLOCK_REALTIME);
    check(pthread_timedjoin_np(thread, &result, &real) == ETIMEDOUT, "joined while it ran");
    const timespec monotonic = seconds_from_now(5, CLOCK_MONOTONIC);
    check(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT, "joined while it ran");
    sem_post(&finish);
    const timespec later = seconds_from_now(5, CLOCK_MONOTONIC);
    check(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &later) == 0, "not joined");
    check(result == &finish, "another result");
    sem_destroy(&finish);
  });
}

TEST(Posix, semaphores_and_reader_writer_locks_wait_by_either_clock) {
  expect_sound([] {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    check(pthread_rwlock_wrlock(&lock) == 0, "not locked");
    for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
      timespec soon = seconds_from_now(10, clock);
      check(sem_clockwait(&semaphore, clock, &soon) == -1 && errno == ETIMEDOUT, "taken when empty");
      std::thread other([&] {
        timespec later = seconds_from_now(10, clock);
        check(pthread_rwlock_clockrdlock(&lock, clock, &later) == ETIMEDOUT, "read while it is written");
        later = seconds_from_now(10, clock);
        check(pthread_rwlock_clockwrlock(&lock, clock, &later) == ETIMEDOUT, "written by two");
      });
      other.join();
      check(seconds_from_now(0, clock).tv_sec - soon.tv_sec == 20, "not the time that was said");
    }
    pthread_rwlock_unlock(&lock);
    std::thread poster([&] { sem_post(&semaphore); });
    const timespec soon = seconds_from_now(10, CLOCK_MONOTONIC);
    check(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &soon) == 0, "not posted");
    check(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &soon) == 0, "not free");
    pthread_rwlock_unlock(&lock);
    poster.join();
    sem_destroy(&semaphore);
  });
}

TEST(Posix, detached_threads_run_alone) {
  expect_sound([] {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    std::atomic<bool> go{false};
    pthread_create(
        &thread, &attributes,
        [](void* flag) -> void* {
          static_cast<std::atomic<bool>*>(flag)->wait(false);
          return nullptr;
        },
        &go);
    go = true;
    go.notify_all();
    pthread_attr_destroy(&attributes);
  });
}

TEST(Posix, keys_hold_a_value_for_each_thread_and_destroy_it_in_rounds) {
  expect_sound([] {
    static std::atomic<int>* rounds;
    static pthread_key_t key;
    std::atomic<int> count{0};
    rounds = &count;
    pthread_key_create(&key, [](void* value) {
      if (rounds->fetch_add(1) == 0) pthread_setspecific(key, value);
    });
    std::thread other([] {
      check(pthread_getspecific(key) == nullptr, "another thread's value");
      pthread_setspecific(key, &key);
      check(pthread_getspecific(key) == &key, "not the value set");
    });
    other.join();
    check(pthread_getspecific(key) == nullptr, "another thread's value");
    check(count.load() == 2, "the destructor did not run in rounds");
    pthread_key_delete(key);
  });
}

TEST(Posix, error_checking_mutexes_check) {
  expect_sound([] {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_t mutex;
    pthread_mutex_init(&mutex, &attributes);
    check(pthread_mutex_unlock(&mutex) == EPERM, "unlocked what nobody holds");
    check(pthread_mutex_lock(&mutex) == 0, "not taken");
    check(pthread_mutex_lock(&mutex) == EDEADLK, "taken twice");
    check(pthread_mutex_trylock(&mutex) == EBUSY, "tried and taken twice");
    check(pthread_mutex_unlock(&mutex) == 0, "not released");
    pthread_mutex_destroy(&mutex);
    pthread_mutexattr_destroy(&attributes);
  });
}

TEST(Posix, taking_a_plain_mutex_twice_is_a_deadlock_with_oneself) {
  const execution_result result = run_once([] {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
  });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::deadlock);
  EXPECT_NE(result.failures[0].threads[0].waiting_for.find("which it holds itself"), std::string::npos);
}

TEST(Posix, semaphores_count_and_time_out) {
  expect_sound([] {
    sem_t semaphore;
    sem_init(&semaphore, 0, 1);
    int value = 0;
    check(sem_wait(&semaphore) == 0 && sem_getvalue(&semaphore, &value) == 0 && value == 0, "not taken");
    check(sem_trywait(&semaphore) == -1 && errno == EAGAIN, "taken when empty");
    timespec soon{};
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_sec += 10;
    check(sem_timedwait(&semaphore, &soon) == -1 && errno == ETIMEDOUT, "taken when empty");
    std::thread poster([&] { sem_post(&semaphore); });
    check(sem_wait(&semaphore) == 0, "not posted");
    poster.join();
    sem_destroy(&semaphore);
  });
}

TEST(Posix, named_semaphores_are_known_by_name_within_an_execution) {
  expect_sound([] {
    check(sem_open("/heddle-test", 0) == SEM_FAILED && errno == ENOENT, "known from the execution before");
    sem_t* const one = sem_open("/heddle-test", O_CREAT | O_EXCL, 0600, 1);
    check(one != SEM_FAILED, "not made");
    check(sem_open("/heddle-test", O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED && errno == EEXIST, "made twice");
    std::thread other([] {
      sem_t* const same = sem_open("/heddle-test", 0);
      check(same != SEM_FAILED && sem_wait(same) == 0 && sem_wait(same) == 0, "not the same");
      check(sem_close(same) == 0, "not closed");
    });
    sem_post(one);
    other.join();
    check(sem_close(one) == 0, "not closed");
    sem_t* const again = sem_open("/heddle-test", O_CREAT, 0600, 5);
    int value = 7;
    check(sem_getvalue(again, &value) == 0 && value == 0, "its count was lost while nobody had it open");
    check(sem_unlink("/heddle-test") == 0 && sem_post(again) == 0 && sem_close(again) == 0,
          "gone before its last user");
  });
}

TEST(Posix, barriers_choose_one_serial_thread) {
  expect_sound([] {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, 3);
    std::atomic<int> serial{0};
    const auto wait = [&] {
      if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) serial.fetch_add(1);
    };
    std::thread one(wait);
    std::thread two(wait);
    wait();
    one.join();
    two.join();
    check(serial.load() == 1, "not one serial thread");
    pthread_barrier_destroy(&barrier);
  });
}

TEST(Posix, spin_locks_and_reader_writer_locks_report_what_is_wrong) {
  expect_sound([] {
    pthread_spinlock_t spin;
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    check(pthread_spin_lock(&spin) == 0 && pthread_spin_trylock(&spin) == EBUSY, "a held spin lock was taken");
    check(pthread_spin_unlock(&spin) == 0, "not released");
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    check(pthread_rwlock_rdlock(&lock) == 0 && pthread_rwlock_tryrdlock(&lock) == 0, "readers do not share");
    check(pthread_rwlock_trywrlock(&lock) == EBUSY, "a writer beside readers");
    check(pthread_rwlock_unlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0, "not released");
    check(pthread_rwlock_wrlock(&lock) == 0 && pthread_rwlock_wrlock(&lock) == EDEADLK, "a writer twice");
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::thread other([&] { check(pthread_rwlock_timedrdlock(&lock, &now) == ETIMEDOUT, "a reader beside a writer"); });
    other.join();
    pthread_rwlock_unlock(&lock);
  });
}

long futex(void* word, int operation, unsigned value, const void* timeout, void* second, unsigned bits) {
  return syscall(SYS_futex, word, operation, value, timeout, second, bits);
}

TEST(Posix, futexes_wait_wake_and_select_by_bits) {
  expect_sound([] {
    std::uint32_t word = 0;
    check(futex(&word, FUTEX_WAIT, 1, nullptr, nullptr, 0) == -1 && errno == EAGAIN, "waited for another value");
    timespec span{.tv_sec = 1, .tv_nsec = 0};
    check(futex(&word, FUTEX_WAIT_PRIVATE, 0, &span, nullptr, 0) == -1 && errno == ETIMEDOUT, "woken by nobody");
    std::atomic<int> woken{0};
    const auto wait = [&](unsigned bits) {
      futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, nullptr, nullptr, bits);
      woken.fetch_add(static_cast<int>(bits));
    };
    std::thread one([&] { wait(1); });
    std::thread two([&] { wait(2); });
    std::this_thread::sleep_for(std::chrono::seconds{1});
    check(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, nullptr, nullptr, 2) == 1, "not one waiter");
    two.join();
    check(woken.load() == 2, "the wrong waiter");
    check(futex(&word, FUTEX_WAKE_PRIVATE, 9, nullptr, nullptr, 0) == 1, "not the other waiter");
    one.join();
  });
}

TEST(Posix, names_and_ids_belong_to_virtual_threads) {
  expect_sound([] {
    pthread_setname_np(pthread_self(), "body");
    const pid_t mine = gettid();
    std::thread other([&] {
      char name[16];
      check(pthread_getname_np(pthread_self(), name, sizeof name) == 0 && name[0] == '\0', "named like another");
      check(gettid() != mine, "numbered like another");
    });
    other.join();
    char name[16];
    check(pthread_getname_np(pthread_self(), name, sizeof name) == 0 && std::strcmp(name, "body") == 0, "not named");
    check(pthread_setname_np(pthread_self(), "a name of more than fifteen letters") == ERANGE, "a long name");
    check(sched_yield() == 0, "no yield");
  });
}

TEST(Posix, errno_belongs_to_virtual_threads) {
  expect_sound([] {
    errno = 7;
    std::thread other([] {
      errno = 8;
      std::this_thread::yield();
      check(errno == 8, "another thread's errno");
    });
    std::this_thread::yield();
    check(errno == 7, "another thread's errno");
    other.join();
  });
}

}  // namespace
}  // namespace heddle::sim::testing
