// Properties: inputs are generated outside of executions, schedules explored for each, and both are shrunk.
#include "heddle/rapidcheck/property.hpp"

#include "explore/variable.hpp"
#include "heddle/check.hpp"
#include "heddle/rapidcheck.hpp"
#include "heddle/runtime.hpp"
#include "heddle/sim/current.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::check::explore_property;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::property_options;
using heddle::check::report;
using heddle::check::testing::variable;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Lt;
using testing::MatchesRegex;
using testing::Not;

std::vector<int> small_amounts() {
  return *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
}

// Two threads add what is in the lists; `add` is one addition to the sum.
template <typename Add>
auto sums_are_kept(Add add) {
  return [add] {
    const std::vector<int> left = small_amounts();
    const std::vector<int> right = small_amounts();
    return [left, right, add] {
      std::atomic<int> sum{0};
      std::thread other([&] { std::ranges::for_each(right, [&](int each) { add(sum, each); }); });
      std::ranges::for_each(left, [&](int each) { add(sum, each); });
      other.join();
      const int expected =
          std::accumulate(left.begin(), left.end(), 0) + std::accumulate(right.begin(), right.end(), 0);
      RC_ASSERT(sum.load() == expected);
    };
  };
}

void add_in_two_steps(std::atomic<int>& sum, int what) {
  sum.store(sum.load() + what);
}

void add_in_one_step(std::atomic<int>& sum, int what) {
  sum.fetch_add(what);
}

TEST(Property, IsShrunkToTheSmallestInputAndTheFewestPreemptions) {
  const report result = explore_property(property_options(), sums_are_kept(&add_in_two_steps));
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::assertion);
  EXPECT_THAT(result.findings[0].message, AllOf(HasSubstr("RC_ASSERT(sum.load() == expected)\nExpands to:\n")));
  EXPECT_THAT(result.findings[0].where.file, HasSubstr("property_test.cpp"));
  // One addition on each side, of which one has something to lose.
  ASSERT_EQ(result.inputs.size(), 2U);
  const std::vector<std::string> values{result.inputs[0].value, result.inputs[1].value};
  EXPECT_THAT(values, testing::UnorderedElementsAre("[0]", "[1]"));
  EXPECT_THAT(result.findings[0].minimised, HasSubstr("shrunk to 1 preemption and 0 other"));
  EXPECT_THAT(result.inputs_minimised,
              MatchesRegex("found with input [0-9]+, shrunk in [0-9]+ steps?, of [0-9]+ others tried"));
  EXPECT_THAT(result.text(), AllOf(HasSubstr("  inputs:\n    "), HasSubstr(" = [1]"), HasSubstr("\nreplay: ")));
}

// With one schedule for each input, only the decisions of the last failure can find it again.
TEST(Property, TheScheduleThatFailedIsTriedFirstForASmallerInput) {
  const report result = explore_property({.schedules = 1}, [] {
    const auto amounts = small_amounts();
    return [amounts] {
      std::atomic<int> sum{0};
      std::thread other([&] { add_in_two_steps(sum, 1); });
      add_in_two_steps(sum, 1);
      other.join();
      for (const int each : amounts) add_in_one_step(sum, each);
      HEDDLE_CHECK(sum.load() == 2 + std::accumulate(amounts.begin(), amounts.end(), 0));
    };
  });
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.inputs[0].value, "[]");
}

