// Signals between virtual threads.
#include "expect_sound.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

// Where and how often the handler ran.
std::atomic<int> handled;
pthread_t handler_thread;

void on_signal(int) {
  handler_thread = pthread_self();
  handled.fetch_add(1);
}

struct with_handler {
  explicit with_handler(int which, int flags = 0) : signal(which) {
    struct sigaction action{};
    action.sa_handler = &on_signal;
    action.sa_flags = flags;
    sigaction(signal, &action, &previous);
    handled = 0;
  }
  with_handler(const with_handler&) = delete;
  with_handler& operator=(const with_handler&) = delete;
  ~with_handler() { sigaction(signal, &previous, nullptr); }

  int signal;
  struct sigaction previous{};
};

sigset_t set_of_one(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

TEST(Signals, a_handler_runs_on_the_thread_that_is_told) {
  expect_sound([] {
    const with_handler installed(SIGUSR1);
    std::atomic<bool> stop{false};
    std::thread worker([&] {
      while (!stop.load()) std::this_thread::yield();
      check(handled.load() == 1 && pthread_equal(handler_thread, pthread_self()), "not handled here");
    });
    check(pthread_kill(worker.native_handle(), 0) == 0, "no such thread");
    check(pthread_kill(worker.native_handle(), 99) == EINVAL, "no such signal");
    check(pthread_kill(worker.native_handle(), SIGUSR1) == 0, "not sent");
    while (handled.load() == 0) std::this_thread::yield();
    stop = true;
    worker.join();
  });
}

TEST(Signals, raise_and_kill_of_the_process_run_the_handler_at_once) {
  expect_sound([] {
    const with_handler installed(SIGUSR1);
    check(raise(SIGUSR1) == 0 && handled.load() == 1, "raise");
    check(kill(getpid(), SIGUSR1) == 0 && handled.load() == 2, "kill");
    check(pthread_equal(handler_thread, pthread_self()), "on another thread");
  });
}

TEST(Signals, waits_that_posix_lets_be_interrupted_are) {
  expect_sound([] {
    const with_handler installed(SIGUSR1, SA_RESTART);
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    std::thread sleeper([] {
      timespec span{.tv_sec = 100, .tv_nsec = 0};
      timespec left{};
      check(nanosleep(&span, &left) == -1 && errno == EINTR && left.tv_sec == 90, "slept on");
    });
    std::thread waiter([&] { check(sem_wait(&semaphore) == -1 && errno == EINTR, "waited on"); });
    sleep(10);
    pthread_kill(sleeper.native_handle(), SIGUSR1);
    pthread_kill(waiter.native_handle(), SIGUSR1);
    sleeper.join();
    waiter.join();
    check(handled.load() == 2, "not handled");
  });
}

TEST(Signals, waits_that_go_on_do_so_after_the_handler) {
  expect_sound([] {
    const with_handler installed(SIGUSR1);
    static pthread_mutex_t mutex;
    mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    std::thread locks([] {
      check(pthread_mutex_lock(&mutex) == 0, "not taken");
      check(pthread_mutex_unlock(&mutex) == 0, "not released");
    });
    std::thread joins([&] { locks.join(); });
    sleep(1);
    pthread_kill(locks.native_handle(), SIGUSR1);
    pthread_kill(joins.native_handle(), SIGUSR1);
    pthread_mutex_unlock(&mutex);
    joins.join();
    check(handled.load() == 2, "not handled");
  });
}

TEST(Signals, a_handler_may_take_locks_while_its_thread_is_about_to_take_one) {
  static pthread_mutex_t outer;
  static pthread_mutex_t inner;
  expect_sound(
      [] {
        outer = inner = PTHREAD_MUTEX_INITIALIZER;
        struct sigaction action{};
        action.sa_handler = [](int) {
          pthread_mutex_lock(&inner);
          std::this_thread::yield();
          pthread_mutex_unlock(&inner);
        };
        sigaction(SIGUSR1, &action, nullptr);
        int count = 0;
        const auto work = [&] {
          for (int i = 0; i < 3; ++i) {
            pthread_mutex_lock(&outer);
            ++count;
            pthread_mutex_unlock(&outer);
          }
        };
        std::thread one(work);
        std::thread two(work);
        for (int i = 0; i < 3; ++i) {
          pthread_kill(one.native_handle(), SIGUSR1);
          pthread_mutex_lock(&inner);
          pthread_kill(two.native_handle(), SIGUSR1);
          pthread_mutex_unlock(&inner);
        }
        one.join();
        two.join();
        check(count == 6, "not exclusive");
      },
      500);
}

TEST(Signals, a_blocked_signal_waits_until_it_is_let_through) {
  expect_sound([] {
    const with_handler installed(SIGUSR1);
    const sigset_t set = set_of_one(SIGUSR1);
    sigset_t previous;
    check(pthread_sigmask(SIG_BLOCK, &set, &previous) == 0 && sigismember(&previous, SIGUSR1) == 0, "blocked before");
    raise(SIGUSR1);
    sigset_t pending;
    check(handled.load() == 0 && sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1, "not pending");
    std::thread other([] {
      sigset_t mask;
      check(pthread_sigmask(SIG_BLOCK, nullptr, &mask) == 0 && sigismember(&mask, SIGUSR1) == 1, "not inherited");
    });
    other.join();
    check(pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0 && handled.load() == 1, "not let through");
    check(pthread_sigmask(17, &set, nullptr) == EINVAL, "an odd change");
  });
}

TEST(Signals, sigwait_takes_what_is_sent_to_the_thread_or_the_process) {
  expect_sound([] {
    const sigset_t set = set_of_one(SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    std::thread waiter([&] {
      for (int i = 0; i < 2; ++i) {
        int signal = 0;
        check(sigwait(&set, &signal) == 0 && signal == SIGUSR2, "another signal");
      }
      siginfo_t info{};
      const timespec span{.tv_sec = 5, .tv_nsec = 0};
      check(sigtimedwait(&set, &info, &span) == -1 && errno == EAGAIN, "a signal that nobody sent");
    });
    pthread_kill(waiter.native_handle(), SIGUSR2);
    sleep(1);
    kill(getpid(), SIGUSR2);
    waiter.join();
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
  });
}

TEST(Signals, sigsuspend_returns_after_a_handler) {
  expect_sound([] {
    const with_handler installed(SIGUSR1);
    const sigset_t set = set_of_one(SIGUSR1);
    sigset_t open;
    sigprocmask(SIG_BLOCK, &set, &open);
    const pthread_t self = pthread_self();
    std::thread other([&] { pthread_kill(self, SIGUSR1); });
    check(sigsuspend(&open) == -1 && errno == EINTR && handled.load() == 1, "not suspended until the handler ran");
    other.join();
    sigprocmask(SIG_SETMASK, &open, nullptr);
  });
}

TEST(Signals, one_that_nobody_handles_ends_the_execution) {
  const execution_result result = run_once([] { raise(SIGTERM); });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::crash);
  EXPECT_EQ(result.failures[0].signal, SIGTERM);
}

}  // namespace
}  // namespace heddle::sim::testing
