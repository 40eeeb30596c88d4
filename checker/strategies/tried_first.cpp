#include "strategies/tried_first.hpp"

namespace heddle::check {

bool tried_first_strategy::begin(std::uint64_t index) noexcept {
  record_.clear();
  following_.reset();
  if (index == 0) following_.emplace(first_);
  return others_->begin(index);
}

sim::thread_id tried_first_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  sim::thread_id chosen = 0;
  if (following_) chosen = following_->choose_thread(point);
  if (following_ && following_->has_diverged()) following_.reset();
  if (!following_) chosen = others_->choose_thread(point);
  if (point.current_runnable && chosen == point.current) {
    record_.add_stay();
  } else {
    record_.add_thread(chosen);
  }
  return chosen;
}

std::uint32_t tried_first_strategy::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  std::uint32_t answer = 0;
  if (following_) answer = following_->choose(kind, candidates);
  if (following_ && following_->has_diverged()) following_.reset();
  if (!following_) answer = others_->choose(kind, candidates);
  record_.add_choice(kind, answer);
  return answer;
}

}  // namespace heddle::check
