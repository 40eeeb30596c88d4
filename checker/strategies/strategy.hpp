// What the explorer wants of a strategy: a decision source that is told where an execution begins and ends.
//
// A strategy is a pure function of (seed of the exploration, number of the schedule) unless it learns from
// results; the tokens of one that learns must then hold every decision.
#pragma once

#include "heddle/check/strategy.hpp"
#include "heddle/sim/decision.hpp"
#include "heddle/sim/machine.hpp"

#include <cstdint>
#include <memory>

namespace heddle::check {

class explorer_strategy : public sim::decision_source {
 public:
  // Prepares for execution number `index`. False: nothing is left to explore.
  [[nodiscard]] virtual bool begin(std::uint64_t index) noexcept = 0;
};

// The strategy of the options, for an exploration with that seed.
std::unique_ptr<explorer_strategy> make_strategy(const strategy& chosen, std::uint64_t seed);

}  // namespace heddle::check
