// `heddle replay`: the one schedule of a token, once more, with everything it prints; or under a debugger.
#include "cli/commands.hpp"
#include "cli/errors.hpp"
#include "cli/observed.hpp"
#include "cli/replaying.hpp"
#include "cli/results.hpp"
#include "cli/suite.hpp"
#include "cli/token_text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::cli {

namespace {

// Where the machine notes a failure, on the stack of the thread that failed.
constexpr const char* failure_function = "heddle::sim::execution::record_failure";

[[noreturn]] void become_gdb(const command_line& what) {
  std::vector<std::string> words{"gdb", "-q", "-ex", fmt::format("break {}", failure_function), "--args"};
  words.insert(words.end(), what.words.begin(), what.words.end());
  std::vector<char*> pointers;
  for (std::string& one : words) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  for (const std::string& name : what.unset) unsetenv(name.c_str());
  for (const auto& [name, value] : what.set) setenv(name.c_str(), value.c_str(), 1);
  fmt::print("heddle: `run` goes to the failure, and stops there on the thread that failed\n");
  std::fflush(nullptr);
  execvp("gdb", pointers.data());
  throw usage_error(fmt::format("gdb cannot be run: {}; on Debian: apt-get install gdb", std::strerror(errno)));
}

}  // namespace

replay_target find_replay(const std::string& token, const std::vector<std::string>& binary_and_arguments) {
  replay_target result;
  result.token = read_token(token);
  const binary file = inspect(binary_and_arguments.front());
  result.tests = list_tests(file, {binary_and_arguments.begin() + 1, binary_and_arguments.end()});
  result.test = result.tests.owner_of(result.token.test);
  if (file.build != result.token.build) {
    result.notice = fmt::format(
        "the token was made by another build ({:08x}) than {} is now ({:08x}): the same numbers may lead elsewhere",
        result.token.build, file.path, file.build);
  }
  if (result.test.empty() && result.tests.kind != binary_kind::main) {
    throw usage_error(fmt::format(
        "the token belongs to no test of {}{}{}", file.path,
        result.tests.kind == binary_kind::program ? " with these arguments: give those of the replay line" : "",
        result.notice.empty() ? "" : "; " + result.notice));
  }
  return result;
}

command_line replay_target::command() const {
  command_line what = tests.command({test});
  what.unset.emplace_back("HEDDLE_LIST");
  what.set.emplace_back("HEDDLE_REPLAY", token.text);
  return what;
}

replay_outcome follow(const replay_target& target, const process_bounds& bounds, output_use output) {
  process running(target.command(), bounds, output);
  observed seen(target.tests);
  while (running.look(process::clock::now())) {
    if (is_interrupted()) running.stop();
    wait_for_any({&running}, std::chrono::seconds(1));
  }
  replay_outcome result;
  result.end = running.end_text();
  result.output = running.output();
  result.tests = seen.finish(running);
  return result;
}

int run_replay(const replay_options& chosen) {
  const replay_target target = find_replay(chosen.token, chosen.binary);
  if (!target.notice.empty()) fmt::print(stderr, "heddle: note: {}\n", target.notice);
  if (chosen.in_gdb) become_gdb(target.command());
  replay_outcome outcome = follow(target, chosen.bounds.bounds(), output_use::passed);
  results all{.command = "heddle replay", .summary = "the process " + outcome.end};
  for (const test_result& one : outcome.tests) all.tests.push_back(entry_of(target.tests, one));
  write_files(all, {.json = chosen.json});
  for (const test_result& one : outcome.tests) {
    if (!one.end.empty()) fmt::print(stderr, "heddle: {}: its process {}\n", one.name, one.end);
  }
  int code = outcome.tests.empty() ? wrong_usage : nothing_found;
  for (const test_result& one : outcome.tests) {
    if (one.outcome == test_outcome::failed || one.outcome == test_outcome::broken) return found;
    if (one.outcome == test_outcome::unusable) code = wrong_usage;
  }
  return code;
}

}  // namespace heddle::cli
