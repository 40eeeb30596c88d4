// How the benchmarks here measure: several programs in turns, round after round, so that all of them see
// the same machine; medians over the rounds, quoted as ratios.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace heddle::bench {

struct program {
  std::string name;
  // Does the work `times` times.
  void (*run)(std::uint64_t times);
  // Turns a time for one unit of work into the figure that is quoted.
  double units_per_time = 1;
  std::vector<double> nanoseconds = {};  // for one unit of work, one entry a round

  double median() const {
    std::vector<double> sorted = nanoseconds;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

inline double time_once(const program& one, std::uint64_t times) {
  const auto before = std::chrono::steady_clock::now();
  one.run(times);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - before;
  return took.count() / (static_cast<double>(times) * one.units_per_time);
}

// Finds for each program how often to run it, then takes `rounds` turns of about `slice` each.
inline void measure(std::vector<program>& programs, unsigned rounds, std::chrono::milliseconds slice) {
  std::vector<std::uint64_t> times;
  for (const program& one : programs) {
    std::uint64_t enough = 1;
    while (time_once(one, enough) * static_cast<double>(enough) * one.units_per_time <
           std::chrono::duration<double, std::nano>(slice).count()) {
      enough *= 2;
    }
    times.push_back(enough);
  }
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < programs.size(); ++i) {
      programs[i].nanoseconds.push_back(time_once(programs[i], times[i]));
    }
  }
}

}  // namespace heddle::bench
