// The task that may be starving, and how often everybody had polled or been polled when it was noticed.
#pragma once

#include "../machine/host_memory.hpp"

#include <cstdint>

namespace heddle::sim {

// A task that has been ready to run for long, and what has been polled since it was noticed.
struct starvation_watch {
  std::uint64_t next_look = 0;  // polls of the execution at which tasks are looked at again
  std::uint32_t task = 0;       // 0: none
  std::uint64_t queued_at = 0;
  host_vector<std::uint64_t> thread_polls;  // by thread, when it was noticed
  host_vector<std::uint64_t> task_polls;    // by task
};

}  // namespace heddle::sim
