// What the environment asks of an exploration, over the options of its test.
//
// Nothing is silently ignored: a HEDDLE_ variable of another name, or a value that cannot be read, is an error.
// HEDDLE_CHANNEL and HEDDLE_LIST are known here and read elsewhere, see channel.hpp and list.hpp.
#pragma once

#include "explore/duration.hpp"
#include "explore/token.hpp"
#include "heddle/check/options.hpp"
#include "heddle/check/program.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace heddle::check {

struct environment {
  std::optional<replay_token> replay;             // HEDDLE_REPLAY
  std::optional<std::uint64_t> seed;              // HEDDLE_SEED: decimal, or hexadecimal after 0x
  std::optional<std::uint64_t> schedules;         // HEDDLE_SCHEDULES
  std::optional<std::chrono::milliseconds> time;  // HEDDLE_TIME
  std::optional<check::strategy> strategy;        // HEDDLE_STRATEGY
  std::optional<token_form> tokens;               // HEDDLE_TOKEN
  std::optional<bool> minimise;                   // HEDDLE_MINIMISE=0 or 1
  std::optional<check::granularity> granularity;  // HEDDLE_GRANULARITY
  std::vector<suppression> suppressions;          // of the file HEDDLE_SUPPRESSIONS
  std::string report_dir;                         // HEDDLE_REPORT_DIR; empty: none
  std::optional<exit_moment> at_exit;             // HEDDLE_EXIT
  std::optional<status_judgement> exit_status;    // HEDDLE_STATUS
  std::optional<output_use> output;               // HEDDLE_OUTPUT
  bool all_findings = false;                      // HEDDLE_FINDINGS=all: go on after one, or first
  bool verbose = false;  // HEDDLE_VERBOSE=1: a line on standard error per exploration, whole stacks
};

// Reads `variables`, a null-terminated array of NAME=VALUE such as ::environ. Returns what it says, or a
// sentence that names the variable, what is wrong and what is allowed. An empty value counts as not set.
std::variant<environment, std::string> read_environment(const char* const* variables);

// The options as the environment changes them, or a sentence that says which of them makes no sense.
std::variant<options, std::string> apply(const environment& over, options chosen);

}  // namespace heddle::check