// Fixed schedules are left out for another seed of the same program; another input is another program.
TEST(Property, EachInputIsTriedInStepWhateverTheSeedSays) {
  int in_step = 0;
  const options how{.schedules = 1, .seed = std::uint64_t{1} << 63, .audit = 0};
  const report result = explore_property(how, [&in_step] {
    return [input = *rc::gen::arbitrary<int>(), &in_step] {
      std::array<int, 20> turns{};
      std::atomic<std::size_t> taken{0};
      const auto take = [&](int who) {
        for (std::size_t i = 0; i < turns.size() / 2; ++i) turns[taken.fetch_add(1)] = who;
      };
      std::thread one(take, input);
      std::thread two(take, input + 1);
      one.join();
      two.join();
      if (std::ranges::adjacent_find(turns) == turns.end()) ++in_step;
    };
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(in_step, 100);
}

TEST(Property, PassesWhenEveryAdditionIsOneStep) {
  const report result = explore_property(property_options(), sums_are_kept(&add_in_one_step));
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(result.inputs_tried, 100U);
  EXPECT_EQ(result.schedules, 10'000U);
  EXPECT_THAT(result.summary(), HasSubstr("sampled 10000 schedules of 100 inputs"));
}

TEST(Property, OneTokenReproducesInputAndSchedule) {
  const report found = explore_property(property_options(), sums_are_kept(&add_in_two_steps));
  ASSERT_TRUE(found.failed());
  const variable replay("HEDDLE_REPLAY", found.findings[0].token);
  const report again = explore_property(property_options(), sums_are_kept(&add_in_two_steps));
  ASSERT_TRUE(again.failed());
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.inputs, found.inputs);
  EXPECT_EQ(again.findings[0].event_hash, found.findings[0].event_hash);
  EXPECT_EQ(again.findings[0].message, found.findings[0].message);
  EXPECT_EQ(again.findings[0].token, found.findings[0].token);
}

TEST(Property, ATokenWithoutAnInputIsAnError) {
  const report found = heddle::check::explore(options{}, [] { HEDDLE_CHECK(false); });
  const variable replay("HEDDLE_REPLAY", found.findings[0].token);
  const report again = explore_property(property_options(), sums_are_kept(&add_in_one_step));
  EXPECT_THAT(again.error, HasSubstr("holds no input of a property"));
}

// RC_PARAMS=reproduce is what the note of a report gives.
TEST(Property, ReproducesTheInputAloneFromRapidChecksParameters) {
  const report found = explore_property(property_options(), sums_are_kept(&add_in_two_steps));
  ASSERT_TRUE(found.failed());
  const auto note = std::ranges::find_if(found.notices, [](const auto& one) { return one.starts_with("this input"); });
  ASSERT_NE(note, found.notices.end());
  const std::size_t begin = note->find("reproduce=");
  const variable parameters("RC_PARAMS", note->substr(begin, note->find_first_of("' ", begin) - begin));
  const report again = explore_property(property_options(), sums_are_kept(&add_in_two_steps));
  EXPECT_TRUE(again.failed());
  EXPECT_EQ(again.inputs, found.inputs);
  const report mended = explore_property(property_options(), sums_are_kept(&add_in_one_step));
  EXPECT_FALSE(mended.failed());
  EXPECT_EQ(mended.inputs_tried, 1U);
}

TEST(Property, HeedsRapidChecksParameters) {
  std::vector<std::vector<int>> seen;
  const auto look = [&seen] {
    seen.push_back(small_amounts());
    return [] {};
  };
  const auto inputs_of = [&](const std::string& parameters) {
    seen.clear();
    const variable set("RC_PARAMS", parameters);
    EXPECT_FALSE(explore_property({.schedules = 1}, look).failed());
    return seen;
  };
  const auto first = inputs_of("seed=1 max_success=20");
  EXPECT_EQ(first.size(), 20U);
  EXPECT_EQ(inputs_of("seed=1 max_success=20"), first);
  EXPECT_EQ(inputs_of("max_success=20"), first) << "the options' seed is 1";
  EXPECT_NE(inputs_of("seed=2 max_success=20"), first);
  for (const auto& each : inputs_of("max_size=3")) EXPECT_LE(each.size(), 3U);
  const variable wrong("RC_PARAMS", "seed=many");
  EXPECT_THAT(explore_property({}, look).error, HasSubstr("RC_PARAMS=seed=many cannot be used"));
}

TEST(Property, ShrinksNothingWhereRapidCheckIsToldNotTo) {
  const variable set("RC_PARAMS", "noshrink=1");
  const report result = explore_property(property_options(), sums_are_kept(&add_in_two_steps));
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.inputs_minimised, HasSubstr("shrunk in 0 steps, of 0 others tried"));
}

TEST(Property, TheEnvironmentsSchedulesAreForAllInputs) {
  const variable set("HEDDLE_SCHEDULES", "300");
  const report result = explore_property(property_options(), sums_are_kept(&add_in_one_step));
  EXPECT_EQ(result.schedules, 300U);
  EXPECT_EQ(result.inputs_tried, 100U);
}

TEST(Property, TheEnvironmentsTimeIsForAllInputs) {
  const variable set("HEDDLE_TIME", "200ms");
  const auto begun = std::chrono::steady_clock::now();
  const report result = explore_property({.schedules = 2}, sums_are_kept(&add_in_one_step));
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_GT(result.inputs_tried, 100U);
  EXPECT_THAT(std::chrono::steady_clock::now() - begun, Lt(std::chrono::seconds(20)));
}

// A bug that needs input and schedule: found, as it is, in one of the inputs that have it, by one of 100 schedules.
TEST(Property, ShrinksOnlyToWhatFailsInTheSameWay) {
  const report result = explore_property(property_options(), [] {
    const int number = *rc::gen::inRange(0, 1000);
    return [number] {
      // What is smaller fails in another way.
      if (number > 0 && number < 50) HEDDLE_CHECK(number == 0);
      HEDDLE_CHECK(number < 50);
    };
  });
  ASSERT_TRUE(result.failed());
  const std::string value = result.inputs[0].value;
  if (result.findings[0].message.find("number < 50") != std::string::npos) {
    EXPECT_EQ(value, "50");
  } else {
    EXPECT_EQ(value, "1");
  }
}

TEST(Property, WhereAllFindingsAreWantedFurtherInputsAreTried) {
  const variable all("HEDDLE_FINDINGS", "all");
  const report result = explore_property({.schedules = 2}, [] {
    const int number = *rc::gen::inRange(0, 30);
    return [number] {
      HEDDLE_CHECK(number < 5 || number >= 20);
      HEDDLE_CHECK(number < 20);
    };
  });
  ASSERT_EQ(result.findings.size(), 2U) << result.text();
  EXPECT_NE(result.findings[0].where.line, result.findings[1].where.line);
  EXPECT_NE(result.findings[0].token, result.findings[1].token);
  EXPECT_GE(result.inputs_tried, 100U);
}

TEST(Property, InputsAreDiscardedByTheBodyAndByTheGenerator) {
  const report result = explore_property({.schedules = 5}, [] {
    const int number = *rc::gen::inRange(0, 10);
    RC_PRE(number != 0);
    return [number] {
      RC_PRE(number % 2 == 1);
      HEDDLE_CHECK(number % 2 == 1);
    };
  });
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(result.inputs_tried, 100U);
}

TEST(Property, GivesUpWhenTooManyInputsAreDiscarded) {
  const report result = explore_property({.schedules = 1}, [] { return [] { RC_DISCARD("never"); }; });
  EXPECT_THAT(result.error, HasSubstr("1001 inputs were discarded and 0 passed"));
}

TEST(Property, AValueGeneratedInTheBodyIsAFailureThatSaysSo) {
  const report result =
      explore_property(property_options(), [] { return [] { static_cast<void>(*rc::gen::arbitrary<int>()); }; });
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, HasSubstr("a value was generated in the body of a property"));
}

