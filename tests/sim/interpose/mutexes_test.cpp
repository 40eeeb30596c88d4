// pthread mutexes of every kind: what the calls return is what glibc returns.
#include "expect_sound.hpp"

#include <cerrno>
#include <thread>

#include <pthread.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

struct any_mutex {
  explicit any_mutex(int type, int robust = PTHREAD_MUTEX_STALLED, int protocol = PTHREAD_PRIO_NONE) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, type);
    pthread_mutexattr_setrobust(&attributes, robust);
    pthread_mutexattr_setprotocol(&attributes, protocol);
    check(pthread_mutex_init(&mutex, &attributes) == 0, "not made");
    pthread_mutexattr_destroy(&attributes);
  }
  any_mutex(const any_mutex&) = delete;
  any_mutex& operator=(const any_mutex&) = delete;
  ~any_mutex() { check(pthread_mutex_destroy(&mutex) == 0, "not destroyed"); }

  pthread_mutex_t mutex;
};

timespec after(int seconds, clockid_t clock = CLOCK_REALTIME) {
  timespec time{};
  clock_gettime(clock, &time);
  time.tv_sec += seconds;
  return time;
}

TEST(Mutexes, static_initialisers_make_every_kind) {
  expect_sound([] {
    pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
    check(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_lock(&recursive) == 0, "not recursive");
    check(pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0, "not counted");
    check(pthread_mutex_unlock(&recursive) == EPERM, "counted too far");
    pthread_mutex_t checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
    check(pthread_mutex_lock(&checking) == 0 && pthread_mutex_lock(&checking) == EDEADLK, "not checking");
    check(pthread_mutex_unlock(&checking) == 0, "not released");
    pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
    check(pthread_mutex_lock(&adaptive) == 0 && pthread_mutex_trylock(&adaptive) == EBUSY, "taken twice");
    check(pthread_mutex_unlock(&adaptive) == 0, "not released");
  });
}

