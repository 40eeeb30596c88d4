// The random strategy, bursty: see check::random.
//
// How it works. begin(i) seeds the generator with schedule_seed(seed, i) and draws the stickiness k: 0 with
// probability 1/2 (uniform choice at every point), else one of 1 to 5 (stay on the running thread with
// probability 1 - 2^-k, else any of the others). Uniform choice switches so often that no thread ever runs ahead
// (llvm #183200); the bursts let one.
//
// Choices other than threads are uniform.
#pragma once

#include "strategies/sampling.hpp"

namespace heddle::check {

class random_strategy : public sampling_strategy {
 public:
  static constexpr unsigned stickiness_max = 5;

  using sampling_strategy::sampling_strategy;

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override {
    static_cast<void>(sampling_strategy::begin(index));
    const std::uint64_t draw = this->draw();
    const std::uint32_t k = (draw & 1U) == 0 ? 0 : 1 + below(draw, stickiness_max);
    stay_mask_ = (std::uint64_t{1} << k) - 1;
    return true;
  }

  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept final {
    const std::uint64_t draw = this->draw();
    const auto count = static_cast<std::uint32_t>(point.runnable.size());
    if (stay_mask_ == 0 || !point.current_runnable) return point.runnable[below(draw, count)];
    // The upper half of the draw picks a thread, the lower bits decide whether to.
    if ((draw & stay_mask_) != 0) return point.current;
    const sim::thread_id other = point.runnable[below(draw, count - 1)];
    return other == point.current ? point.runnable[count - 1] : other;
  }

  // 0 of a uniform schedule; else 2^k - 1.
  std::uint64_t stay_mask() const noexcept { return stay_mask_; }

 private:
  std::uint64_t stay_mask_ = 0;
};

}  // namespace heddle::check
