// Failures that the machine asks about, and what becomes of the execution.
#include "../support.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

// Remembers what it is asked, and uses more stack than a thread of the machine has.
class remembering_judge final : public failure_judge {
 public:
  explicit remembering_judge(bool answer) : answer_(answer) {}

  bool accepts(const failure& what) noexcept override {
    asked.push_back(what);
    use_stack();
    return answer_;
  }

  std::vector<failure> asked;

 private:
  [[gnu::noinline]] static void use_stack() {
    std::array<volatile char, 4 << 20> bytes;
    for (std::size_t i = 0; i < bytes.size(); i += 4096) bytes[i] = 1;
  }

  const bool answer_;
};

machine_options with_races() {
  machine_options options;
  options.races = true;
  return options;
}

// Runs a body several times, to see that nothing is kept from one execution in the next.
template <typename Body>
std::vector<execution_result> run_judged(remembering_judge& judge, Body body) {
  machine on(with_races());
  on.judge_failures_by(&judge);
  std::vector<execution_result> results;
  for (int i = 0; i < 3; ++i) {
    seeded_source source(1);
    results.push_back(on.run(source, body));
  }
  return results;
}

thread_local int local = 0;

// Three races: of two places, and of one place again. What the thread knows of itself must be as before.
void race_thrice() {
  // Apart, or g++ writes both at once.
  alignas(16) int first = 0;
  alignas(16) int second = 0;
  local = 17;
  errno = ENOTTY;
  std::thread other([&] {
    for (int* const number : {&first, &second}) *number = 1;
  });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  first = 2;
  check(local == 17 && errno == ENOTTY, "the thread is another one");
  for (int i = 0; i < 2; ++i) second = 3;
  other.join();
}

TEST(Judgement, an_accepted_race_is_told_once_a_place_and_the_execution_goes_on) {
  remembering_judge judge(true);
  const std::vector<execution_result> results = run_judged(judge, race_thrice);
  for (const execution_result& one : results) {
    EXPECT_EQ(first_message(one), "");
    EXPECT_FALSE(one.abandoned);
    EXPECT_EQ(one.accepted.size(), 2u);
    EXPECT_EQ(one.event_hash, results[0].event_hash);
    EXPECT_TRUE(std::ranges::all_of(one.accepted, [](const failure& race) {
      return race.kind == failure_kind::data_race && !race.stack.empty() && !race.related.empty();
    }));
  }
  EXPECT_EQ(judge.asked.size(), 6u);
}

// Each of four threads races with the one before, at the same place of the program.
void race_of_four() {
  int number = 0;
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i) all.emplace_back([&number] { number = 1; });
  for (std::thread& each : all) each.join();
}

TEST(Judgement, a_race_that_comes_again_at_the_same_places_is_not_asked_about_again) {
  remembering_judge judge(true);
  for (const execution_result& one : run_judged(judge, race_of_four)) EXPECT_EQ(one.accepted.size(), 1u);
  EXPECT_EQ(judge.asked.size(), 3u);
}

TEST(Judgement, a_race_that_is_not_accepted_ends_the_execution) {
  remembering_judge judge(false);
  for (const execution_result& one : run_judged(judge, race_thrice)) {
    ASSERT_EQ(one.failures.size(), 1u);
    EXPECT_EQ(one.failures[0].kind, failure_kind::data_race);
    EXPECT_TRUE(one.accepted.empty());
    EXPECT_TRUE(one.abandoned);
  }
  EXPECT_EQ(judge.asked.size(), 3u);
}

TEST(Judgement, nobody_is_asked_of_what_ends_the_execution_anyway) {
  remembering_judge judge(true);
  for (const execution_result& one : run_judged(judge, [] { check(false, "no"); })) {
    EXPECT_EQ(first_message(one), "no");
  }
  EXPECT_TRUE(judge.asked.empty());
}

}  // namespace
}  // namespace heddle::sim::testing
