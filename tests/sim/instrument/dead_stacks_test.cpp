// Locals of functions that have returned, and what only looks like them.
#include "../support.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <csetjmp>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

#include <alloca.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <ucontext.h>

namespace heddle::sim::testing {
namespace {

using ::testing::HasSubstr;

machine_options with_races() {
  machine_options options;
  options.races = true;
  return options;
}

// The address of a local, in a way that compilers do not see through.
[[gnu::noinline]] int* launder(int* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}
// Far enough down that the calls which follow do not reach it.
constexpr std::size_t far = 1024;
[[gnu::noinline]] int* address_of_a_local() {
  std::array<int, far> local{};
  return launder(local.data());
}
[[gnu::noinline]] int read_at(const int* pointer) {
  return *pointer;
}

std::string found_in(void (*body)()) {
  const execution_result result = run_once(body, 1, with_races());
  if (result.failures.empty()) return "";
  EXPECT_EQ(result.failures[0].kind, failure_kind::use_after_free) << result.failures[0].message;
  return result.failures[0].message;
}

TEST(DeadStack, a_local_read_after_its_function_returned_is_found) {
  EXPECT_THAT(found_in([] { check(read_at(address_of_a_local()) != 6, "six"); }),
              HasSubstr("read of 4 bytes of a local of a function that has returned: on the stack of thread 0"));
  EXPECT_EQ(found_in([] {
              int local = 5;
              check(read_at(launder(&local)) == 5, "five");
            }),
            "");
}

// Its own local takes the place of that of the function called before it.
[[gnu::noinline]] int read_under_a_local_of_ones_own(const int* pointer) {
  std::array<int, 2 * far> own{};
  return read_at(pointer) + *launder(own.data());
}

// A pointer does not tell for which of the two it was made.
TEST(DeadStack, a_local_whose_place_a_later_call_has_taken_is_the_limit_of_what_is_found) {
  EXPECT_EQ(found_in([] { check(read_under_a_local_of_ones_own(address_of_a_local()) != 6, "six"); }), "");
}

TEST(DeadStack, a_local_written_by_another_thread_after_its_function_returned_is_found) {
  static const auto start_and_return = [](bool joins) {
    const auto start = [joins](std::thread& other, std::atomic<bool>& returned) {
      std::array<int, far> local{};
      other = std::thread([&returned, pointer = launder(local.data())] {
        while (!returned) std::this_thread::yield();
        *pointer = 6;
      });
      if (joins) {
        returned = true;
        other.join();
      }
    };
    std::thread other;
    std::atomic<bool> returned{false};
    [&]() __attribute__((noinline)) { start(other, returned); }();
    returned = true;
    if (!joins) other.join();
  };
  EXPECT_THAT(found_in([] { start_and_return(false); }),
              HasSubstr("of a local of a function that has returned: on the stack of thread 0"));
  EXPECT_EQ(found_in([] { start_and_return(true); }), "");
}

TEST(DeadStack, a_local_of_a_thread_that_has_ended_is_found) {
  EXPECT_THAT(found_in([] {
                std::atomic<int*> shared{nullptr};
                std::thread([&shared] {
                  int local = 5;
                  shared = launder(&local);
                  std::this_thread::sleep_for(std::chrono::seconds(1));  // so that it has stood further down
                }).join();
                check(read_at(shared) != 6, "six");
              }),
              HasSubstr("on the stack of thread 1, which has ended"));
}

TEST(DeadStack, alloca_exceptions_jumps_and_handlers_are_none) {
  EXPECT_EQ(found_in([] {
              auto* const block = static_cast<int*>(alloca(64 * sizeof(int)));
              for (int i = 0; i < 64; ++i) *launder(block + i) = i;
              try {
                int local = 7;
                if (read_at(launder(&local)) == 7) throw std::runtime_error("seven");
              } catch (const std::runtime_error& error) {
                check(read_at(block + 63) == 63 && std::string(error.what()) == "seven", "lost");
              }
              std::jmp_buf buffer;
              if (setjmp(buffer) == 0) std::longjmp(buffer, 1);
              check(read_at(block) == 0, "lost");
              std::signal(SIGUSR1, [](int) {
                int local = 8;
                check(read_at(launder(&local)) == 8, "eight");
              });
              pthread_kill(pthread_self(), SIGUSR1);
            }),
            "");
}

ucontext_t main_context;
ucontext_t fiber_context;
int* shared_local = nullptr;

void run_fiber(int first, int second) {
  check(first == 1 && second == 2, "arguments are lost");
  check(read_at(shared_local) == 5, "five");
  int own = 7;
  check(read_at(launder(&own)) == 7, "seven");
  swapcontext(&fiber_context, &main_context);
}

// On a stack that stands above another local of the same frame.
[[gnu::noinline]] void run_fiber_on(char* stack, std::size_t size, int* local) {
  shared_local = local;
  getcontext(&fiber_context);
  fiber_context.uc_stack.ss_sp = stack;
  fiber_context.uc_stack.ss_size = size;
  fiber_context.uc_link = nullptr;
  makecontext(&fiber_context, reinterpret_cast<void (*)()>(&run_fiber), 2, 1, 2);
  swapcontext(&main_context, &fiber_context);
}

TEST(DeadStack, fibers_of_the_program_on_any_stack_are_none) {
  EXPECT_EQ(found_in([] {
              int local = 5;
              const std::string block(64 * 1024, '\0');
              run_fiber_on(const_cast<char*>(block.data()), block.size(), launder(&local));
            }),
            "");
  EXPECT_EQ(found_in([] {
              struct {
                int below = 5;
                std::array<char, 64 * 1024> stack;
              } frame;
              run_fiber_on(frame.stack.data(), frame.stack.size(), launder(&frame.below));
            }),
            "");
}

}  // namespace
}  // namespace heddle::sim::testing
