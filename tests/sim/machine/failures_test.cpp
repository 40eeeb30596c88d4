// What ends an execution badly, and that the next one is none the worse for it.
#include "../support.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

[[gnu::noinline]] int recurse(int depth) {
  volatile char frame[2048];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0];
}

void expect_the_next_execution_is_sound(machine& on) {
  seeded_source source(1);
  int value = 0;
  const execution_result& result = on.run(source, [&] {
    std::thread thread([&] { value = 42; });
    thread.join();
  });
  EXPECT_EQ(first_message(result), "");
  EXPECT_EQ(value, 42);
}

template <typename Body>
execution_result fail_then_continue(Body body, machine_options options = {}) {
  machine on(options);
  execution_result kept;
  for (int i = 0; i < 3; ++i) {
    seeded_source source(1);
    kept = on.run(source, body);
    expect_the_next_execution_is_sound(on);
  }
  EXPECT_EQ(kept.failures.size(), 1u);
  if (kept.failures.empty()) kept.failures.emplace_back();
  return kept;
}

TEST(Failures, a_stack_overflow_of_the_body_is_reported_as_such) {
  const execution_result result = fail_then_continue([] { recurse(0); });
  EXPECT_EQ(result.failures[0].kind, failure_kind::stack_overflow);
}

TEST(Failures, a_stack_overflow_of_a_thread_is_reported_as_such) {
  const execution_result result = fail_then_continue([] { std::thread([] { recurse(0); }).join(); });
  EXPECT_EQ(result.failures[0].kind, failure_kind::stack_overflow);
  EXPECT_EQ(result.failures[0].thread, 1u);
}

TEST(Failures, an_exception_that_leaves_the_body_is_named_with_its_text) {
  const execution_result result = fail_then_continue([] { throw std::runtime_error("no such luck"); });
  EXPECT_EQ(result.failures[0].kind, failure_kind::exception);
  EXPECT_NE(first_message(result).find("std::runtime_error: no such luck"), std::string::npos) << first_message(result);
}

TEST(Failures, an_exception_that_leaves_a_thread_is_named_with_its_text) {
  const execution_result result = fail_then_continue([] { std::thread([] { throw std::logic_error("odd"); }).join(); });
  EXPECT_EQ(result.failures[0].kind, failure_kind::exception);
  EXPECT_NE(first_message(result).find("std::logic_error: odd"), std::string::npos) << first_message(result);
}

TEST(Failures, exceptions_that_are_caught_are_no_failure_even_while_threads_interleave) {
  const summary all = run_schedules(100, [] {
    const auto thrower = [] {
      for (int i = 0; i < 3; ++i) {
        try {
          std::atomic<int> point{0};
          point.fetch_add(1);
          throw std::to_string(i);
        } catch (const std::string& caught) {
          std::atomic<int> point{0};
          point.fetch_add(1);
          check(caught == std::to_string(i), "another thread's exception");
        }
      }
    };
    std::thread one(thrower);
    std::thread two(thrower);
    thrower();
    one.join();
    two.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Failures, a_crash_is_caught_with_its_signal) {
  const execution_result result = fail_then_continue([] {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  });
  EXPECT_EQ(result.failures[0].kind, failure_kind::crash);
  EXPECT_EQ(result.failures[0].signal, SIGSEGV);
}

TEST(Failures, abort_is_a_crash_with_its_signal) {
  const execution_result result = fail_then_continue([] { std::abort(); });
  EXPECT_EQ(result.failures[0].kind, failure_kind::crash);
  EXPECT_EQ(result.failures[0].signal, SIGABRT);
}

TEST(Failures, exit_in_a_body_does_not_end_the_process) {
  const execution_result result = fail_then_continue([] { std::exit(3); });
  EXPECT_NE(first_message(result).find("exit() was called"), std::string::npos);
}

TEST(Failures, a_loop_without_scheduling_points_is_ended_by_the_watchdog) {
  machine_options options;
  options.stuck_after = std::chrono::seconds{1};
  const execution_result result = fail_then_continue(
      [] {
        volatile bool forever = true;
        while (forever) {
        }
      },
      options);
  EXPECT_EQ(result.failures[0].kind, failure_kind::step_limit);
  EXPECT_NE(first_message(result).find("options::stuck_after"), std::string::npos);
}

TEST(Failures, the_stack_of_a_failure_names_the_functions_that_led_there) {
  const execution_result result = run_once([] { check(false, "here"); });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_GE(result.failures[0].stack.size(), 2u);
}

const char* volatile no_text = nullptr;

[[gnu::noinline]] std::size_t length_of_nothing() {
  return std::strlen(no_text) + 1;
}

TEST(Failures, a_crash_in_a_library_shows_the_function_that_called_it) {
  const execution_result result = fail_then_continue([] { std::thread([] { length_of_nothing(); }).join(); });
  EXPECT_EQ(result.failures[0].kind, failure_kind::crash);
  const call_stack& stack = result.failures[0].stack;
  // The compiler decides what stands behind it, such as its caller.
  const auto begin = reinterpret_cast<std::uintptr_t>(&length_of_nothing);
  constexpr std::uintptr_t size_max = 200;
  ASSERT_GE(stack.size(), 3u);
  EXPECT_FALSE(stack[0] > begin && stack[0] < begin + size_max);
  EXPECT_TRUE(stack[1] > begin && stack[1] < begin + size_max);
  EXPECT_EQ(std::ranges::count(stack, stack[1]), 1);
}

// Its frame pointer leads nowhere.
[[gnu::noinline]] void crash_with_a_broken_stack() {
  asm volatile("movq $64, %%rbp; movl $1, 0" : : : "memory");
}

TEST(Failures, a_crash_whose_stack_cannot_be_unwound_is_reported) {
  const execution_result result = fail_then_continue([] { crash_with_a_broken_stack(); });
  EXPECT_EQ(result.failures[0].kind, failure_kind::crash);
  EXPECT_EQ(result.failures[0].signal, SIGSEGV);
}

TEST(Failures, a_crash_outside_an_execution_goes_where_it_always_went) {
  EXPECT_EXIT(
      {
        machine on({});
        std::raise(SIGSEGV);
      },
      ::testing::KilledBySignal(SIGSEGV), "");
}

TEST(FailuresDeathTest, a_second_machine_is_an_error) {
  machine one({});
  EXPECT_DEATH(machine two({}), "one exploration runs at a time");
}

TEST(FailuresDeathTest, a_machine_inside_an_execution_is_an_error) {
  EXPECT_DEATH(run_once([] { machine inner({}); }), "explorations do not nest");
}

TEST(FailuresDeathTest, ending_by_a_signal_ends_as_the_crash_would_have) {
  EXPECT_EXIT(end_process_by_signal(SIGFPE), ::testing::KilledBySignal(SIGFPE), "");
}

}  // namespace
}  // namespace heddle::sim::testing
