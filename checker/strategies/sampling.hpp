// What the strategies that sample have in common: random numbers of their own for each schedule, and uniform answers to
// choices other than threads.
#pragma once

#include "strategies/generator.hpp"
#include "strategies/strategy.hpp"

namespace heddle::check {

class sampling_strategy : public explorer_strategy {
 public:
  explicit sampling_strategy(std::uint64_t seed) noexcept : seed_(seed), numbers_(seed) {}

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override {
    numbers_ = generator(schedule_seed(seed_, index));
    return true;
  }

  std::uint32_t choose(sim::choice_kind, std::uint32_t candidates) noexcept override {
    return below(numbers_.next(), candidates);
  }

 protected:
  std::uint64_t draw() noexcept { return numbers_.next(); }
  std::uint32_t draw_below(std::uint32_t bound) noexcept { return below(numbers_.next(), bound); }

 private:
  const std::uint64_t seed_;
  generator numbers_;
};

}  // namespace heddle::check
