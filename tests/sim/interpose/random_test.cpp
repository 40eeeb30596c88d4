// Randomness is the same in every execution, and real outside.
#include "expect_sound.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <vector>

#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

template <typename Draw>
std::set<std::vector<std::uint64_t>> drawn_in_executions(Draw draw) {
  std::set<std::vector<std::uint64_t>> all;
  run_schedules(5, [&] {
    std::vector<std::uint64_t> numbers;
    for (int i = 0; i < 4; ++i) numbers.push_back(draw());
    const host_scope host;
    all.insert(std::vector<std::uint64_t>(numbers));
  });
  return all;
}

template <typename Draw>
void expect_one_sequence(Draw draw) {
  const auto all = drawn_in_executions(draw);
  ASSERT_EQ(all.size(), 1u);
  const std::vector<std::uint64_t>& numbers = *all.begin();
  EXPECT_EQ(std::set<std::uint64_t>(numbers.begin(), numbers.end()).size(), numbers.size()) << "not random at all";
}

TEST(Random, entropy_is_the_same_in_every_execution) {
  expect_one_sequence([] { return std::uint64_t{std::random_device{}()}; });
  expect_one_sequence([] { return std::uint64_t{std::random_device{"/dev/urandom"}()}; });
  expect_one_sequence([] {
    std::uint64_t number = 0;
    check(getrandom(&number, sizeof number, 0) == sizeof number, "not all bytes");
    return number;
  });
  expect_one_sequence([] {
    std::uint64_t number = 0;
    check(syscall(SYS_getrandom, &number, sizeof number, 0) == sizeof number, "not all bytes");
    return number;
  });
  expect_one_sequence([] {
    std::uint64_t number = 0;
    check(getentropy(&number, 5) == 0 && number >> 40 == 0, "more bytes than asked for");
    return number;
  });
#if __GLIBC_PREREQ(2, 36)
  expect_one_sequence([] { return std::uint64_t{arc4random()}; });
  expect_sound([] { check(arc4random_uniform(10) < 10, "beyond the bound"); });
#endif
}

TEST(Random, generators_of_libc_start_anew_with_each_execution) {
  expect_one_sequence([] { return static_cast<std::uint64_t>(rand()); });
  expect_one_sequence([] { return static_cast<std::uint64_t>(random()); });
  expect_one_sequence([] { return static_cast<std::uint64_t>(lrand48()); });
  expect_one_sequence([] { return static_cast<std::uint64_t>(mrand48()); });
  expect_sound([] {
    check(rand() == 1'804'289'383, "not what a process begins with");
    srand(7);
    srand48(7);
    const int first = rand();
    const double second = drand48();
    srand(7);
    srand48(7);
    check(rand() == first && drand48() == second, "the seed was not taken");
  });
}

TEST(Random, outside_it_is_real) {
  EXPECT_NE(std::random_device{}(), std::random_device{}());
  std::uint64_t one = 0;
  std::uint64_t two = 0;
  ASSERT_EQ(getrandom(&one, sizeof one, 0), 8);
  ASSERT_EQ(getrandom(&two, sizeof two, 0), 8);
  EXPECT_NE(one, two);
}

}  // namespace
}  // namespace heddle::sim::testing
