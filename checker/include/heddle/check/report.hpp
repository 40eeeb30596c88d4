// The outcome of an exploration.
#pragma once

#include "heddle/check/finding.hpp"
#include "heddle/check/suppression.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::check {

// One part of what the body of a property was given.
struct input_view {
  std::string name;   // or its type; may be empty
  std::string value;  // as text
  friend bool operator==(const input_view&, const input_view&) = default;
};

struct report {
  // Whether something was found, or nothing could be explored.
  bool failed() const noexcept { return !error.empty() || !findings.empty(); }

  // One line that says how it passed, or what was found first.
  std::string summary() const;

  // The whole report for a reader. Of a failure, the last line is the command that replays it.
  std::string text() const;

  std::string error;  // why nothing more was explored: an unusable environment, option or token; empty otherwise
  std::vector<finding> findings;
  std::vector<moment> history;  // the execution of the first finding, oldest first; at most its last 20,000 events
  std::vector<suppressed_findings> suppressed;   // each suppression that hid something
  std::vector<suppression> unused_suppressions;  // of the test, not of a file that others use too
  std::string output;                            // of a whole program: what the failing schedule printed
  std::vector<std::string> notices;              // what is worth knowing and wrong with neither program nor usage

  bool verbose = false;  // HEDDLE_VERBOSE=1: text() shows frames of libraries too

  std::vector<input_view> inputs;  // of a property: what its body was given for the first finding
  std::string inputs_minimised;    // how that was found and shrunk, a clause; empty if there is nothing to say
  std::uint64_t inputs_tried = 0;  // of a property: inputs that were generated and explored; otherwise 0

  std::string name;      // of the test
  std::string program;   // path of its executable
  std::string strategy;  // such as "random"
  std::uint64_t seed = 0;
  std::uint64_t schedules = 0;        // executions explored; the ones run again to compare are not counted
  std::uint64_t schedules_asked = 0;  // the limit; 0: none
  std::uint64_t distinct = 0;         // of them, up to the order of independent operations
  // Of schedules, the estimated share that would be new: the probability that the next one differs from all seen
  // (Good–Turing). 0 where every schedule was explored; 1 before the first.
  double unseen = 1;
  std::uint64_t last_new = 0;                 // number of the last schedule that differed from all before it, from 0
  std::vector<std::uint64_t> distinct_after;  // schedules 1, 2, 4, 8 and so on: how many were distinct by then
  // A chance that the schedules had at least of showing a bug of depth 1, 2 and 3: of a bug that shows whenever so many
  // pairs of operations come in one order. Nothing where no schedule was chosen by `pct`, for which alone there is a
  // bound (Burckhardt et al., ASPLOS 2010), and of properties.
  std::optional<std::array<double, 3>> detection;
  std::optional<double> explored;            // of a search that was broken off: the estimated share of all executions
  bool distinct_at_least = false;            // counting stopped at its limit: there may be more
  bool proved = false;                       // every schedule was explored, not a sample
  std::optional<std::uint32_t> preemptions;  // of those with so many at most: exhaustive::preemptions
  std::optional<std::uint32_t> delays;       // likewise: exhaustive::delays
  bool replayed = false;                     // a token was followed
  std::string replay_command;                // of the first finding
};

}  // namespace heddle::check
