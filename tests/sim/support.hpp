// What the machine's tests share: a small seeded decision source, and loops over schedules.
#pragma once

#include <heddle/sim/current.hpp>
#include <heddle/sim/machine.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace heddle::sim::testing {

// Uniform choices from a xorshift generator: enough for tests of the machine, no strategy.
class seeded_source final : public decision_source {
 public:
  explicit seeded_source(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}

  thread_id choose_thread(const scheduling_point& point) noexcept override {
    return point.runnable[below(static_cast<std::uint32_t>(point.runnable.size()))];
  }
  std::uint32_t choose(choice_kind, std::uint32_t candidates) noexcept override { return below(candidates); }

 private:
  std::uint32_t below(std::uint32_t bound) noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>(((state_ >> 32) * bound) >> 32);
  }

  std::uint64_t state_;
};

// Stays on the running thread as long as it can: the schedule without a preemption.
class patient_source final : public decision_source {
 public:
  thread_id choose_thread(const scheduling_point& point) noexcept override {
    return point.current_runnable ? point.current : point.runnable.front();
  }
  std::uint32_t choose(choice_kind, std::uint32_t) noexcept override { return 0; }
};

struct summary {
  std::uint64_t schedules = 0;
  std::uint64_t failed = 0;
  std::set<std::uint64_t> hashes;
  std::vector<failure> failures;  // of the first schedule that failed
  std::uint64_t steps = 0;
};

template <typename Body>
summary run_schedules(std::uint64_t schedules, Body body, machine_options options = {}) {
  summary result;
  machine on(options);
  for (std::uint64_t seed = 1; seed <= schedules; ++seed) {
    seeded_source source(seed);
    const execution_result& one = on.run(source, body);
    ++result.schedules;
    result.hashes.insert(one.event_hash);
    result.steps += one.steps;
    if (one.failures.empty()) continue;
    if (result.failed++ == 0) result.failures = one.failures;
  }
  return result;
}

template <typename Body>
execution_result run_once(Body body, std::uint64_t seed = 1, machine_options options = {}) {
  machine on(options);
  seeded_source source(seed);
  return on.run(source, body);
}

inline std::string first_message(const execution_result& result) {
  return result.failures.empty() ? "" : result.failures.front().message;
}

// Ends the execution when `condition` does not hold.
inline void check(bool condition, const char* what) {
  if (!condition) fail_execution(failure_kind::assertion, what);
}

}  // namespace heddle::sim::testing
