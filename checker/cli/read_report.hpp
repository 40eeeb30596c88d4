// A report read back from its JSON: for who shows one that another process made.
//
// How it works. What docs/report-format.md names is read, what is missing stays empty, and what is unknown is passed
// over.
//
// Limits: numbers of the machine that JSON does not carry are gone, such as the addresses of frames.
#pragma once

#include "heddle/check/report.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace heddle::check {

// The report, or a sentence that says why the text is none.
std::variant<report, std::string> read_report(std::string_view json);

}  // namespace heddle::check
