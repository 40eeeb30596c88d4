// Partial order sampling: random priorities of events instead of threads.
//
// How it works. What each thread is about to do has a random priority (operation_priorities.hpp); the highest runs.
//
// Source: Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018. Deviation: all priorities are
// drawn anew from time to time, for programs that spin.
#pragma once

#include "strategies/operation_priorities.hpp"
#include "strategies/sampling.hpp"

#include <cstdint>

namespace heddle::check {

class pos_strategy final : public sampling_strategy {
 public:
  using sampling_strategy::sampling_strategy;

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;

 private:
  operation_priorities priorities_;
};

}  // namespace heddle::check
