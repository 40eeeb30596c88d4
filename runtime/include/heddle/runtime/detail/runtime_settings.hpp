// What a runtime_builder has collected, as the parts of a runtime read it.
// Thread safety: constant once the runtime is built.
#pragma once

#include "heddle/runtime/stall.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace heddle::detail {

struct runtime_settings {
  bool multi_thread = true;
  std::size_t worker_threads = 0;  // 0: as many as the hardware runs
  std::size_t max_blocking_threads = 512;
  std::chrono::nanoseconds thread_keep_alive = std::chrono::seconds(10);
  std::uint32_t event_interval = 61;
  std::optional<std::uint32_t> global_queue_interval;  // none: the default of the scheduler
  std::function<std::string()> thread_name = [] { return std::string("heddle-worker"); };
  std::function<void()> on_thread_start;  // may be empty, as the next
  std::function<void()> on_thread_stop;
  std::optional<stall_options> watch_stalls;  // none: nothing is watched
};

}  // namespace heddle::detail
