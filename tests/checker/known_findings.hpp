// A file of suppressions for a process that a test runs.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::check {

// Gone at the end.
class known_findings {
 public:
  explicit known_findings(std::string_view text)
      : path_(std::filesystem::path(::testing::TempDir()) / ("heddle_known_" + std::to_string(getpid()))) {
    std::ofstream(path_) << text;
  }
  known_findings(const known_findings&) = delete;
  known_findings& operator=(const known_findings&) = delete;
  ~known_findings() { std::filesystem::remove(path_); }

  std::string variable() const { return "HEDDLE_SUPPRESSIONS=" + path_.string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace heddle::check
