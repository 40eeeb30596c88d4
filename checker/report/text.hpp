// The report as text for a reader: what happened, where, and the command that shows it again.
#pragma once

#include "heddle/check/report.hpp"

#include <string>

namespace heddle::check {

enum class colours : std::uint8_t { none, terminal };

// The text of report::text, with or without the escape codes of a terminal. No newline at its end.
std::string to_text(const report& what, colours colour);

// Events in columns, one a thread; a plain list if there are too many threads for that.
std::string timeline_text(const std::vector<moment>& timeline);

}  // namespace heddle::check
