#include "strategies/bytes.hpp"

#include "strategies/turns.hpp"

namespace heddle::check {

bool bytes_strategy::begin(std::uint64_t index) noexcept {
  position_ = 0;
  patience_.reset();
  record_.clear();
  return index == 0;
}

std::uint32_t bytes_strategy::next(std::uint32_t candidates) noexcept {
  return position_ < input_.size() ? input_[position_++] % candidates : 0;
}

// The candidates in turn, from the usual one on.
sim::thread_id bytes_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  sim::thread_id chosen = point.current_runnable ? point.current : next_in_turn(point, point.current);
  for (std::uint32_t further = next(static_cast<std::uint32_t>(point.runnable.size())); further > 0; --further)
    chosen = next_in_turn(point, chosen);
  if (patience_.ends_with(chosen, point.next[chosen])) chosen = next_in_turn(point, chosen);
  record_.add_answer(point, chosen);
  return chosen;
}

std::uint32_t bytes_strategy::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const std::uint32_t answer = next(candidates);
  record_.add_choice(kind, answer);
  return answer;
}

}  // namespace heddle::check
