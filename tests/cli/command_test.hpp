// Runs the `heddle` command in tests, in a folder that is gone afterwards.
#pragma once

#include "run_command.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace heddle::cli {

using check::outcome;

class command_test : public testing::Test {
 protected:
  command_test() { std::filesystem::create_directories(folder_); }
  ~command_test() override { std::filesystem::remove_all(folder_); }

  // `arguments` as a shell takes them; the working directory is the folder.
  outcome heddle(const std::string& arguments, const std::string& environment = "") const {
    return check::run("cd " + folder_.string() + " && " + environment + " " + HEDDLE_COMMAND + " " + arguments);
  }
  std::string content_of(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  nlohmann::json json_of(const std::string& name) const { return nlohmann::json::parse(content_of(name)); }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("heddle_command_" + std::to_string(getpid()));
};

// The outcome of a test in the JSON of results.
inline std::string outcome_of(const nlohmann::json& results, const std::string& test) {
  for (const auto& one : results["tests"]) {
    if (one["test"] == test) return one["outcome"];
  }
  return "not there";
}

}  // namespace heddle::cli
