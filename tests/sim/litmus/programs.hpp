// The litmus tests of the literature, as data: what each thread does, and every outcome that C++20 allows.
//
// An outcome is the values of the registers in their order, then, where the program says so, the final values of
// words. `unreached` are outcomes that the standard allows and the machine does not show; docs/weak-memory.md says why.
//
// Sources of names and verdicts: Maranget, Sarkar, Sewell, "A Tutorial Introduction to the ARM and POWER Relaxed Memory
// Models", 2012; Lahav et al., "Repairing Sequential Consistency in C/C++11", PLDI 2017; P0668R5.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace heddle::sim::testing {

struct litmus_state {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
  std::atomic<int> z{0};
  std::array<int, 4> r{};
};

using outcomes = std::set<std::string>;

struct litmus {
  std::string name;
  std::vector<std::function<void(litmus_state&)>> threads;
  std::size_t registers = 0;
  std::string final_words;  // such as "xy": these follow the registers
  outcomes allowed;
  outcomes unreached = {};

  friend std::ostream& operator<<(std::ostream& out, const litmus& one) { return out << one.name; }
};

// All litmus tests.
const std::vector<litmus>& all_litmus();

// Runs the program in threads of its own and returns the outcome.
std::string outcome_of(const litmus& program);

}  // namespace heddle::sim::testing
