// The fuzzer's entry: bytes are the decisions.
#include "heddle/check/explore_bytes.hpp"

#include "heddle/check/framework.hpp"
#include "heddle/gtest.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace check = heddle::check;
using check::report;

using bytes = std::vector<std::uint8_t>;

check::options sequential() {
  check::options how;
  how.weak_memory = false;
  how.name = "bytes";
  return how;
}

template <typename Body>
report of_input(const bytes& input, Body body) {
  return check::explore_input(sequential(), input, check::body_reference(body));
}

void lose_an_update() {
  std::atomic<int> count{0};
  const auto add = [&count] {
    const int before = count.load();
    count.store(before + 1);
  };
  std::thread one(add);
  std::thread two(add);
  one.join();
  two.join();
  HEDDLE_CHECK(count.load() == 2);
}

// The first input of one changed byte that fails.
bytes failing_input() {
  for (std::size_t place = 0; place < 30; ++place) {
    bytes input(place + 1, 0);
    for (input[place] = 1; input[place] < 3; ++input[place]) {
      if (of_input(input, lose_an_update).failed()) return input;
    }
  }
  return {};
}

TEST(ExploreBytes, OneByteOfManyMakesTheFailure) {
  EXPECT_FALSE(of_input({}, lose_an_update).failed());
  const bytes input = failing_input();
  ASSERT_FALSE(input.empty());
  const report found = of_input(input, lose_an_update);
  ASSERT_EQ(found.findings.size(), 1U) << found.text();
  EXPECT_EQ(found.schedules, 1U);
  EXPECT_EQ(of_input(input, lose_an_update).findings.at(0).event_hash, found.findings[0].event_hash);
}

TEST(ExploreBytes, TokenNeedsNoInput) {
  const report found = of_input(failing_input(), lose_an_update);
  ASSERT_EQ(found.findings.size(), 1U);
  ASSERT_EQ(setenv("HEDDLE_REPLAY", found.findings[0].token.c_str(), 1), 0);
  check::test_begins();
  const report again = of_input({}, lose_an_update);
  unsetenv("HEDDLE_REPLAY");
  ASSERT_EQ(again.findings.size(), 1U) << again.text();
  EXPECT_EQ(again.findings[0].event_hash, found.findings[0].event_hash);
}

TEST(ExploreBytes, AnswersChoicesInOrderAndThenAsUsual) {
  std::vector<std::uint32_t> answers;
  const auto body = [&answers] {
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t answer = check::choose(5);
      const heddle::sim::host_scope host;
      answers.push_back(answer);
    }
  };
  EXPECT_FALSE(of_input({3, 0, 7}, body).failed());
  EXPECT_THAT(answers, testing::ElementsAre(3, 0, 2, 0));
}

TEST(ExploreBytes, ReturnsZeroOrAbortsWithTheReport) {
  EXPECT_EQ(check::explore_bytes(nullptr, 0, lose_an_update, sequential()), 0);
  const bytes input = failing_input();
  EXPECT_EXIT(check::explore_bytes(input.data(), input.size(), lose_an_update, sequential()),
              testing::KilledBySignal(SIGABRT), "assertion in bytes: HEDDLE_CHECK");
}

}  // namespace
