// Calls that are let through: each is named once, and docs/limits.md lists all of them.
#include "interpose/unsimulated.hpp"

#include "expect_sound.hpp"

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

// The rows of the table in docs/limits.md: why by call.
std::map<std::string, std::string> documented_calls() {
  std::ifstream file(HEDDLE_SOURCE_DIR "/docs/limits.md");
  std::map<std::string, std::string> calls;
  std::string line;
  while (std::getline(file, line) && line != "## Calls that are not simulated") {
  }
  const std::regex row(R"(^\| (.*) \| (.*) \|$)");
  const std::regex call("`([a-z0-9_]+)`");
  while (std::getline(file, line) && !line.starts_with("## ")) {
    std::smatch parts;
    if (!std::regex_match(line, parts, row)) continue;
    const std::string names = parts[1];
    for (std::sregex_iterator at(names.begin(), names.end(), call); at != std::sregex_iterator(); ++at) {
      calls[(*at)[1]] = parts[2];
    }
  }
  return calls;
}

TEST(Unsimulated, the_documented_calls_are_those_of_the_code) {
  std::map<std::string, std::string> in_code;
  for (const unsimulated_call& one : unsimulated_calls) in_code[std::string{one.name}] = one.why;
  EXPECT_EQ(documented_calls(), in_code);
}

TEST(Unsimulated, a_call_is_named_once_even_by_forked_processes) {
  ::testing::internal::CaptureStderr();
  const auto body = [] {
    flock(-1, LOCK_UN);
    syscall(SYS_getuid);
  };
  if (const pid_t child = fork(); child == 0) {
    run_schedules(3, body);
    _exit(0);
  } else {
    waitpid(child, nullptr, 0);
  }
  run_schedules(3, body);
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(text,
            "heddle: note: flock is not simulated: it may wait for another process\n"
            "heddle: note: system call " +
                std::to_string(SYS_getuid) + " is not simulated: it goes to the kernel as it is\n");
}

TEST(Unsimulated, nothing_is_named_outside_an_execution) {
  ::testing::internal::CaptureStderr();
  flock(-1, LOCK_UN);
  usleep(1);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace heddle::sim::testing
