#include "cli/arguments.hpp"

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/errors.hpp"
#include "explore/duration.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace heddle::cli {

namespace {

constexpr const char* about =
    "Runs tests that were built with heddle, over many schedules, each binary in a process of its own.";

constexpr const char* general_examples = R"(
Examples:
  heddle test -- ./my_tests                                 every test, as its options say
  heddle test --time 10s -- ./my_tests --gtest_filter=Queue.*
  heddle replay h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe -- ./my_tests
  heddle show reports/Queue.Push-b340e06973b43530.json
  heddle fuzz --time 8h --corpus night -- ./my_tests ./other_tests
  heddle report night --html night.html

Exit status: 0 nothing found, 1 findings, 2 usage or environment error, 3 heddle itself failed.
`heddle COMMAND --help` says more.)";

constexpr const char* test_examples = R"(
Examples:
  heddle test -- ./my_tests                      as many schedules as each test says
  heddle test --schedules 100000 -- ./my_tests   or more of them
  heddle test --time 5s --jobs 4 -- ./my_tests   or five seconds for each test, four at a time
  heddle test --strategy pct:3 --seed 7 -- ./my_tests --gtest_filter=Queue.*
  heddle test --json out.json --html out.html -- ./my_program its arguments

A test that crashes, hangs or takes all memory has failed; the others run all the same.)";

constexpr const char* replay_examples = R"(
Examples:
  heddle replay h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe -- ./my_tests
  heddle replay --gdb h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe -- ./my_tests

The token is what stands behind HEDDLE_REPLAY= in the last line of a report. Which test it belongs to is found out.)";

constexpr const char* show_examples = R"(
Examples:
  heddle show reports/Queue.Push-b340e06973b43530.json
  heddle show h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe --in reports
  heddle show h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe -- ./my_tests)";

constexpr const char* fuzz_examples = R"(
Examples:
  heddle fuzz --time 8h --corpus night -- ./my_tests ./other_tests "./my_program its arguments"
  heddle fuzz --time 1h --jobs 8 --corpus night --junit night.xml --sarif night.sarif -- ./my_tests
  heddle fuzz --time 1h --shard 3/8 --corpus night-3 -- ./my_tests   the third of eight, each with other schedules

The time is for all tests together. They go on after a finding; a corpus keeps what was found, so that the next night
looks for it first and says what is fixed. Any number of processes may share one, or have their own, for `heddle merge`.
Shards are known from Slurm arrays, Kubernetes indexed jobs, GitLab, Buildkite and GoogleTest's variables as well.
Ctrl-C ends it early, with all that was found.)";

constexpr const char* report_examples = R"(
Examples:
  heddle report night
  heddle report night --html night.html --junit night.xml

Exit status 1 while findings are open.)";

constexpr const char* merge_examples = R"(
Examples:
  heddle merge night night-1 night-2 night-3   into `night`, which is made if need be

In any order, and as often as you like, the result is the same.)";

constexpr const char* completion_examples = R"(
Examples:
  heddle completion bash > ~/.local/share/bash-completion/completions/heddle
  heddle completion fish > ~/.config/fish/completions/heddle.fish)";

// What stands before and behind the first `--`.
struct arguments {
  std::vector<std::string> own;
  std::vector<std::string> binary;
  bool has_binary = false;
};

arguments split(int argc, char** argv) {
  arguments result;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!result.has_binary && word == "--") {
      result.has_binary = true;
    } else {
      (result.has_binary ? result.binary : result.own).push_back(word);
    }
  }
  return result;
}

std::string check_duration(const std::string& text) {
  if (check::parse_duration(text)) return {};
  return fmt::format("`{}` is no time; allowed: a whole number and a unit, ms, s, m or h, such as 30s", text);
}

std::string check_number(const std::string& text) {
  return check::parse_number(text) ? "" : fmt::format("`{}` is no number", text);
}

std::uint64_t bytes_of(const std::string& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = check::parse_number(text.substr(0, digits));
  const std::string unit = text.substr(digits);
  const std::uint64_t factor = unit == "M" || unit == "MiB"   ? std::uint64_t{1} << 20
                               : unit == "G" || unit == "GiB" ? std::uint64_t{1} << 30
                                                              : 0;
  constexpr std::uint64_t most = 1U << 20;
  return number && digits > 0 && *number > 0 && *number < most ? *number * factor : 0;
}

std::string check_bytes(const std::string& text) {
  return bytes_of(text) != 0 ? ""
                             : fmt::format("`{}` is no size; allowed: a number and M or G, such as 512M or 4G", text);
}

// Options that several commands have, as text, and what becomes of them.
struct bounds_texts {
  std::string hang = "2m";
  std::string memory;

  void add_to(CLI::App& command) {
    command.add_option("--hang", hang, "Time without a sign of life after which a process is killed")
        ->check(check_duration)
        ->type_name("D")
        ->capture_default_str();
    command
        .add_option("--memory", memory,
                    "Memory beyond which a process is killed, such as 4G (default: a share of the machine's)")
        ->check(check_bytes)
        ->type_name("SIZE");
  }
  void apply(bounds_options& to) const {
    to.hang = *check::parse_duration(hang);
    to.memory = memory.empty() ? 0 : bytes_of(memory);
  }
};

