#include "cli/fuzz/shard.hpp"

#include "cli/errors.hpp"
#include "explore/duration.hpp"

#include <array>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

using variables = std::function<std::string(const char*)>;

// How an engine numbers its jobs.
struct engine {
  const char* index;
  const char* count;  // where it says how many there are
  std::uint64_t first;
};

constexpr std::array<engine, 7> engines{{{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0},
                                         {"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0},
                                         {"CI_NODE_INDEX", "CI_NODE_TOTAL", 1},
                                         {"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
                                         {"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
                                         {"AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0},
                                         {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", 0}}};

std::uint64_t number_of(const std::string& name, const std::string& value) {
  const auto number = check::parse_number(value);
  if (!number) throw usage_error(fmt::format("{}={} is no number", name, value));
  return *number;
}

shard of_option(const std::string& text) {
  const std::size_t slash = text.find('/');
  // Neither may be 0, so that stands for none.
  const std::uint64_t index = check::parse_number(text.substr(0, slash)).value_or(0);
  const std::uint64_t count = slash == std::string::npos ? 0 : check::parse_number(text.substr(slash + 1)).value_or(0);
  if (index == 0 || index > count) {
    throw usage_error(fmt::format("`{}` is no shard; allowed: 1/8 to 8/8 for the first and the last of eight", text));
  }
  return {index - 1, count, "--shard"};
}

// The first task of an array may have any number, and the others need not follow one by one.
std::uint64_t first_of(const engine& one, const variables& variable) {
  if (std::string(one.index) != "SLURM_ARRAY_TASK_ID") return one.first;
  const std::string first = variable("SLURM_ARRAY_TASK_MIN");
  return first.empty() ? 0 : number_of("SLURM_ARRAY_TASK_MIN", first);
}

}  // namespace

std::string shard::name() const {
  return count == 0 ? std::to_string(index + 1) : fmt::format("{}/{}", index + 1, count);
}

shard find_shard(const std::string& option, const variables& variable) {
  if (!option.empty()) return of_option(option);
  for (const engine& one : engines) {
    const std::string index = variable(one.index);
    if (index.empty()) continue;
    const std::uint64_t number = number_of(one.index, index);
    const std::uint64_t first = first_of(one, variable);
    if (number < first) throw usage_error(fmt::format("{}={} is less than its first, {}", one.index, index, first));
    const std::string count = variable(one.count);
    return {number - first, count.empty() ? 0 : number_of(one.count, count), one.index};
  }
  return {};
}

}  // namespace heddle::cli
