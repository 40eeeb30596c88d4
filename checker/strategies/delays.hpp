// Delay-bounded scheduling: a deterministic scheduler, and a few moments at which it is disturbed; see check::delays.
//
// How it works. Undisturbed, a thread runs until it waits, yields or spins, and then the next in turn does. At `bound`
// random points of the schedule the thread whose turn it is is passed over. Unlike with preemptions, the number of
// schedules with d delays does not grow with the number of threads, as what is passed over to is given.
//
// Source: Emmi, Qadeer, Rakamaric, "Delay-Bounded Scheduling", POPL 2011. Deviations: the delays are drawn instead of
// enumerated, and a schedule has from none to `bound` of them, each number as often; points come from the length of the
// first schedule (profile.hpp), which is doubled in a quarter of the schedules, as it is an estimate.
#pragma once

#include "strategies/patience.hpp"
#include "strategies/profile.hpp"
#include "strategies/sampling.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

class delays_strategy final : public sampling_strategy {
 public:
  // `counts` must outlive it.
  delays_strategy(std::uint64_t seed, std::uint32_t bound, const profile& counts)
      : sampling_strategy(seed), bound_(bound), counts_(counts) {}

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;

 private:
  const std::uint32_t bound_;
  const profile& counts_;
  std::vector<std::uint64_t> delays_;  // points, ascending
  std::size_t done_ = 0;               // of them
  patience patience_;
};

}  // namespace heddle::check