// The help with the usage as it is: CLI11 does not know of what stands behind `--`.
class help_formatter : public CLI::Formatter {
 public:
  std::map<const CLI::App*, std::string> usages;

  std::string make_usage(const CLI::App* command, std::string name) const override {
    const auto found = usages.find(command);
    return found == usages.end() ? CLI::Formatter::make_usage(command, std::move(name))
                                 : fmt::format("Usage: {}\n", found->second);
  }
  std::string make_footer(const CLI::App* command) const override { return command->get_footer() + "\n"; }
};

void add_files(CLI::App& command, output_files& files) {
  command.add_option("--json", files.json, "Write the results as JSON")->type_name("FILE");
  command.add_option("--html", files.html, "Write them as a page for a browser")->type_name("FILE");
  command.add_option("--junit", files.junit, "Write them as JUnit's XML")->type_name("FILE");
  command.add_option("--sarif", files.sarif, "Write the findings as SARIF")->type_name("FILE");
}

class command_parser {
 public:
  command_parser();
  int run(arguments given);

 private:
  CLI::App* add(const std::string& name, const std::string& usage, const std::string& what, const char* examples);
  void add_test();
  void add_replay();
  void add_show();
  void add_fuzz();
  void add_report();
  void add_merge();
  void add_completion();
  void apply_fuzz(const arguments& given);
  int run_chosen(arguments given);

  CLI::App app_{about, "heddle"};
  const std::shared_ptr<help_formatter> formatter_ = std::make_shared<help_formatter>();
  CLI::App* test_ = nullptr;
  CLI::App* replay_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* fuzz_ = nullptr;
  CLI::App* report_ = nullptr;
  CLI::App* merge_ = nullptr;
  CLI::App* completion_ = nullptr;
  test_options test_options_;
  replay_options replay_options_;
  show_options show_options_;
  fuzz_options fuzz_options_;
  report_options report_options_;
  merge_options merge_options_;
  std::string shell_;
  std::string fuzz_time_;
  std::string fuzz_schedules_;
  std::string fuzz_seed_ = "1";
  bounds_texts bounds_;
};

command_parser::command_parser() {
  app_.formatter(formatter_);
  app_.require_subcommand(1);
  app_.set_version_flag("--version", std::string("heddle ") + HEDDLE_VERSION);
  app_.footer(general_examples);
  add_test();
  add_replay();
  add_show();
  add_fuzz();
  add_report();
  add_merge();
  add_completion();
}

CLI::App* command_parser::add(const std::string& name, const std::string& usage, const std::string& what,
                              const char* examples) {
  CLI::App* const command = app_.add_subcommand(name, what);
  formatter_->usages[command] = usage;
  command->footer(examples);
  return command;
}

void command_parser::add_test() {
  test_ = add("test", "heddle test [OPTIONS] -- BINARY [ARGUMENTS]",
              "Run every test of a binary, whatever happens to its process", test_examples);
  exploration_options& explore = test_options_.explore;
  test_->add_option("--strategy", explore.strategy, "How schedules are chosen, such as random, pct:3, pos, exhaustive")
      ->type_name("S");
  test_->add_option("--schedules", explore.schedules, "Schedules of each test")->check(check_number)->type_name("N");
  test_->add_option("--time", explore.time, "Or time for each test, such as 30s")
      ->check(check_duration)
      ->type_name("D");
  test_->add_option("--seed", explore.seed, "Where the schedules begin")->check(check_number)->type_name("X");
  test_->add_option("--jobs", test_options_.bounds.jobs, "Processes at a time")
      ->check(CLI::Range(1U, 4096U))
      ->type_name("N")
      ->capture_default_str();
  add_files(*test_, test_options_.files);
  bounds_.add_to(*test_);
}

void command_parser::add_replay() {
  replay_ = add("replay", "heddle replay [OPTIONS] TOKEN -- BINARY [ARGUMENTS]",
                "Run the one schedule of a token again", replay_examples);
  replay_->add_option("token", replay_options_.token, "From the replay line of a report")
      ->required()
      ->type_name("TOKEN");
  replay_->add_flag("--gdb", replay_options_.in_gdb, "In the debugger, with a breakpoint where it fails");
  replay_->add_option("--json", replay_options_.json, "Write what came of it as JSON")->type_name("FILE");
  bounds_.add_to(*replay_);
}

void command_parser::add_show() {
  show_ = add("show", "heddle show [OPTIONS] TOKEN|FILE [-- BINARY [ARGUMENTS]]",
              "Show a recorded failure: its stacks and its timeline", show_examples);
  show_->add_option("what", show_options_.what, "A token, or the JSON of a report")
      ->required()
      ->type_name("TOKEN|FILE");
  show_->add_option("--in", show_options_.folders, "A folder of reports, or a corpus, in which to look for the token")
      ->type_name("DIR");
}

