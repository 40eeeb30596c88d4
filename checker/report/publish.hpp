// Where reports go besides to the caller: the report directory, and standard error.
#pragma once

#include "explore/environment.hpp"
#include "heddle/check/report.hpp"

#include <cstdint>

namespace heddle::check {

// Whether an exploration that passed has something to say.
bool is_worth_a_line(const report& what, const environment& surroundings);

enum class publication : std::uint8_t {
  whole,            // all there is to say of an exploration
  one_of_several,   // a finding of an exploration that goes on
  end_of_findings,  // the end of an exploration whose findings were published one by one
};

// Whether the report directory has the files of the first finding already.
bool is_published(const report& what, const environment& surroundings);

// Writes a failure to HEDDLE_REPORT_DIR, as <test>-<signature> with .json, .html and .txt; a directory that cannot be
// written to becomes a notice. A replay that passed, an exploration with suppressions that hid something or were in
// vain, and with HEDDLE_VERBOSE=1 any, prints its summary on standard error. All of it goes to the channel as well.
void publish(report& what, const environment& surroundings, publication how);

// Prints the report on standard error, before the process ends.
void publish_crash(const report& what);

}  // namespace heddle::check
