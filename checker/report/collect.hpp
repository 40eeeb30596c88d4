// From what the machine saw to what a reader is told: symbolised findings.
#pragma once

#include "heddle/check/finding.hpp"
#include "heddle/sim/event.hpp"
#include "heddle/sim/machine.hpp"
#include "symbols/symbolizer.hpp"

#include <cstddef>
#include <vector>

namespace heddle::check {

// Moments that a finding shows of the time before it.
inline constexpr std::size_t timeline_max = 25;

finding_kind finding_kind_of(sim::failure_kind kind);

// Everything but the schedule and the token.
finding collect(const sim::failure& failure, symbolizer& symbols);

// The last events; the same several times in a row are one moment.
std::vector<moment> collect_timeline(const std::vector<sim::event>& events, symbolizer& symbols);

// Takes off the end what only came of reporting an assertion: locks and allocations of the test framework.
void trim_reporting(const sim::failure& failure, std::vector<moment>& timeline);

// Such as "mutex lock #3".
std::string describe(const sim::event& what);

}  // namespace heddle::check
