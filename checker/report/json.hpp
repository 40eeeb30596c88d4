// The report as JSON for other programs: docs/report-format.md describes it, docs/report.schema.json is its schema.
//
// How it works. One object for each report, its keys always in the same order, so that equal reports are equal texts.
// Values that a program in another language could round (seeds, hashes) are strings. A key that has nothing to say is
// left out where the schema does not require it.
#pragma once

#include "heddle/check/report.hpp"

#include <string>

namespace heddle::check {

// Raised when a reader of an earlier version would misunderstand; new keys do not raise it.
inline constexpr unsigned report_format_version = 1;

// Without a newline at its end. Text that is no UTF-8 is replaced by U+FFFD.
std::string to_json(const report& what);

}  // namespace heddle::check
