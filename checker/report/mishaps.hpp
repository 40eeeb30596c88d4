// What a reader is told of cancellations and faults that were decisions.
#pragma once

#include "heddle/check/finding.hpp"
#include "heddle/sim/machine.hpp"

#include <vector>

namespace heddle::check {

std::vector<mishap_view> collect_mishaps(const std::vector<sim::mishap>& made);

// The moment is that of the decision: says what came of it, and at which await.
void tell(const sim::mishap& made, moment& when);

}  // namespace heddle::check
