#include "explore/runner.hpp"

namespace heddle::check {

sim::machine_options machine_options_of(const options& chosen) {
  sim::machine_options result;
  result.level = chosen.granularity;
  result.weak_memory = chosen.weak_memory;
  result.races = chosen.races;
  result.stalls = chosen.stalls;
  result.poll_steps_max = chosen.poll_steps_max;
  result.starvation_polls = chosen.starvation_polls;
  result.leaks = chosen.leaks;
  result.steps_max = chosen.steps_max;
  result.threads_max = chosen.threads_max;
  result.spurious_wakeups = chosen.spurious_wakeups;
  result.cancellations = chosen.cancellations;
  result.faults = chosen.faults;
  result.allocation_failures = chosen.allocation_failures;
  result.stuck_after = chosen.stuck_after;
  result.quarantine_bytes_max = chosen.quarantine_bytes_max;
  return result;
}

}  // namespace heddle::check
