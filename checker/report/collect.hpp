// From what the machine saw to what a reader is told: symbolised findings.
#pragma once

#include "heddle/check/finding.hpp"
#include "heddle/sim/machine.hpp"
#include "symbols/symbolizer.hpp"

namespace heddle::check {

finding_kind finding_kind_of(sim::failure_kind kind);

// Everything but the schedule and the token.
finding collect(const sim::failure& failure, symbolizer& symbols);

place place_of(const sim::await_place& where);

}  // namespace heddle::check