TEST(Mutexes, only_kinds_that_look_refuse_to_be_unlocked_by_others) {
  expect_sound([] {
    any_mutex normal(PTHREAD_MUTEX_NORMAL);
    any_mutex recursive(PTHREAD_MUTEX_RECURSIVE);
    any_mutex inheriting(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
    pthread_mutex_lock(&normal.mutex);
    pthread_mutex_lock(&recursive.mutex);
    pthread_mutex_lock(&inheriting.mutex);
    std::thread other([&] {
      check(pthread_mutex_unlock(&recursive.mutex) == EPERM, "a recursive mutex did not look");
      check(pthread_mutex_unlock(&inheriting.mutex) == EPERM, "an inheriting mutex did not look");
    });
    other.join();
    check(pthread_mutex_unlock(&normal.mutex) == 0, "not released");
    check(pthread_mutex_unlock(&recursive.mutex) == 0 && pthread_mutex_unlock(&inheriting.mutex) == 0, "not released");
  });
}

TEST(Mutexes, timed_locks_know_both_clocks_and_look_at_the_time_only_when_they_wait) {
  expect_sound([] {
    any_mutex one(PTHREAD_MUTEX_NORMAL);
    const timespec broken{.tv_sec = 0, .tv_nsec = -1};
    check(pthread_mutex_timedlock(&one.mutex, &broken) == 0, "the time was looked at");
    std::thread other([&] {
      check(pthread_mutex_timedlock(&one.mutex, &broken) == EINVAL, "the time was not looked at");
      const timespec real = after(5);
      check(pthread_mutex_timedlock(&one.mutex, &real) == ETIMEDOUT, "taken though held");
      const timespec monotonic = after(5, CLOCK_MONOTONIC);
      check(pthread_mutex_clocklock(&one.mutex, CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT, "taken though held");
      check(after(0, CLOCK_MONOTONIC).tv_sec == 3'610, "not the time that was said");
      check(pthread_mutex_clocklock(&one.mutex, CLOCK_PROCESS_CPUTIME_ID, &monotonic) == EINVAL, "an odd clock");
    });
    other.join();
    pthread_mutex_unlock(&one.mutex);
  });
}

TEST(Mutexes, priorities_are_accepted) {
  expect_sound([] {
    any_mutex one(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_PROTECT);
    pthread_mutexattr_setprioceiling(&attributes, 10);
    pthread_mutex_t two;
    check(pthread_mutex_init(&two, &attributes) == 0, "not made");
    int count = 0;
    const auto work = [&] {
      check(pthread_mutex_lock(&one.mutex) == 0 && pthread_mutex_lock(&two) == 0, "not taken");
      ++count;
      check(pthread_mutex_unlock(&two) == 0 && pthread_mutex_unlock(&one.mutex) == 0, "not released");
    };
    std::thread other(work);
    work();
    other.join();
    check(count == 2, "not exclusive");
  });
}

TEST(Mutexes, a_robust_mutex_outlives_its_holder) {
  expect_sound([] {
    any_mutex one(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
    std::thread holder([&] { check(pthread_mutex_lock(&one.mutex) == 0, "not taken"); });
    std::thread waiter([&] {
      const int result = pthread_mutex_lock(&one.mutex);
      if (result == EOWNERDEAD) check(pthread_mutex_consistent(&one.mutex) == 0, "not made consistent");
      check(result == 0 || result == EOWNERDEAD, "another result");
      check(pthread_mutex_unlock(&one.mutex) == 0, "not released");
    });
    holder.join();
    waiter.join();
    const int result = pthread_mutex_trylock(&one.mutex);
    check(result == 0 || result == EOWNERDEAD, "not free after its holder's end");
    if (result == EOWNERDEAD) check(pthread_mutex_consistent(&one.mutex) == 0, "not made consistent");
    check(pthread_mutex_consistent(&one.mutex) == EINVAL, "made consistent twice");
    check(pthread_mutex_unlock(&one.mutex) == 0, "not released");
    check(pthread_mutex_unlock(&one.mutex) == EPERM, "released twice");
  });
}

TEST(Mutexes, a_robust_mutex_that_is_not_made_consistent_is_lost) {
  expect_sound([] {
    any_mutex one(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST);
    std::thread holder([&] { pthread_mutex_lock(&one.mutex), pthread_mutex_lock(&one.mutex); });
    holder.join();
    check(pthread_mutex_lock(&one.mutex) == EOWNERDEAD, "nothing said of its holder");
    std::thread waiter([&] { check(pthread_mutex_lock(&one.mutex) == ENOTRECOVERABLE, "taken once more"); });
    sleep(1);
    check(pthread_mutex_unlock(&one.mutex) == 0, "not released");
    waiter.join();
    check(pthread_mutex_trylock(&one.mutex) == ENOTRECOVERABLE, "taken once more");
    check(pthread_mutex_consistent(&one.mutex) == EINVAL, "made consistent too late");
  });
}

TEST(Mutexes, a_condition_wait_tells_that_the_holder_died) {
  expect_sound([] {
    any_mutex one(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    check(pthread_cond_wait(&condition, &one.mutex) == EPERM, "waited with a mutex that it does not hold");
    pthread_mutex_lock(&one.mutex);
    std::thread notifier([&] {
      pthread_mutex_lock(&one.mutex);
      pthread_cond_signal(&condition);
    });
    check(pthread_cond_wait(&condition, &one.mutex) == EOWNERDEAD, "nothing said of the notifier's end");
    check(pthread_mutex_consistent(&one.mutex) == 0 && pthread_mutex_unlock(&one.mutex) == 0, "not made consistent");
    notifier.join();
  });
}

TEST(Mutexes, writers_that_wait_keep_readers_out_where_they_are_preferred) {
  const auto reader_passes = [](int kind) {
    bool passed = false;
    run_schedules(100, [&] {
      pthread_rwlockattr_t attributes;
      pthread_rwlockattr_init(&attributes);
      pthread_rwlockattr_setkind_np(&attributes, kind);
      pthread_rwlock_t lock;
      pthread_rwlock_init(&lock, &attributes);
      pthread_rwlock_rdlock(&lock);
      bool written = false;
      std::thread writer([&] {
        pthread_rwlock_wrlock(&lock);
        written = true;
        pthread_rwlock_unlock(&lock);
      });
      sleep(1);
      std::thread reader([&] {
        pthread_rwlock_rdlock(&lock);
        if (!written) passed = true;
        pthread_rwlock_unlock(&lock);
      });
      sleep(1);
      pthread_rwlock_unlock(&lock);
      writer.join();
      reader.join();
    });
    return passed;
  };
  EXPECT_TRUE(reader_passes(PTHREAD_RWLOCK_PREFER_READER_NP));
  EXPECT_TRUE(reader_passes(PTHREAD_RWLOCK_PREFER_WRITER_NP)) << "glibc lets readers pass here too";
  EXPECT_FALSE(reader_passes(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP));
}

TEST(Mutexes, a_preferred_writer_that_gives_up_lets_readers_in) {
  expect_sound([] {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
    pthread_rwlock_rdlock(&lock);
    std::thread writer([&] {
      const timespec soon = after(5);
      check(pthread_rwlock_timedwrlock(&lock, &soon) == ETIMEDOUT, "a writer beside a reader");
    });
    sleep(1);
    check(pthread_rwlock_tryrdlock(&lock) == EBUSY, "a reader before a writer that waits");
    std::thread reader([&] {
      check(pthread_rwlock_rdlock(&lock) == 0, "no reader");
      check(pthread_rwlock_unlock(&lock) == 0, "not released");
    });
    reader.join();
    writer.join();
    check(pthread_rwlock_unlock(&lock) == 0, "not released");
  });
}

}  // namespace
}  // namespace heddle::sim::testing
