// What the strategies that sample have in common: random numbers of their own for each schedule, and answers to choices
// other than threads.
//
// How it works. Most choices are uniform. Which store an operation reads or stands behind under weak memory is drawn
// from the newest on, each passed over with a probability that is drawn for the schedule: 1/2, 1/4, 1/8 or never. So
// some schedules are nearly sequentially consistent, in which deep bugs of other kinds are as likely as without weak
// memory, and some are as weak as can be. A needless failure has that probability too.
//
// What the machine may do and rarely does, it does rarely: a wait that ends of itself at every second call would hide
// what comes after. A task is aborted with a probability that is drawn for the schedule, from 1/2 to 1/256: early
// suspensions and late ones are hit about as often as their place allows.
#pragma once

#include "strategies/generator.hpp"
#include "strategies/strategy.hpp"

namespace heddle::check {

class sampling_strategy : public explorer_strategy {
 public:
  explicit sampling_strategy(std::uint64_t seed) noexcept : seed_(seed), numbers_(seed) {}

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override {
    const std::uint64_t seed = schedule_seed(seed_, index);
    numbers_ = generator(seed);
    // Of its own, so that a program without such choices has the same schedules as ever.
    weakness_ = static_cast<unsigned>(mix(seed) & 3U);
    patience_with_tasks_ = 1 + static_cast<unsigned>(mix(seed) >> 2 & 7U);
    return true;
  }

  // Of questions that are seldom answered with yes: one time in so many.
  static constexpr std::uint32_t seldom = 8;

  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override {
    switch (kind) {
      case sim::choice_kind::read_from:
      case sim::choice_kind::store_place:
      case sim::choice_kind::weak_failure:
        return passed_over(candidates);
      case sim::choice_kind::spurious_wakeup:
      case sim::choice_kind::early_timeout:
      case sim::choice_kind::fault:
      case sim::choice_kind::allocation_failure:
        return below(numbers_.next(), seldom) == 0 ? 1 : 0;
      case sim::choice_kind::cancellation:
        return cancels(candidates);
      default:
        return below(numbers_.next(), candidates);
    }
  }

 protected:
  std::uint64_t draw() noexcept { return numbers_.next(); }
  std::uint32_t draw_below(std::uint32_t bound) noexcept { return below(numbers_.next(), bound); }

 private:
  std::uint32_t passed_over(std::uint32_t candidates) noexcept {
    if (weakness_ == 0) return 0;
    std::uint64_t draws = numbers_.next();
    const std::uint64_t mask = (std::uint64_t{1} << weakness_) - 1;
    std::uint32_t answer = 0;
    for (; answer + 1 < candidates && (draws & mask) == 0; draws = draws >> weakness_ | std::uint64_t{1} << 63)
      ++answer;
    return answer;
  }

  // 0, the task goes on; or one of the ways to abort it.
  std::uint32_t cancels(std::uint32_t candidates) noexcept {
    const std::uint64_t draw = numbers_.next();
    const std::uint64_t mask = (std::uint64_t{1} << patience_with_tasks_) - 1;
    return (draw & mask) == 0 ? 1 + below(draw, candidates - 1) : 0;
  }

  const std::uint64_t seed_;
  generator numbers_;
  unsigned patience_with_tasks_ = 1;  // of this schedule: one is aborted with probability 2^-patience_with_tasks_
  unsigned weakness_ = 0;  // of this schedule: each candidate is passed over with probability 2^-weakness_; 0: never
};

}  // namespace heddle::check
