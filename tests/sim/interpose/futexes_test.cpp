// The futex calls that programs make themselves.
#include "expect_sound.hpp"

#include <atomic>
#include <cerrno>
#include <thread>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

long futex(void* word, int operation, unsigned value, const void* timeout = nullptr, void* second = nullptr,
           unsigned bits = 0) {
  return syscall(SYS_futex, word, operation, value, timeout, second, bits);
}

// The second count of operations on two words stands where others have the timeout.
const void* count(std::uintptr_t number) {
  return reinterpret_cast<const void*>(number);
}

TEST(Futexes, deadlines_are_spans_or_points_of_either_clock) {
  expect_sound([] {
    std::uint32_t word = 0;
    const auto seconds_passed = [](clockid_t clock, auto wait) {
      timespec before{};
      clock_gettime(clock, &before);
      timespec time = before;
      wait(time);
      clock_gettime(clock, &time);
      return time.tv_sec - before.tv_sec;
    };
    check(seconds_passed(CLOCK_MONOTONIC,
                         [&](timespec& time) {
                           time = {.tv_sec = 5, .tv_nsec = 0};
                           check(futex(&word, FUTEX_WAIT, 0, &time) == -1 && errno == ETIMEDOUT, "woken");
                         }) == 5,
          "a span");
    check(seconds_passed(CLOCK_MONOTONIC,
                         [&](timespec& time) {
                           time.tv_sec += 6;
                           check(futex(&word, FUTEX_WAIT_BITSET, 0, &time, nullptr, 1) == -1 && errno == ETIMEDOUT,
                                 "woken");
                         }) == 6,
          "a monotonic point");
    check(seconds_passed(CLOCK_REALTIME,
                         [&](timespec& time) {
                           time.tv_sec += 7;
                           check(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &time, nullptr, 1) == -1 &&
                                     errno == ETIMEDOUT,
                                 "woken");
                         }) == 7,
          "a real point");
    check(futex(&word, FUTEX_WAIT_BITSET, 0, nullptr, nullptr, 0) == -1 && errno == EINVAL, "waited for no bits");
  });
}

TEST(Futexes, waiters_move_to_another_word) {
  expect_sound([] {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    std::atomic<int> woken{0};
    const auto wait = [&] {
      check(futex(&first, FUTEX_WAIT, 0) == 0, "not woken");
      woken.fetch_add(1);
    };
    std::thread one(wait);
    std::thread two(wait);
    std::thread three(wait);
    sleep(1);
    check(futex(&first, FUTEX_CMP_REQUEUE, 1, count(9), &second, 7) == -1 && errno == EAGAIN, "another value");
    check(futex(&first, FUTEX_CMP_REQUEUE, 1, count(1), &second, 0) == 2, "not one woken and one moved");
    sleep(1);
    check(woken.load() == 1, "not one woken");
    check(futex(&second, FUTEX_WAKE, 9) == 1 && futex(&first, FUTEX_WAKE, 9) == 1, "not one at each word");
    one.join();
    two.join();
    three.join();
  });
}

TEST(Futexes, wake_op_changes_the_second_word_and_wakes_by_its_old_value) {
  expect_sound([] {
    std::uint32_t first = 0;
    std::uint32_t second = 5;
    std::thread one([&] { check(futex(&first, FUTEX_WAIT, 0) == 0, "not woken"); });
    std::thread two([&] { check(futex(&second, FUTEX_WAIT, 5) == 0, "not woken"); });
    sleep(1);
    const unsigned no_match = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GT, 5);
    check(futex(&first, FUTEX_WAKE_OP, 1, count(1), &second, no_match) == 1, "not one woken");
    check(second == 8, "not added");
    const unsigned match = FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 8);
    check(futex(&first, FUTEX_WAKE_OP, 1, count(1), &second, match) == 1, "not the other woken");
    check(second == 0, "not set");
    one.join();
    two.join();
  });
}

TEST(Futexes, priority_inheriting_locks_exclude) {
  expect_sound([] {
    std::uint32_t word = 0;
    int inside = 0;
    const auto work = [&] {
      for (int i = 0; i < 3; ++i) {
        check(futex(&word, FUTEX_LOCK_PI, 0) == 0, "not taken");
        check((word & FUTEX_TID_MASK) == static_cast<std::uint32_t>(gettid()), "not its owner");
        check(++inside == 1, "two inside");
        check(futex(&word, FUTEX_LOCK_PI, 0) == -1 && errno == EDEADLK, "taken twice");
        std::this_thread::yield();
        --inside;
        check(futex(&word, FUTEX_UNLOCK_PI, 0) == 0, "not released");
      }
    };
    std::thread one(work);
    std::thread two(work);
    work();
    one.join();
    two.join();
    check(futex(&word, FUTEX_TRYLOCK_PI, 0) == 0, "not free");
    std::thread other([&] {
      check(futex(&word, FUTEX_TRYLOCK_PI, 0) == -1 && errno == EAGAIN, "taken though held");
      check(futex(&word, FUTEX_UNLOCK_PI, 0) == -1 && errno == EPERM, "released by another");
    });
    other.join();
  });
}

TEST(Futexes, other_system_calls_by_number_are_those_of_the_machine) {
  expect_sound([] {
    check(syscall(SYS_gettid) == 1'000 && syscall(SYS_getpid) == 1'000, "numbers");
    const timespec span{.tv_sec = 100, .tv_nsec = 0};
    timespec before{};
    timespec after{};
    check(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &before) == 0, "no time");
    check(syscall(SYS_nanosleep, &span, nullptr) == 0, "no sleep");
    check(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &after) == 0, "no time");
    check(after.tv_sec - before.tv_sec == 100, "another span");
    unsigned cpu = 7;
    check(syscall(SYS_getcpu, &cpu, nullptr, nullptr) == 0 && cpu == 0, "another processor");
    check(syscall(SYS_sched_yield) == 0, "no yield");
  });
}

}  // namespace
}  // namespace heddle::sim::testing
