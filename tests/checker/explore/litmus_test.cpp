// The exhaustive search under weak memory: for every litmus program, all outcomes that the machine can show, and a
// proof.
#include "../../sim/litmus/programs.hpp"
#include "heddle/check.hpp"
#include "heddle/sim/current.hpp"
#include "random_program.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

outcomes reached_by(const check::options& how, const litmus& program, check::report* report = nullptr) {
  outcomes reached;
  const check::report result = check::explore(how, [&] {
    const std::string outcome = outcome_of(program);
    const host_scope host;
    reached.insert(std::string(outcome.data(), outcome.size()));
  });
  if (report != nullptr) *report = result;
  return reached;
}

class ExhaustiveLitmus : public ::testing::TestWithParam<litmus> {};

TEST_P(ExhaustiveLitmus, ReachesEveryOutcomeAndProvesThatThereIsNoOther) {
  check::report report;
  const outcomes reached = reached_by({.strategy = check::exhaustive{}, .schedules = 0}, GetParam(), &report);
  outcomes expected = GetParam().allowed;
  for (const std::string& one : GetParam().unreached) expected.erase(one);
  EXPECT_EQ(reached, expected) << report.schedules << " executions";
  EXPECT_TRUE(report.proved) << report.summary();
}

std::string name_of(const ::testing::TestParamInfo<litmus>& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (letter == '+' || letter == '.') letter = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Programs, ExhaustiveLitmus, ::testing::ValuesIn(all_litmus()), name_of);

// ---------------------------------------------------------------- random programs

using step = std::function<void(litmus_state&)>;

step random_step(std::mt19937& random, std::size_t into) {
  constexpr std::array loads{std::memory_order_relaxed, std::memory_order_acquire, std::memory_order_seq_cst};
  constexpr std::array stores{std::memory_order_relaxed, std::memory_order_release, std::memory_order_seq_cst};
  constexpr std::array updates{std::memory_order_relaxed, std::memory_order_acq_rel, std::memory_order_seq_cst};
  constexpr std::array fences{std::memory_order_acquire, std::memory_order_release, std::memory_order_seq_cst};
  const auto word = random() % 2 == 0 ? &litmus_state::x : &litmus_state::y;
  const auto how = random() % 3;
  const int value = 1 + static_cast<int>(random() % 3);
  switch (random() % 6) {
    case 0:
    case 1:
      return [=](litmus_state& s) { (s.*word).store(value, stores.at(how)); };
    case 2:
      return [=](litmus_state& s) { s.r.at(into) = (s.*word).fetch_add(1, updates.at(how)); };
    case 3:
      return [=](litmus_state&) { std::atomic_thread_fence(fences.at(how)); };
    default:
      return [=](litmus_state& s) { s.r.at(into) = s.r.at(into) * 3 % 7 + (s.*word).load(loads.at(how)); };
  }
}

litmus random_program(unsigned seed, std::size_t threads = 3, int steps_each = 3) {
  std::mt19937 random(seed);
  litmus program;
  program.name = "random " + std::to_string(seed);
  program.registers = 3;
  program.final_words = "xy";
  for (std::size_t thread = 0; thread < threads; ++thread) {
    std::vector<step> steps;
    for (int i = 0; i < steps_each; ++i) steps.push_back(random_step(random, thread));
    program.threads.emplace_back([steps](litmus_state& s) {
      for (const step& one : steps) one(s);
    });
  }
  return program;
}

TEST(ExhaustiveLitmus, MissesNothingThatSamplingFindsInRandomPrograms) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    const litmus program = random_program(seed);
    check::report report;
    const outcomes all = reached_by({.strategy = check::exhaustive{}, .schedules = 0}, program, &report);
    EXPECT_TRUE(report.proved) << program.name;
    for (const std::string& one : reached_by({.strategy = check::random{}, .schedules = 2'000}, program))
      EXPECT_TRUE(all.contains(one)) << program.name << ": " << one << " after " << report.schedules << " executions";
  }
}

// All interleavings with all answers to what is read, against the search that leaves out equivalent ones.
TEST(ExhaustiveLitmus, ExploresEachOrderOfRandomProgramsOnce) {
  int compared = 0;
  for (unsigned seed = 1; compared < 60; ++seed) {
    const litmus program = random_program(seed, 2 + seed % 2, seed % 2 == 0 ? 3 : 2);
    const auto expected =
        check::testing_programs::search_all_interleavings({.weak_memory = true}, 20'000, [&] { outcome_of(program); });
    if (!expected) continue;
    ++compared;
    check::report report;
    reached_by({.strategy = check::exhaustive{}, .schedules = 0}, program, &report);
    EXPECT_TRUE(report.proved) << program.name;
    EXPECT_EQ(report.distinct, expected->orders.size()) << program.name;
    EXPECT_EQ(report.schedules, expected->orders.size()) << program.name;
  }
}

}  // namespace
}  // namespace heddle::sim::testing
