// Tests that behave in every way the command has to cope with. Each is run by itself or in company by cli tests.
#include "heddle/gtest.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

void add_in_two_steps(std::atomic<int>& count) {
  count.store(count.load() + 1);
}

HEDDLE_TEST(Good, Counter) {
  std::atomic<int> count{0};
  std::thread other([&] { count.fetch_add(1); });
  count.fetch_add(1);
  other.join();
  HEDDLE_CHECK(count.load() == 2);
}

HEDDLE_TEST(Good, Choice) {
  HEDDLE_CHECK(heddle::check::choose(4) < 4);
}

// Leaves a mark in a file for each schedule whose threads took turns, which chance does not bring about.
HEDDLE_TEST_WITH(Counted, InStep, heddle::check::options{.audit = 0}) {
  std::array<int, 20> turns{};
  std::atomic<std::size_t> taken{0};
  const auto take = [&](int who) {
    for (std::size_t i = 0; i < turns.size() / 2; ++i) turns[taken.fetch_add(1)] = who;
  };
  std::thread one(take, 1);
  std::thread two(take, 2);
  one.join();
  two.join();
  if (std::ranges::adjacent_find(turns) == turns.end()) std::ofstream("in_step", std::ios::app) << 'x';
}

HEDDLE_TEST(Bad, LostUpdate) {
  std::atomic<int> count{0};
  std::thread other([&] { add_in_two_steps(count); });
  add_in_two_steps(count);
  other.join();
  HEDDLE_CHECK(count.load() == 2);
}

HEDDLE_TEST(Bad, Deadlock) {
  std::mutex left;
  std::mutex right;
  std::thread other([&] {
    const std::lock_guard first(right);
    const std::lock_guard second(left);
  });
  {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  }
  other.join();
}

int* volatile nowhere = nullptr;

HEDDLE_TEST(Crash, InASchedule) {
  if (heddle::check::choose(10) == 4) *nowhere = 1;
}

TEST(Crash, OutsideOfSchedules) {
  *nowhere = 1;
}

// A call that the machine lets through, and that never returns.
HEDDLE_TEST(Hang, InTheKernel) {
  if (heddle::check::choose(10) == 4) syscall(SYS_pause);
}

HEDDLE_TEST(Memory, GrowsWithoutEnd) {
  constexpr std::size_t size = std::size_t{1} << 20;
  while (true) {
    char* volatile block = new char[size];
    for (std::size_t i = 0; i < size; i += 4096) block[i] = 1;
  }
}

TEST(Plain, Passes) {}

TEST(Plain, Fails) {
  EXPECT_EQ(1 + 1, 3) << "as everyone knows";
}

TEST(Plain, Skips) {
  GTEST_SKIP();
}

TEST(Plain, ExitsInTheMiddle) {
  std::exit(0);
}

}  // namespace
