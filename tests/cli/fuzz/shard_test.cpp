#include "cli/fuzz/shard.hpp"

#include "cli/errors.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::cli {
namespace {

using testing::HasSubstr;

shard of(const std::map<std::string, std::string>& environment, const std::string& option = "") {
  return find_shard(option, [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  });
}

std::string error_of(const std::string& option) {
  try {
    of({}, option);
  } catch (const usage_error& wrong) {
    return wrong.what();
  }
  return "";
}

TEST(Shard, IsTheOnlyOneWhereNothingSaysOtherwise) {
  EXPECT_EQ(of({}).index, 0U);
  EXPECT_EQ(of({}).origin, "");
}

TEST(Shard, OfTheOptionCountsFromOne) {
  EXPECT_EQ(of({}, "1/8").index, 0U);
  EXPECT_EQ(of({}, "8/8").index, 7U);
  EXPECT_EQ(of({}, "3/8").name(), "3/8");
  for (const char* wrong : {"0/8", "9/8", "3", "3/", "/8", "a/b", "-1/8"}) {
    EXPECT_THAT(error_of(wrong), HasSubstr("allowed: 1/8 to 8/8")) << wrong;
  }
}

TEST(Shard, OfEachEngineIsTheNumberOfItsJobFromZero) {
  EXPECT_EQ(of({{"SLURM_ARRAY_TASK_ID", "5"}, {"SLURM_ARRAY_TASK_COUNT", "4"}, {"SLURM_ARRAY_TASK_MIN", "3"}}).name(),
            "3/4");
  EXPECT_EQ(of({{"JOB_COMPLETION_INDEX", "2"}}).name(), "3");
  EXPECT_EQ(of({{"JOB_COMPLETION_INDEX", "2"}, {"JOB_COMPLETIONS", "9"}}).name(), "3/9");
  EXPECT_EQ(of({{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "5"}}).name(), "1/5");
  EXPECT_EQ(of({{"BUILDKITE_PARALLEL_JOB", "0"}, {"BUILDKITE_PARALLEL_JOB_COUNT", "2"}}).name(), "1/2");
  EXPECT_EQ(of({{"GTEST_SHARD_INDEX", "1"}, {"GTEST_TOTAL_SHARDS", "2"}}).name(), "2/2");
  EXPECT_EQ(of({{"GTEST_SHARD_INDEX", "1"}, {"GTEST_TOTAL_SHARDS", "2"}}).origin, "GTEST_SHARD_INDEX");
}

TEST(Shard, OptionGoesOverTheEnvironment) {
  EXPECT_EQ(of({{"CI_NODE_INDEX", "4"}, {"CI_NODE_TOTAL", "5"}}, "2/3").name(), "2/3");
}

TEST(Shard, UnreadableEnvironmentIsAnError) {
  EXPECT_THROW(of({{"JOB_COMPLETION_INDEX", "two"}}), usage_error);
  EXPECT_THROW(of({{"CI_NODE_INDEX", "0"}}), usage_error);
}

}  // namespace
}  // namespace heddle::cli
