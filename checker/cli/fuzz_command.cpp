// `heddle fuzz`: see fuzz/fuzz_run.hpp.
#include "cli/commands.hpp"
#include "cli/errors.hpp"
#include "cli/fuzz/fuzz_run.hpp"
#include "cli/fuzz/shard.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// `./program its arguments` in one word, unless there is a file of that name.
std::unique_ptr<suite> suite_of(const std::string& word) {
  std::error_code failed;
  std::vector<std::string> parts{word};
  if (!std::filesystem::exists(word, failed)) {
    std::istringstream words(word);
    parts.clear();
    for (std::string part; words >> part;) parts.push_back(part);
    if (parts.empty()) throw usage_error("the name of a binary is empty");
  }
  const binary file = inspect(parts.front());
  return std::make_unique<suite>(list_tests(file, {parts.begin() + 1, parts.end()}));
}

}  // namespace

int run_fuzz(const fuzz_options& chosen) {
  const shard which = find_shard(chosen.shard, &variable);
  // Shards of a night have seeds of their own; a binary must not leave tests out as well.
  unsetenv("GTEST_TOTAL_SHARDS");
  unsetenv("GTEST_SHARD_INDEX");
  std::vector<std::unique_ptr<suite>> suites;
  for (const std::string& word : chosen.binaries) {
    suites.push_back(suite_of(word));
    if (suites.back()->tests.empty()) throw usage_error(fmt::format("{} has no test to run", word));
  }
  return fuzz_run(chosen, which, std::move(suites)).run();
}

}  // namespace heddle::cli
