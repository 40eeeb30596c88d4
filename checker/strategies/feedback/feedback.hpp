// Schedules like those that showed something new, a little changed; see check::feedback.
//
// How it works. What behaviour.hpp finds new in a schedule makes its decisions worth keeping. Every other schedule is
// one of `random`, about; the others begin with a kept one, later ones more often, and a place in it that is drawn:
//   - as before to that place, and from there on at random;
//   - as before, but at that place another answer;
//   - as before to that place, and from there on like another kept one.
// Where a decision does not fit any more, because the thread cannot run or another question is asked, and at the end of
// what was kept, it goes on at random.
//
// Which schedule a number stands for depends on all before it, so tokens hold the decisions.
//
// Source: Zalewski, AFL, 2013, and Wolff, Zhao, Duck, Roychoudhury, "Greybox Fuzzing for Concurrency Testing", ASPLOS
// 2024, whose feedback it is. Deviation: there, constraints on who reads from whom are mutated, and a scheduler tries
// to fulfil them; here it is the decisions.
//
// Limits: kept_max schedules, the oldest are forgotten; none of more than decisions_max decisions.
#pragma once

#include "strategies/feedback/behaviour.hpp"
#include "strategies/random.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace heddle::check {

class feedback_strategy final : public explorer_strategy {
 public:
  static constexpr std::size_t kept_max = 512;
  static constexpr std::size_t decisions_max = std::size_t{1} << 16;

  explicit feedback_strategy(std::uint64_t seed) noexcept : seed_(seed), walk_(seed), numbers_(seed) {}

  // The number before again, or the next.
  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;

  sim::event_observer* observer() noexcept override { return &seen_; }
  std::optional<decision_record> decisions() const override;

  std::size_t kept() const noexcept { return kept_.size(); }

 private:
  struct step {
    std::uint32_t answer = 0;
    bool is_thread = false;
    bool stays = false;                                // with the thread that ran
    sim::choice_kind choice = sim::choice_kind::test;  // unless it is a thread

    friend bool operator==(const step&, const step&) = default;
  };
  using steps = std::vector<step>;
  static constexpr std::size_t nowhere = ~std::size_t{0};

  void keep_if_new();
  void plan();
  const steps& draw_kept() noexcept;
  // The planned answer to the question that is asked now, or null.
  const step* planned() noexcept;
  sim::thread_id other_thread(const sim::scheduling_point& point, sim::thread_id than) noexcept;

  const std::uint64_t seed_;
  random_strategy walk_;
  generator numbers_;
  behaviour seen_;
  std::deque<steps> kept_;  // oldest first

  // The schedule that runs: like `first_` to `cut_`, then like `second_`.
  std::span<const step> first_;
  std::span<const step> second_;
  std::size_t cut_ = 0;
  std::size_t changed_at_ = nowhere;  // where the answer is to be another one
  std::size_t asked_ = 0;             // questions
  steps done_;
  steps before_;  // of the schedule that is repeated
  std::uint64_t index_ = 0;
  bool begun_ = false;  // any
  bool repeats_ = false;
};

}  // namespace heddle::check