void command_parser::add_fuzz() {
  fuzz_ = add("fuzz", "heddle fuzz --time D [OPTIONS] -- BINARY...",
              "Explore all tests of all binaries for a while, and go on after findings", fuzz_examples);
  fuzz_options_.bounds.jobs = std::max(1U, std::thread::hardware_concurrency());
  fuzz_->add_option("--time", fuzz_time_, "Time in all, such as 30m or 8h")->check(check_duration)->type_name("D");
  fuzz_->add_option("--schedules", fuzz_schedules_, "Or schedules of each test; with --time, whichever comes first")
      ->check(check_number)
      ->type_name("N");
  fuzz_->add_option("--jobs", fuzz_options_.bounds.jobs, "Processes at a time (default: the processors)")
      ->check(CLI::Range(1U, 4096U))
      ->type_name("N");
  fuzz_->add_option("--shard", fuzz_options_.shard, "Which of n processes this is, such as 3/8")->type_name("I/N");
  fuzz_->add_option("--corpus", fuzz_options_.corpus, "Folder in which findings are kept from night to night")
      ->type_name("DIR");
  fuzz_->add_option("--seed", fuzz_seed_, "Where the schedules begin")
      ->check(check_number)
      ->type_name("X")
      ->capture_default_str();
  fuzz_->add_option("--strategy", fuzz_options_.strategy, "How schedules are chosen, over what the tests say")
      ->type_name("S");
  add_files(*fuzz_, fuzz_options_.files);
  bounds_.add_to(*fuzz_);
}

void command_parser::add_report() {
  report_ = add("report", "heddle report [OPTIONS] DIR", "Say what a corpus, or a folder of reports, contains",
                report_examples);
  report_->add_option("folder", report_options_.folder, "A corpus, or a folder of reports")
      ->required()
      ->type_name("DIR");
  add_files(*report_, report_options_.files);
}

void command_parser::add_merge() {
  merge_ =
      add("merge", "heddle merge DIR DIR...", "Join corpora: into the first one, what the others have", merge_examples);
  merge_->add_option("folders", merge_options_.folders, "The corpora")
      ->required()
      ->expected(2, 100'000)
      ->type_name("DIR");
}

void command_parser::add_completion() {
  completion_ = add("completion", "heddle completion bash|zsh|fish", "Print what makes a shell complete this command",
                    completion_examples);
  completion_->add_option("shell", shell_, "Which shell")->required()->type_name("SHELL");
}

void command_parser::apply_fuzz(const arguments& given) {
  if (fuzz_time_.empty() && fuzz_schedules_.empty()) {
    throw usage_error("how long? heddle fuzz takes --time, such as --time 8h, or --schedules for each test");
  }
  if (!fuzz_time_.empty()) fuzz_options_.time = *check::parse_duration(fuzz_time_);
  if (!fuzz_schedules_.empty()) fuzz_options_.schedules = *check::parse_number(fuzz_schedules_);
  fuzz_options_.seed = *check::parse_number(fuzz_seed_);
  fuzz_options_.binaries = given.binary;
  bounds_.apply(fuzz_options_.bounds);
}

int command_parser::run(arguments given) {
  try {
    std::vector<std::string> own = given.own;
    std::reverse(own.begin(), own.end());  // as CLI11 takes them
    app_.parse(std::move(own));
  } catch (const CLI::Success& asked) {
    return app_.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    const auto chosen = app_.get_subcommands();
    const bool extra = dynamic_cast<const CLI::ExtrasError*>(&wrong) != nullptr && !chosen.empty();
    throw usage_error(
        fmt::format("{}{}\nTry: heddle {}{}--help", wrong.what(),
                    extra && !given.has_binary ? "\nThe test binary stands behind `--`, with its arguments" : "",
                    chosen.empty() ? "" : chosen.front()->get_name(), chosen.empty() ? "" : " "));
  }
  return run_chosen(std::move(given));
}

int command_parser::run_chosen(arguments given) {
  const bool wants_binary = test_->parsed() || replay_->parsed() || fuzz_->parsed();
  if (wants_binary && given.binary.empty()) {
    throw usage_error(
        fmt::format("which binary? It stands behind `--`, with its arguments: heddle {} ... -- ./my_tests",
                    app_.get_subcommands().front()->get_name()));
  }
  bounds_.apply(test_options_.bounds);
  bounds_.apply(replay_options_.bounds);
  test_options_.binary = given.binary;
  replay_options_.binary = given.binary;
  show_options_.binary = given.binary;
  if (test_->parsed()) return run_test(test_options_);
  if (replay_->parsed()) return run_replay(replay_options_);
  if (fuzz_->parsed()) {
    apply_fuzz(given);
    return run_fuzz(fuzz_options_);
  }
  if (report_->parsed()) return run_report(report_options_);
  if (merge_->parsed()) return run_merge(merge_options_);
  if (completion_->parsed()) {
    fmt::print("{}", completion_script(app_, shell_));
    return nothing_found;
  }
  return run_show(show_options_);
}

}  // namespace

int run(int argc, char** argv) {
  return command_parser().run(split(argc, argv));
}

}  // namespace heddle::cli