TEST(Property, GeneratorsRunOutsideOfExecutions) {
  const report result = explore_property({.schedules = 2}, [] {
    EXPECT_FALSE(heddle::sim::inside());
    return [] { EXPECT_TRUE(heddle::sim::inside()); };
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(Property, AnExceptionOfTheGeneratorIsAnError) {
  const report result = explore_property({}, []() -> std::function<void()> { throw std::runtime_error("no values"); });
  EXPECT_THAT(result.error, HasSubstr("no values"));
}

TEST(Property, LogsAndTagsInABodyLeadNowhere) {
  const report result = explore_property({.schedules = 3}, [] {
    return [] {
      RC_LOG() << "something";
      RC_TAG("tagged");
      RC_SUCCEED("early");
    };
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(Property, EveryScheduleOfEachInputCanBeSearched) {
  const auto adds = [](auto add) {
    return explore_property({.strategy = heddle::check::exhaustive{}, .schedules = 0}, [add] {
      const int what = *rc::gen::inRange(0, 3);
      return [what, add] {
        std::atomic<int> sum{0};
        std::thread other([&] { add(sum, what); });
        add(sum, what);
        other.join();
        HEDDLE_CHECK(sum == 2 * what);
      };
    });
  };
  const report broken = adds(&add_in_two_steps);
  ASSERT_TRUE(broken.failed());
  EXPECT_EQ(broken.inputs[0].value, "1");
  EXPECT_FALSE(adds(&add_in_one_step).failed());
}

struct node {
  std::shared_ptr<node> next;
};

[[gnu::noinline]] std::shared_ptr<node> make_node() {
  return std::make_shared<node>();
}

TEST(Property, ALeakIsReportedWithItsInput) {
  const report result = explore_property({.schedules = 5}, [] {
    const bool leaks = *rc::gen::arbitrary<bool>();
    return [leaks] {
      const auto first = make_node();
      const auto second = make_node();
      first->next = second;
      if (leaks) second->next = first;
    };
  });
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.findings[0].kind, finding_kind::memory_leak);
  EXPECT_EQ(result.inputs[0].value, "true");
}

// --- the macros ---

TEST(PropertyMacro, NamesEachArgument) {
  using heddle::check::detail::names_of_parameters;
  EXPECT_THAT(names_of_parameters("(int a, std::map<int, int> b, int (*c)(int, int))"),
              ElementsAre("int a", "std::map<int, int> b", "int (*c)(int, int)"));
  EXPECT_THAT(names_of_parameters("()"), ElementsAre(""));
}

HEDDLE_PROPERTY(PropertyMacro, TakesArgumentsByValueAndReference,
                (std::vector<int> by_value, const std::string& other)) {
  by_value.push_back(1);
  EXPECT_FALSE(by_value.empty());
  EXPECT_EQ(other, std::string(other.begin(), other.end()));
}

HEDDLE_PROPERTY_WITH(PropertyMacro, TakesOptions, (int a, int b), options{.schedules = 3, .seed = 7}) {
  RC_PRE(a != b);
  RC_ASSERT(a != b);
}

HEDDLE_PROPERTY_WITH(PropertyMacro, NeedsNoArguments, (), options{.schedules = 2}) {
  EXPECT_TRUE(heddle::sim::inside());
}

HEDDLE_ASYNC_PROPERTY(PropertyMacro, RunsACoroutineOnTwoWorkers, (std::vector<int> sent)) {
  auto [sender, receiver] = heddle::mpsc::channel<int>(2);
  auto sending = heddle::spawn([](auto to, std::vector<int> all) -> heddle::task<> {
    for (const int each : all) static_cast<void>(co_await to.send(each));
  }(std::move(sender), sent));
  std::vector<int> received;
  while (auto next = co_await receiver.recv()) received.push_back(*next);
  co_await sending;
  RC_ASSERT(received == sent);
}

}  // namespace
