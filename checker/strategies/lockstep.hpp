// The schedule that a portfolio begins with: as much overlap as there can be, in the order that comes by itself least.
//
// How it works. Threads take turns of one decision each, the youngest first; to start is no turn. So what one checks
// the others change before it acts, locks are taken crosswise, and what was started last comes first. Left alone,
// machines do the opposite: they start threads in order, and what is short is over before the next begins. After
// steps_max decisions, counted anew from the first poll of a task, it goes on as random_strategy does: what always goes
// on in step is fair to a degree that hides what an overtaking thread does, and tells little about the program. Up to
// there it is the same for every seed, but for choices other than threads.
//
// The turns are those of the user's code: to begin a poll is no turn either, nor is what a thread of the runtime does
// on its way to a task when it has been woken.
#pragma once

#include "strategies/random.hpp"
#include "strategies/sampling.hpp"

#include <cstdint>

namespace heddle::check {

class lockstep_strategy final : public sampling_strategy {
 public:
  static constexpr std::uint64_t steps_max = 24;

  explicit lockstep_strategy(std::uint64_t seed) noexcept : sampling_strategy(seed), later_(seed) {}

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override {
    starts_ = false;
    polls_ = false;
    end_ = steps_max;
    return sampling_strategy::begin(index) && later_.begin(index);
  }
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;

 private:
  static sim::thread_id whose_turn(const sim::scheduling_point& point) noexcept;

  random_strategy later_;
  bool starts_ = false;  // the thread that ran last has only started
  bool polls_ = false;   // a task has been polled
  std::uint64_t end_ = steps_max;
};

}  // namespace heddle::check
