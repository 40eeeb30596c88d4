// A poll that keeps its worker for too many scheduling points: the other tasks of the worker wait as long.
//
// How it works. Only what the polling thread does itself counts, in scheduling points and not in time; so neither a
// slow machine nor what other threads do meanwhile makes a poll long. It is looked at now and then while the poll goes
// on, where it stands then, and at its end.
//
// Limits. Code without scheduling points is not seen. At granularity::memory and granularity::runtime points are of
// another size, and no poll is long.
#include "execution.hpp"

#include <string>
#include <utility>

namespace heddle::sim {

void execution::fail_if_polled_long(task_record& task) {
  if (options_.poll_steps_max == 0 || !task.shares_thread || current_->blocking_allowed != 0) return;
  if (steps_of(*current_) - task.steps_at_poll <= options_.poll_steps_max) return;
  if (options_.level > granularity::sync) return;
  set_inactive();
  const std::uint32_t ready = tasks_ready();
  std::string message = "a poll of task " + std::to_string(task.id) + " takes more than " +
                        std::to_string(options_.poll_steps_max) +
                        " scheduling points (options::poll_steps_max), and its worker runs nothing else until it ends";
  if (ready != 0) message += "; " + std::to_string(ready) + (ready == 1 ? " task is" : " tasks are") + " ready to run";
  fail_unless_accepted(make_failure(failure_kind::long_poll, std::move(message)));
  task.steps_at_poll = steps_of(*current_);
}

}  // namespace heddle::sim
