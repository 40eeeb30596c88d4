// Runs commands as a shell would, for tests of executables that print reports and replay lines.
#pragma once

#include <cstdio>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>

namespace heddle::check {

struct outcome {
  std::string output;  // standard output and error
  int exit_status = -1;
  int signal = 0;
};

inline outcome run(const std::string& command) {
  outcome result;
  // The variables of the one who runs these tests must not reach the suite.
  const std::string whole =
      "exec 2>&1; unset HEDDLE_REPLAY HEDDLE_SEED HEDDLE_SCHEDULES HEDDLE_TIME HEDDLE_STRATEGY HEDDLE_TOKEN "
      "HEDDLE_GRANULARITY "
      "HEDDLE_REPORT_DIR HEDDLE_VERBOSE HEDDLE_EXIT HEDDLE_STATUS HEDDLE_OUTPUT HEDDLE_FINDINGS HEDDLE_CHANNEL "
      "HEDDLE_LIST HEDDLE_SUPPRESSIONS; " +
      command;
  FILE* pipe = popen(whole.c_str(), "r");
  if (pipe == nullptr) return result;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) result.output.append(buffer, count);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

inline std::vector<std::string> lines_with(const std::string& output, const std::string& beginning) {
  std::vector<std::string> found;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(beginning)) found.push_back(line);
  }
  return found;
}

// The command of the only replay line, or nothing.
inline std::string replay_of(const std::string& output) {
  const auto lines = lines_with(output, "replay: ");
  return lines.size() == 1 ? lines[0].substr(8) : "";
}

inline std::string event_hash_of(const std::string& output) {
  std::smatch match;
  return std::regex_search(output, match, std::regex("event hash ([0-9a-f]{16})")) ? match[1].str() : "";
}

}  // namespace heddle::check
