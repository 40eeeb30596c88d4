// Probabilistic concurrency testing: random priorities, changed at a few random points.
//
// How it works. Every thread gets a random priority when it is first seen, and the runnable thread of highest priority
// runs. At depth - 1 random points of the schedule the thread about to run falls below all others. A bug that needs
// d ordering constraints is hit with a probability of at least 1 / (n k^(d-1)), n threads and k points.
//
// Source: Burckhardt, Kothari, Musuvathi, Nagarakatti, "A Randomized Scheduler with Probabilistic Guarantees of Finding
// Bugs", ASPLOS 2010. Deviations: k is the length of the first schedule (profile.hpp), doubled in a quarter and
// quadrupled in another quarter of the schedules, as it is an estimate; a thread that yields or spins falls below all
// others too (patience.hpp), or spin loops would not end.
#pragma once

#include "strategies/patience.hpp"
#include "strategies/profile.hpp"
#include "strategies/sampling.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

class pct_strategy final : public sampling_strategy {
 public:
  // `depth` is at least 1. `counts` must outlive it.
  pct_strategy(std::uint64_t seed, std::uint32_t depth, const profile& counts)
      : sampling_strategy(seed), depth_(depth), counts_(counts) {}

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  priority_changes changes() const noexcept override { return {depth_, length_}; }

 private:
  // The least draw of a thread; those below it are for threads that fell.
  static constexpr std::uint64_t lowest_draw = std::uint64_t{1} << 32;

  std::uint64_t& priority_of(sim::thread_id thread);
  void lower(sim::thread_id thread) { priority_of(thread) = --next_low_; }
  sim::thread_id highest(const sim::scheduling_point& point);

  const std::uint32_t depth_;
  const profile& counts_;
  std::uint64_t next_low_ = lowest_draw;   // falls: the last to be lowered is the lowest
  std::uint64_t length_ = 1;               // points among which the changes are drawn
  std::vector<std::uint64_t> changes_;     // points at which a priority falls, ascending
  std::size_t changed_ = 0;                // of those, how many are past
  std::vector<std::uint64_t> priorities_;  // by thread; 0: not seen yet
  patience patience_;
};

}  // namespace heddle::check
