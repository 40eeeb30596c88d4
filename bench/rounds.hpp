// How the benchmarks here measure: several programs in turns, round after round, so that all of them see
// the same machine; the processor time they use, so that others on the machine count less; medians over the rounds,
// quoted as ratios.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
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

// In nanoseconds, of all threads of the process.
inline double processor_time() {
  std::timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

inline double time_once(const program& one, std::uint64_t times) {
  const double before = processor_time();
  one.run(times);
  return (processor_time() - before) / (static_cast<double>(times) * one.units_per_time);
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
