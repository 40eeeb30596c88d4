// A strategy whose first schedule follows the decisions of a failure, as far as they go: for a body that was given a
// smaller input than the one that failed.
//
// How it works. Schedule 0 follows the record until a question does not fit it; from there on, and in all other
// schedules, the other strategy decides. Every decision is recorded, as the number of a schedule does not tell them.
#pragma once

#include "strategies/replay.hpp"
#include "strategies/strategy.hpp"

#include <memory>
#include <optional>
#include <span>

namespace heddle::check {

class tried_first_strategy final : public explorer_strategy {
 public:
  // REQUIRES: `others` is no search, which would have to decide each of its schedules from the beginning.
  tried_first_strategy(decision_record first, std::unique_ptr<explorer_strategy> others)
      : first_(std::move(first)), others_(std::move(others)) {}

  bool wants_every_point() const noexcept override { return others_->wants_every_point(); }
  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;
  void learn(std::span<const sim::event> first_schedule) override { others_->learn(first_schedule); }
  sim::event_observer* observer() noexcept override { return others_->observer(); }
  std::optional<decision_record> decisions() const override { return record_; }

 private:
  template <typename Ask>
  auto answer_of(Ask ask) noexcept;

  const decision_record first_;
  const std::unique_ptr<explorer_strategy> others_;
  std::optional<replay_source> following_;  // the first schedule, while it does
  decision_record record_;
};

}  // namespace heddle::check
