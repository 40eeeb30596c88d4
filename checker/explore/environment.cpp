#include "explore/environment.hpp"

#include "explore/duration.hpp"
#include "explore/token_file.hpp"
#include "report/suppressions.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr std::string_view prefix = "HEDDLE_";

// Each reader returns what is wrong with the value, or an empty string.
std::string read_replay(std::string_view value, environment& into) {
  std::optional<std::string> file;
  if (is_token_file(value)) {
    file = read_token(std::string(value));
    if (!file) return "the file cannot be read";
    value = *file;
  }
  auto token = parse_token(value);
  if (const auto* wrong = std::get_if<std::string>(&token)) return *wrong;
  into.replay = std::get<replay_token>(std::move(token));
  return {};
}

std::string read_seed(std::string_view value, environment& into) {
  into.seed = parse_number(value);
  return into.seed ? "" : "allowed: a number from 0 to 18446744073709551615, or 0x and hexadecimal digits";
}

std::string read_schedules(std::string_view value, environment& into) {
  into.schedules = parse_number(value);
  return into.schedules ? "" : "allowed: the number of schedules, or 0 for no limit (with HEDDLE_TIME)";
}

std::string read_time(std::string_view value, environment& into) {
  into.time = parse_duration(value);
  return into.time ? "" : "allowed: a whole number and a unit, ms, s, m or h, such as 500ms, 30s, 2m or 1h";
}

std::string read_strategy(std::string_view value, environment& into) {
  auto chosen = parse_strategy(value);
  if (const auto* wrong = std::get_if<std::string>(&chosen)) return *wrong;
  into.strategy = std::get<strategy>(chosen);
  return {};
}

std::string read_token_form(std::string_view value, environment& into) {
  if (value != "seed" && value != "full") return "allowed: seed, full";
  into.tokens = value == "full" ? token_form::full : token_form::seed;
  return {};
}

std::string read_minimise(std::string_view value, environment& into) {
  if (value != "0" && value != "1") return "allowed: 0, 1";
  into.minimise = value == "1";
  return {};
}

std::string read_report_dir(std::string_view value, environment& into) {
  into.report_dir = value;
  return {};
}

std::string read_suppressions(std::string_view value, environment& into) {
  auto all = check::read_suppressions(std::string(value));
  if (const auto* wrong = std::get_if<std::string>(&all)) return *wrong;
  into.suppressions = std::get<std::vector<suppression>>(std::move(all));
  return {};
}

std::string read_granularity(std::string_view value, environment& into) {
  into.granularity = parse_granularity(value);
  return into.granularity ? "" : "allowed: task, sync, memory, runtime";
}

std::string read_exit(std::string_view value, environment& into) {
  if (value != "wait" && value != "now") return "allowed: wait, now";
  into.at_exit = value == "wait" ? exit_moment::after_threads : exit_moment::at_once;
  return {};
}

std::string read_status(std::string_view value, environment& into) {
  if (value != "any" && value != "zero") return "allowed: any, zero";
  into.exit_status = value == "any" ? status_judgement::any : status_judgement::zero;
  return {};
}

std::string read_output(std::string_view value, environment& into) {
  if (value != "failing" && value != "all") return "allowed: failing, all";
  into.output = value == "failing" ? output_use::failing : output_use::all;
  return {};
}

std::string read_findings(std::string_view value, environment& into) {
  if (value != "first" && value != "all") return "allowed: first, all";
  into.all_findings = value == "all";
  return {};
}

// Any path: whether it can be opened shows when the channel is first used.
std::string read_channel(std::string_view, environment&) {
  return {};
}

std::string read_list(std::string_view value, environment&) {
  return value == "0" || value == "1" ? "" : "allowed: 0, 1";
}

std::string read_verbose(std::string_view value, environment& into) {
  if (value != "0" && value != "1") return "allowed: 0, 1";
  into.verbose = value == "1";
  return {};
}

struct variable {
  std::string_view name;
  std::string (*read)(std::string_view value, environment& into);
};

