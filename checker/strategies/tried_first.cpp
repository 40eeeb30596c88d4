#include "strategies/tried_first.hpp"

namespace heddle::check {

bool tried_first_strategy::begin(std::uint64_t index) noexcept {
  record_.clear();
  following_.reset();
  if (index == 0) following_.emplace(first_);
  return others_->begin(index);
}

// The record's answer, or, from where it does not fit, the other strategy's.
template <typename Ask>
auto tried_first_strategy::answer_of(Ask ask) noexcept {
  if (following_) {
    const auto answer = ask(*following_);
    if (!following_->has_diverged()) return answer;
    following_.reset();
  }
  return ask(*others_);
}

sim::thread_id tried_first_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  const sim::thread_id chosen = answer_of([&](sim::decision_source& source) { return source.choose_thread(point); });
  record_.add_answer(point, chosen);
  return chosen;
}

std::uint32_t tried_first_strategy::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const std::uint32_t answer = answer_of([&](sim::decision_source& source) { return source.choose(kind, candidates); });
  record_.add_choice(kind, answer);
  return answer;
}

}  // namespace heddle::check
