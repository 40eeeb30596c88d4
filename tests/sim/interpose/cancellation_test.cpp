// Threads that end from within: pthread_exit and cancellation, in C++ and in C.
#include "c_program.h"
#include "expect_sound.hpp"

#include <atomic>
#include <cerrno>
#include <thread>

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

struct notes_its_end {
  explicit notes_its_end(int& where) : count(where) {}
  notes_its_end(const notes_its_end&) = delete;
  notes_its_end& operator=(const notes_its_end&) = delete;
  ~notes_its_end() { ++count; }
  int& count;
};

// Starts `function`, cancels it after a second of simulated time and returns what joining gives.
void* cancelled(void* (*function)(void*), void* argument) {
  pthread_t thread;
  pthread_create(&thread, nullptr, function, argument);
  sleep(1);
  check(pthread_cancel(thread) == 0, "no such thread");
  void* result = nullptr;
  check(pthread_join(thread, &result) == 0, "not joined");
  return result;
}

TEST(Cancellation, pthread_exit_runs_destructors_and_cannot_be_taken_for_an_exception) {
  expect_sound([] {
    static int ends;
    static bool caught;
    ends = 0;
    caught = false;
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          const notes_its_end one(ends);
          try {
            const notes_its_end two(ends);
            pthread_exit(&ends);
          } catch (const std::exception&) {
            check(false, "caught as an exception");
          } catch (...) {
            caught = true;
            throw;
          }
          return nullptr;
        },
        nullptr);
    void* result = nullptr;
    check(pthread_join(thread, &result) == 0 && result == &ends, "another result");
    check(ends == 2 && caught, "not unwound");
  });
}

TEST(Cancellation, an_end_that_is_swallowed_is_a_failure) {
  const execution_result result = run_once([] {
    std::thread other([] {
      try {
        pthread_exit(nullptr);
      } catch (...) {
      }
    });
    other.join();
  });
  EXPECT_NE(first_message(result).find("did not rethrow"), std::string::npos) << first_message(result);
}

TEST(Cancellation, c_code_without_exceptions_can_exit_below_its_handlers) {
  expect_sound([] {
    int digits = 0;
    pthread_t thread;
    pthread_create(&thread, nullptr, &c_exits_below_handlers, &digits);
    void* result = nullptr;
    check(pthread_join(thread, &result) == 0 && result == &digits, "another result");
    check(digits == 12, "the handlers did not run from the inside out");
  });
}

TEST(Cancellation, c_code_without_exceptions_can_be_cancelled) {
  expect_sound([] {
    int digits = 0;
    check(cancelled(&c_waits_for_cancellation, &digits) == PTHREAD_CANCELED, "another result");
    check(digits == 34, "the handlers did not run from the inside out, or one that was popped ran");
  });
}

TEST(Cancellation, asynchronous_cancellation_ends_computation) {
  expect_sound([] {
    int digits = 0;
    check(cancelled(&c_computes_until_cancelled, &digits) == PTHREAD_CANCELED, "another result");
    check(digits == 5, "the handler did not run");
  });
}

TEST(Cancellation, blocking_calls_are_cancellation_points) {
  expect_sound([] {
    static sem_t semaphore;
    static int ends;
    sem_init(&semaphore, 0, 0);
    ends = 0;
    const auto waits_for_semaphore = [](void*) -> void* {
      const notes_its_end one(ends);
      sem_wait(&semaphore);
      return nullptr;
    };
    check(cancelled(waits_for_semaphore, nullptr) == PTHREAD_CANCELED, "sem_wait goes on");
    const auto tests = [](void*) -> void* {
      const notes_its_end one(ends);
      for (;;) pthread_testcancel();
    };
    check(cancelled(tests, nullptr) == PTHREAD_CANCELED, "pthread_testcancel goes on");
    const auto joins_main = [](void* main_thread) -> void* {
      const notes_its_end one(ends);
      pthread_join(*static_cast<pthread_t*>(main_thread), nullptr);
      return nullptr;
    };
    pthread_t self = pthread_self();
    check(cancelled(joins_main, &self) == PTHREAD_CANCELED, "pthread_join goes on");
    check(ends == 3, "not unwound");
  });
}

