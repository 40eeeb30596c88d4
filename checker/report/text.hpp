// The report as text for a reader: what happened, where, and the command that shows it again.
//
// How it works. Short before complete: the kind and one sentence, the stacks with the line of source each ends in, who
// waits where, the schedule as columns with the events that matter, and last the line to replay it. Frames of libraries
// are folded; HEDDLE_VERBOSE=1 unfolds them.
#pragma once

#include "heddle/check/report.hpp"

#include <string>

namespace heddle::check {

enum class colours : std::uint8_t { none, terminal };

// The text of report::text, with or without the escape codes of a terminal. No newline at its end.
std::string to_text(const report& what, colours colour);

// What the environment and the file allow: colours on a terminal, unless NO_COLOR is set to anything or TERM to dumb.
colours colours_for(int descriptor);

// Events in columns, one for each task or thread; narrower, or as a list, where there are too many.
std::string timeline_text(const std::vector<moment>& timeline);

}  // namespace heddle::check