constexpr std::array<variable, 17> known{{{"HEDDLE_REPLAY", &read_replay},
                                          {"HEDDLE_SEED", &read_seed},
                                          {"HEDDLE_SCHEDULES", &read_schedules},
                                          {"HEDDLE_TIME", &read_time},
                                          {"HEDDLE_STRATEGY", &read_strategy},
                                          {"HEDDLE_TOKEN", &read_token_form},
                                          {"HEDDLE_MINIMISE", &read_minimise},
                                          {"HEDDLE_REPORT_DIR", &read_report_dir},
                                          {"HEDDLE_SUPPRESSIONS", &read_suppressions},
                                          {"HEDDLE_GRANULARITY", &read_granularity},
                                          {"HEDDLE_EXIT", &read_exit},
                                          {"HEDDLE_STATUS", &read_status},
                                          {"HEDDLE_OUTPUT", &read_output},
                                          {"HEDDLE_FINDINGS", &read_findings},
                                          {"HEDDLE_CHANNEL", &read_channel},
                                          {"HEDDLE_LIST", &read_list},
                                          {"HEDDLE_VERBOSE", &read_verbose}}};

// The number of letters to insert, remove or replace to turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string unknown_variable(std::string_view name) {
  constexpr std::size_t typo_max = 3;
  const auto* nearest = std::min_element(known.begin(), known.end(), [name](const variable& a, const variable& b) {
    return edit_distance(name, a.name) < edit_distance(name, b.name);
  });
  std::vector<std::string_view> names;
  for (const variable& one : known) names.push_back(one.name);
  const bool near = edit_distance(name, nearest->name) <= typo_max;
  return fmt::format("heddle does not know the environment variable {}{}; allowed: {}", name,
                     near ? fmt::format(" (did you mean {}?)", nearest->name) : "", fmt::join(names, ", "));
}

}  // namespace

std::variant<environment, std::string> read_environment(const char* const* variables) {
  environment result;
  for (; *variables != nullptr; ++variables) {
    const std::string_view text = *variables;
    if (!text.starts_with(prefix)) continue;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    const std::string_view value = text.substr(equals + 1);
    const auto* which =
        std::find_if(known.begin(), known.end(), [name](const variable& one) { return one.name == name; });
    if (which == known.end()) return unknown_variable(name);
    if (value.empty()) continue;
    const std::string wrong = which->read(value, result);
    if (!wrong.empty()) return fmt::format("the environment's {}={} cannot be used: {}", name, value, wrong);
  }
  return result;
}

std::variant<options, std::string> apply(const environment& over, options chosen) {
  if (over.strategy) chosen.strategy = *over.strategy;
  if (over.seed) chosen.seed = *over.seed;
  if (over.granularity) chosen.granularity = *over.granularity;
  if (over.tokens) chosen.tokens = *over.tokens;
  if (over.minimise) chosen.minimise = *over.minimise;
  if (over.time) {
    chosen.time = *over.time;
    if (!over.schedules) chosen.schedules = 0;
  }
  if (over.schedules) chosen.schedules = *over.schedules;
  for (const suppression& one : chosen.suppressions) {
    if (const std::string wrong = what_is_wrong_with(one); !wrong.empty()) return "options.suppressions: " + wrong;
  }
  chosen.suppressions.insert(chosen.suppressions.end(), over.suppressions.begin(), over.suppressions.end());
  if (!(chosen.audit >= 0.0 && chosen.audit <= 1.0)) {
    return fmt::format("options.audit is {}; allowed: a fraction from 0 to 1", chosen.audit);
  }
  if (chosen.time < std::chrono::milliseconds(0)) return "options.time is negative; allowed: a time, or 0 for no limit";
  const bool ends_by_itself = std::holds_alternative<exhaustive>(chosen.strategy);
  if (chosen.schedules == 0 && chosen.time.count() == 0 && !ends_by_itself) {
    return "schedules is 0, which means no limit, and so a time is needed: set options.time or HEDDLE_TIME";
  }
  if (chosen.steps_max == 0) return "options.steps_max is 0; allowed: at least 1";
  if (chosen.threads_max == 0) return "options.threads_max is 0; allowed: at least 1";
  if (over.replay) {
    chosen.strategy = over.replay->strategy;
    chosen.granularity = over.replay->granularity;
    chosen.seed = over.replay->seed;
  }
  return chosen;
}

}  // namespace heddle::check