TEST(Cancellation, a_request_reaches_a_wait_that_is_about_to_begin) {
  expect_sound([] {
    static sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          sem_wait(&semaphore);
          return nullptr;
        },
        nullptr);
    std::this_thread::yield();
    pthread_cancel(thread);
    void* result = nullptr;
    check(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED, "not cancelled");
  });
}

TEST(Cancellation, a_cancelled_condition_wait_takes_its_mutex_back) {
  expect_sound([] {
    static pthread_mutex_t mutex;
    static pthread_cond_t condition;
    static bool held;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&mutex, &attributes);
    pthread_cond_init(&condition, nullptr);
    held = false;
    const auto waits = [](void*) -> void* {
      pthread_mutex_lock(&mutex);
      pthread_cleanup_push([](void*) { held = pthread_mutex_unlock(&mutex) == 0; }, nullptr);
      for (;;) pthread_cond_wait(&condition, &mutex);
      pthread_cleanup_pop(0);
      return nullptr;
    };
    check(cancelled(waits, nullptr) == PTHREAD_CANCELED, "pthread_cond_wait goes on");
    check(held, "the handler did not run with the mutex held");
    check(pthread_mutex_trylock(&mutex) == 0, "the mutex was kept");
  });
}

TEST(Cancellation, a_thread_can_put_it_off) {
  expect_sound([] {
    static std::atomic<int> passed;
    passed = 0;
    const auto works = [](void*) -> void* {
      int previous = -1;
      check(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &previous) == 0 && previous == PTHREAD_CANCEL_ENABLE,
            "another state before");
      sleep(10);
      passed = 1;
      check(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &previous) == 0 && previous == PTHREAD_CANCEL_DISABLE,
            "another state before");
      check(pthread_setcancelstate(7, nullptr) == EINVAL && pthread_setcanceltype(7, nullptr) == EINVAL, "odd states");
      sleep(10);
      passed = 2;
      return nullptr;
    };
    check(cancelled(works, nullptr) == PTHREAD_CANCELED, "never cancelled");
    check(passed == 1, "cancelled at another place");
  });
}

TEST(Cancellation, a_request_for_a_thread_that_ended_changes_nothing) {
  expect_sound([] {
    static int value = 1;
    pthread_t thread;
    pthread_create(&thread, nullptr, [](void*) -> void* { return &value; }, nullptr);
    sleep(1);
    check(pthread_cancel(thread) == 0, "a thread that was not joined is unknown");
    void* result = nullptr;
    check(pthread_join(thread, &result) == 0 && result == &value, "another result");
    check(pthread_cancel(thread) == ESRCH, "a joined thread was cancelled");
  });
}

TEST(Cancellation, other_threads_go_on_after_main_has_called_pthread_exit) {
  static int finished;
  finished = 0;
  const summary all = run_schedules(20, [] {
    std::thread([] {
      sleep(100);
      std::thread([] {
        sleep(100);
        ++finished;
      }).detach();
    }).detach();
    pthread_exit(nullptr);
  });
  EXPECT_EQ(all.failed, 0u);
  EXPECT_EQ(finished, 20);
  const execution_result stuck = run_once([] {
    std::thread([] {
      sem_t semaphore;
      sem_init(&semaphore, 0, 0);
      sem_wait(&semaphore);
    }).detach();
    pthread_exit(nullptr);
  });
  ASSERT_EQ(stuck.failures.size(), 1u) << "what is left after main's end may deadlock";
  EXPECT_EQ(stuck.failures[0].kind, failure_kind::deadlock);
}

TEST(C11Threads, a_c_program_runs_on_the_machine) {
  int failed_check = 0;
  const summary all = run_schedules(100, [&] {
    const int result = c11_program();
    if (result != 0) failed_check = result;
  });
  EXPECT_EQ(all.failed, 0u) << (all.failures.empty() ? "" : all.failures[0].message);
  EXPECT_EQ(failed_check, 0);
  EXPECT_GT(all.hashes.size(), 50u) << "its calls are not scheduled";
}

}  // namespace
}  // namespace heddle::sim::testing
