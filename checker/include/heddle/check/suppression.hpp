// Findings that are known and accepted, and why.
//
//     heddle::check::options{.suppressions = {{.kind = heddle::check::finding_kind::data_race,
//                                              .function = "metrics::*",
//                                              .reason = "counters may lose an update, see the design"}}}
//
// or a line of the file that HEDDLE_SUPPRESSIONS names:
//
//     data-race function=metrics::* file=metrics.cpp reason: counters may lose an update, see the design
//
// A finding is suppressed when it is of the kind, and one frame of the user's code in its stacks (of a deadlock, those
// of its threads and tasks) is of a function and a file that match both. `*` stands for any letters, also none. A
// function is matched as reports show it; of a file, a pattern that begins with no `/` and no `*` may match the end of
// the path, from a directory on.
//
// After a suppressed data-race, blocking-stall, lock-held-across-await, long-poll, starvation or thread-affinity the
// schedule goes on; with anything else it ends, suppressed or not, and what would have come after it is not seen there.
// A crash ends the process all the same, unless it is that of a whole program. A suppression that matched nothing is
// reported.
#pragma once

#include "heddle/check/finding.hpp"

#include <cstdint>
#include <string>

namespace heddle::check {

// REQUIRES: a function or a file, and a reason; explore() refuses one without.
struct suppression {
  finding_kind kind = finding_kind::data_race;
  std::string function{};  // pattern; empty: any
  std::string file{};      // pattern; empty: any
  std::string reason{};
  std::string origin{};  // where it is written, such as "known.txt:3"; empty: in the test
};

// What one suppression hid in one exploration.
struct suppressed_findings {
  suppression by;
  std::uint64_t schedules = 0;  // that had it
};

}  // namespace heddle::check
