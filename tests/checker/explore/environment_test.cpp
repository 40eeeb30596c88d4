#include "explore/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::variant<environment, std::string> read(std::vector<const char*> variables) {
  variables.push_back(nullptr);
  return read_environment(variables.data());
}

environment good(std::vector<const char*> variables) {
  auto result = read(std::move(variables));
  EXPECT_TRUE(std::holds_alternative<environment>(result));
  return std::get<environment>(std::move(result));
}

std::string error_of(const char* variable) {
  const auto result = read({variable});
  return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

std::string error_of(const options& chosen, const environment& over = {}) {
  const auto result = apply(over, chosen);
  return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

TEST(Environment, WithoutHeddleVariablesAsksForNothing) {
  const environment none = good({"PATH=/bin", "HOME=/root", "XHEDDLE_SEED=1"});
  EXPECT_FALSE(none.replay || none.seed || none.schedules || none.time || none.strategy || none.tokens || none.verbose);
  EXPECT_EQ(none.report_dir, "");
}

TEST(Environment, ReadsEachVariable) {
  const std::string replay = "HEDDLE_REPLAY=" + to_string(replay_token{});
  const environment all =
      good({replay.c_str(), "HEDDLE_SEED=0xff", "HEDDLE_SCHEDULES=12", "HEDDLE_TIME=2m", "HEDDLE_STRATEGY=random",
            "HEDDLE_TOKEN=full", "HEDDLE_REPORT_DIR=some/folder", "HEDDLE_GRANULARITY=memory", "HEDDLE_EXIT=now",
            "HEDDLE_STATUS=zero", "HEDDLE_OUTPUT=all", "HEDDLE_VERBOSE=1", "HEDDLE_FINDINGS=all", "HEDDLE_LIST=1",
            "HEDDLE_CHANNEL=/x"});
  EXPECT_EQ(all.replay, replay_token{});
  EXPECT_EQ(all.seed, 255U);
  EXPECT_EQ(all.schedules, 12U);
  EXPECT_EQ(all.time, 120s);
  EXPECT_EQ(all.strategy, strategy{random{}});
  EXPECT_EQ(all.tokens, token_form::full);
  EXPECT_EQ(all.report_dir, "some/folder");
  EXPECT_EQ(all.granularity, granularity::memory);
  EXPECT_EQ(all.at_exit, exit_moment::at_once);
  EXPECT_EQ(all.exit_status, status_judgement::zero);
  EXPECT_EQ(all.output, output_use::all);
  EXPECT_TRUE(all.verbose);
  EXPECT_TRUE(all.all_findings);
}

TEST(Environment, TakesAnEmptyValueForNone) {
  EXPECT_FALSE(good({"HEDDLE_SEED=", "HEDDLE_REPLAY="}).seed);
}

TEST(Environment, UnknownNameIsAnErrorThatNamesTheAllowedOnes) {
  const std::string error = error_of("HEDDLE_SEDE=1");
  EXPECT_THAT(error, HasSubstr("HEDDLE_SEDE (did you mean HEDDLE_SEED?)"));
  EXPECT_THAT(error, HasSubstr("allowed: HEDDLE_REPLAY, HEDDLE_SEED, HEDDLE_SCHEDULES, HEDDLE_TIME, HEDDLE_STRATEGY"));
  EXPECT_THAT(error_of("HEDDLE_SOMETHING_ELSE=1"), testing::Not(HasSubstr("did you mean")));
}

TEST(Environment, EveryUnreadableValueIsAnErrorThatNamesTheAllowedOnes) {
  EXPECT_THAT(error_of("HEDDLE_SEED=12x"), HasSubstr("HEDDLE_SEED=12x cannot be used: allowed: a number"));
  EXPECT_THAT(error_of("HEDDLE_SEED=-1"), HasSubstr("allowed: a number"));
  EXPECT_THAT(error_of("HEDDLE_SEED=18446744073709551616"), HasSubstr("allowed: a number"));
  EXPECT_THAT(error_of("HEDDLE_SCHEDULES=many"), HasSubstr("allowed: the number of schedules"));
  EXPECT_THAT(error_of("HEDDLE_TIME=30"), HasSubstr("allowed: a whole number and a unit"));
  EXPECT_THAT(error_of("HEDDLE_STRATEGY=dfs"), HasSubstr("there is no strategy `dfs`; allowed: portfolio, random"));
  EXPECT_THAT(error_of("HEDDLE_STRATEGY=random:3"), HasSubstr("takes no parameter"));
  EXPECT_THAT(error_of("HEDDLE_GRANULARITY=fine"), HasSubstr("allowed: task, sync, memory, runtime"));
  EXPECT_THAT(error_of("HEDDLE_FINDINGS=2"), HasSubstr("allowed: first, all"));
  EXPECT_THAT(error_of("HEDDLE_LIST=yes"), HasSubstr("allowed: 0, 1"));
  EXPECT_THAT(error_of("HEDDLE_EXIT=never"), HasSubstr("allowed: wait, now"));
  EXPECT_THAT(error_of("HEDDLE_STATUS=0"), HasSubstr("allowed: any, zero"));
  EXPECT_THAT(error_of("HEDDLE_OUTPUT=none"), HasSubstr("allowed: failing, all"));
  EXPECT_THAT(error_of("HEDDLE_TOKEN=long"), HasSubstr("allowed: seed, full"));
  EXPECT_THAT(error_of("HEDDLE_VERBOSE=yes"), HasSubstr("allowed: 0, 1"));
  EXPECT_THAT(error_of("HEDDLE_REPLAY=h9-x"), HasSubstr("format version 9"));
}

TEST(Duration, HasANumberAndAUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1000h"), 1000h);
  for (const char* wrong : {"", "s", "10", "1.5s", "-1s", "1 s", "1d", "1001h", "99999999999999999999ms", "0x1s"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(Options, GiveWayToTheEnvironment) {
  environment over;
  over.seed = 7;
  over.schedules = 9;
  over.granularity = granularity::memory;
  const options result = std::get<options>(apply(over, {.seed = 1, .steps_max = 5}));
  EXPECT_EQ(result.granularity, granularity::memory);
  EXPECT_EQ(result.seed, 7U);
  EXPECT_EQ(result.schedules, 9U);
  EXPECT_EQ(result.steps_max, 5U);
}

TEST(Options, TimeOfTheEnvironmentAloneLiftsTheLimitOfSchedules) {
  environment over;
  over.time = 1s;
  EXPECT_EQ(std::get<options>(apply(over, {.schedules = 10})).schedules, 0U);
  over.schedules = 20;
  EXPECT_EQ(std::get<options>(apply(over, {.schedules = 10})).schedules, 20U);
}

TEST(Options, GiveWayToTheTokenThatIsReplayed) {
  environment over;
  over.replay.emplace();
  over.replay->seed = 77;
  over.replay->granularity = granularity::runtime;
  const options result = std::get<options>(apply(over, {.seed = 1}));
  EXPECT_EQ(result.seed, 77U);
  EXPECT_EQ(result.granularity, granularity::runtime);
}

TEST(Options, ThatMakeNoSenseAreErrors) {
  EXPECT_EQ(error_of(options{}), "");
  EXPECT_THAT(error_of(options{.schedules = 0}), HasSubstr("a time is needed"));
  EXPECT_EQ(error_of(options{.schedules = 0, .time = 1s}), "");
  EXPECT_THAT(error_of(options{.time = -1s}), HasSubstr("options.time is negative"));
  EXPECT_THAT(error_of(options{.steps_max = 0}), HasSubstr("options.steps_max is 0"));
  EXPECT_THAT(error_of(options{.threads_max = 0}), HasSubstr("options.threads_max is 0"));
  EXPECT_THAT(error_of(options{.audit = 1.5}), HasSubstr("options.audit is 1.5"));
  EXPECT_THAT(error_of(options{.audit = std::numeric_limits<double>::quiet_NaN()}), HasSubstr("options.audit is nan"));
}

}  // namespace
}  // namespace heddle::check
