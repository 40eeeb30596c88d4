// Attributes and identities of threads.
#include "expect_sound.hpp"

#include <cerrno>
#include <cstring>
#include <thread>

#include <pthread.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

// Touches `size` bytes of the caller's stack.
[[gnu::noinline]] void use_stack(std::size_t size) {
  auto* const bytes = static_cast<volatile char*>(__builtin_alloca(size));
  for (std::size_t at = 0; at < size; at += 4096) bytes[at] = 1;
}

// Starts a thread with a stack of `size` that uses `used` bytes of it.
void run_with_stack(std::size_t size, std::size_t used) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  check(pthread_attr_setstacksize(&attributes, size) == 0, "not a size");
  pthread_t thread;
  const auto start = [](void* argument) -> void* {
    use_stack(*static_cast<std::size_t*>(argument));
    std::this_thread::yield();
    return nullptr;
  };
  check(pthread_create(&thread, &attributes, start, &used) == 0, "not started");
  check(pthread_join(thread, nullptr) == 0, "not joined");
  pthread_attr_destroy(&attributes);
}

TEST(Threads, a_stack_is_as_large_as_was_asked_for) {
  expect_sound(
      [] {
        for (int i = 0; i < 3; ++i) run_with_stack(64 * mebibyte, 63 * mebibyte);
        run_with_stack(2 * mebibyte, 2 * mebibyte - 64 * 1024);
      },
      3);
}

TEST(Threads, an_overflow_of_a_large_stack_is_named) {
  const execution_result result = run_once([] { run_with_stack(256 * mebibyte, 256 * mebibyte); });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::stack_overflow);
  EXPECT_NE(first_message(result).find("256 MiB"), std::string::npos) << first_message(result);
}

TEST(Threads, attributes_of_a_running_thread_tell_where_its_stack_is) {
  expect_sound([] {
    std::thread other([] {
      pthread_attr_t attributes;
      check(pthread_getattr_np(pthread_self(), &attributes) == 0, "no attributes");
      void* bottom = nullptr;
      std::size_t size = 0;
      check(pthread_attr_getstack(&attributes, &bottom, &size) == 0, "no stack");
      const char here = 0;
      check(&here >= bottom && &here < static_cast<char*>(bottom) + size, "another stack");
      int detached = PTHREAD_CREATE_DETACHED;
      check(pthread_attr_getdetachstate(&attributes, &detached) == 0 && detached == PTHREAD_CREATE_JOINABLE,
            "detached");
      pthread_attr_destroy(&attributes);
    });
    other.join();
  });
}

TEST(Threads, the_machine_has_four_processors_whoever_asks) {
  expect_sound([] {
    check(sysconf(_SC_NPROCESSORS_ONLN) == 4 && sysconf(_SC_NPROCESSORS_CONF) == 4, "sysconf");
    check(sysconf(_SC_PAGESIZE) == 4096, "sysconf of something else");
    check(get_nprocs() == 4 && get_nprocs_conf() == 4, "get_nprocs");
    cpu_set_t set;
    check(sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) == 4, "sched_getaffinity");
    check(sched_getcpu() == 0, "sched_getcpu");
    std::thread other([] { check(sched_getcpu() == 1, "sched_getcpu"); });
    other.join();
  });
}

TEST(Threads, process_and_thread_numbers_are_the_same_in_every_process) {
  expect_sound([] {
    check(getpid() == 1'000 && gettid() == getpid() && getppid() != getpid(), "the body's");
    std::thread other([] { check(getpid() == 1'000 && gettid() == 1'001, "another thread's"); });
    other.join();
  });
  EXPECT_NE(getpid(), 1'000) << "outside an execution it is the real one";
}

TEST(Threads, priorities_and_processor_sets_are_accepted) {
  expect_sound([] {
    const sched_param parameters{.sched_priority = 0};
    check(pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters) == 0, "setschedparam");
    check(pthread_setschedprio(pthread_self(), 0) == 0, "setschedprio");
    clockid_t clock = CLOCK_REALTIME;
    timespec time{};
    check(pthread_getcpuclockid(pthread_self(), &clock) == 0 && clock_gettime(clock, &time) == 0, "no clock");
  });
}

TEST(Threads, hundreds_of_them_meet) {
  expect_sound(
      [] {
        constexpr int count = 500;
        pthread_barrier_t barrier;
        pthread_barrier_init(&barrier, nullptr, count);
        std::vector<std::thread> threads;
        for (int i = 0; i < count; ++i) threads.emplace_back([&] { pthread_barrier_wait(&barrier); });
        for (std::thread& one : threads) one.join();
        pthread_barrier_destroy(&barrier);
      },
      3);
}

}  // namespace
}  // namespace heddle::sim::testing
