#include "program/check_program.hpp"

#include "explore/channel.hpp"
#include "explore/environment.hpp"
#include "explore/executable.hpp"
#include "explore/explorer.hpp"
#include "explore/list.hpp"
#include "heddle/check/program.hpp"
#include "program/fork_runner.hpp"
#include "report/json.hpp"
#include "report/publish.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::check {

namespace {

enum exit_status : int { nothing_found = 0, found = 1, wrong_usage = 2, broken = 3 };

int say_unusable(const identity& who, const std::string& why) {
  if (channel* const told = current_channel()) {
    report nothing;
    nothing.name = who.name;
    nothing.error = why;
    told->report_whole(to_json(nothing));
  }
  fmt::print(stderr, "heddle: {}: nothing explored: {}\n", who.name, why);
  return wrong_usage;
}

std::string words_of(int count, char** words) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + shell_word(words[i]);
  return text;
}

program_options apply_to_program(const environment& over, program_options chosen) {
  if (over.at_exit) chosen.at_return = *over.at_exit;
  if (over.exit_status) chosen.status = *over.exit_status;
  if (over.output) chosen.output = *over.output;
  return chosen;
}

std::size_t threads_of_process() {
  std::error_code failed;
  const std::filesystem::directory_iterator all("/proc/self/task", failed);
  return failed ? 1 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

void print(report& what, std::vector<std::string> notices, const environment& over) {
  const bool published = !what.failed() && is_worth_a_line(what, over);
  if (published) {
    what.notices = std::move(notices);
  } else {
    what.notices.insert(what.notices.end(), notices.begin(), notices.end());
  }
  if (what.failed()) {
    const colours how = colours_for(STDERR_FILENO);
    fmt::print(stderr, "{}\n", to_text(what, how));
    return;
  }
  if (!published) fmt::print(stderr, "heddle: {}\n", what.summary());
  for (const std::string& notice : what.notices) fmt::print(stderr, "heddle:   note: {}\n", notice);
}

void note_exit_status(const fork_runner& executions, std::uint64_t count, std::vector<std::string>& notices) {
  if (executions.nonzero_exits() == 0) return;
  const bool always = executions.nonzero_exits() == count;
  notices.push_back(fmt::format(
      "{} of the executions ended with an exit status other than 0, the first with {}; HEDDLE_STATUS=zero makes that a "
      "finding",
      always ? "all" : std::to_string(executions.nonzero_exits()), executions.first_nonzero_status()));
  // Then it may never have come to what is to be checked: wrong arguments, say.
  const std::string output = executions.output();
  if (always && !output.empty()) notices.push_back("what the last one of them printed:\n" + output);
}

int check(sim::program what, const identity& who, const environment& over, program_options chosen) {
  auto applied = apply(over, chosen.explore);
  if (const auto* wrong = std::get_if<std::string>(&applied)) return say_unusable(who, *wrong);
  chosen.explore = std::get<options>(applied);
  what.status_must_be_zero = chosen.status == status_judgement::zero;
  what.at_return =
      chosen.at_return == exit_moment::at_once ? sim::program::main_return::exits : sim::program::main_return::waits;

  const std::size_t threads = threads_of_process();
  // What static initialisers printed is printed once.
  std::fflush(nullptr);
  fork_runner executions(chosen, what, over.replay.has_value());
  explorer one(chosen.explore, over, who, executions);
  report result = one.run();
  std::vector<std::string> notices;
  if (threads > 1) {
    notices.push_back(
        fmt::format("threads that were started before main are not part of the schedules ({} of them)", threads - 1));
  }
  note_exit_status(executions, one.executions(), notices);
  print(result, std::move(notices), over);
  if (!result.error.empty()) return wrong_usage;
  return result.findings.empty() ? nothing_found : found;
}

}  // namespace

int check_program(sim::program what) {
  sim::set_fatal_handler([](const char* message) {
    fmt::print(stderr, "heddle: {}\n", message);
    _exit(broken);
  });
  try {
    program_options chosen;
    if (configure != nullptr) configure(chosen);
    identity who = identify(chosen.explore);
    who.arguments = words_of(what.argc - 1, what.argv + 1);
    if (is_list_wanted()) list_and_exit("program", {who.name});
    auto surroundings = read_environment(environ);
    if (const auto* wrong = std::get_if<std::string>(&surroundings)) return say_unusable(who, *wrong);
    const environment& over = std::get<environment>(surroundings);
    return check(what, who, over, apply_to_program(over, chosen));
  } catch (const std::exception& failed) {
    fmt::print(stderr, "heddle: {}\n", failed.what());
    return broken;
  }
}

}  // namespace heddle::check
