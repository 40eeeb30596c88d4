// Partial order sampling: random priorities of events instead of threads.
//
// How it works. What each thread is about to do has a random priority; the highest runs. Then the thread's next
// operation gets a new one, and so do the operations of others that conflict with what was done (same object, one of
// the two writes), so that each order of two conflicting operations stays about as likely as the other.
//
// Source: Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018. Deviation: an operation of a thread
// that spins is drawn anew at each of its turns like any other, so no rule for fairness is needed.
#pragma once

#include "strategies/sampling.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

class pos_strategy final : public sampling_strategy {
 public:
  using sampling_strategy::sampling_strategy;

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;

 private:
  std::uint64_t& priority_of(sim::thread_id thread);

  std::vector<std::uint64_t> priorities_;  // by thread, of its next operation; 0: to be drawn
};

}  // namespace heddle::check
