// What the explorer wants of a strategy: a decision source that is told where an execution begins and ends.
//
// What a strategy does in a schedule is a pure function of the seed of the exploration, the number of the schedule and
// what it learned in schedule 0, which a replay runs first. The tokens of one that learns from others too must hold
// every decision.
#pragma once

#include "heddle/check/strategy.hpp"
#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"
#include "heddle/sim/machine.hpp"
#include "strategies/record.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace heddle::check {

// Changes of priority in a schedule by `pct`.
struct priority_changes {
  std::uint32_t depth = 0;  // one more than the changes; 0: the schedule was chosen in another way
  std::uint64_t among = 0;  // the points among which they were drawn
};

class explorer_strategy : public sim::decision_source {
 public:
  // Prepares for execution number `index`. False: nothing is left to explore.
  [[nodiscard]] virtual bool begin(std::uint64_t index) noexcept = 0;
  // The events of schedule 0, after it ran and before any later one begins.
  virtual void learn(std::span<const sim::event> first_schedule) { static_cast<void>(first_schedule); }
  // What is to see the events of the executions it decides, or null.
  virtual sim::event_observer* observer() noexcept { return nullptr; }
  // The decisions of the last execution; nothing where its number tells them.
  virtual std::optional<decision_record> decisions() const { return std::nullopt; }
  // After begin() returned false: whether every execution was explored.
  virtual bool is_proof() const noexcept { return false; }
  // Of the schedule that was begun last.
  virtual priority_changes changes() const noexcept { return {}; }
  // Of a search: the estimated share of all executions that has been explored.
  virtual std::optional<double> explored() const { return std::nullopt; }
};

// The strategy of the options, for an exploration with that seed at that granularity.
std::unique_ptr<explorer_strategy> make_strategy(const strategy& chosen, std::uint64_t seed, sim::granularity level);

}  // namespace heddle::check
