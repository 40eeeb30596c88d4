#include "strategies/round_robin.hpp"

#include "strategies/turns.hpp"

#include <bit>

namespace heddle::check {

bool round_robin_strategy::begin(std::uint64_t index) noexcept {
  static_cast<void>(sampling_strategy::begin(index));
  draw_turn();
  done_ = draw_below(turn_);
  turns_ = 0;
  tries_ = 0;
  return true;
}

void round_robin_strategy::draw_turn() noexcept {
  constexpr std::uint32_t magnitudes = std::bit_width(turn_max);
  turn_ = 1 + draw_below(std::uint32_t{1} << draw_below(magnitudes));
}

sim::thread_id round_robin_strategy::whose_turn(const sim::scheduling_point& point) noexcept {
  // A thread that yields says that its turn is over.
  const bool yields = point.current_runnable && point.next[point.current].kind == sim::operation_kind::yield;
  if (point.current_runnable && done_ < turn_ && !yields) {
    ++done_;
    return point.current;
  }
  if (++turns_ >= turns_in_step || tries_ >= tries_in_step) draw_turn();
  done_ = 1;
  return next_in_turn(point, point.current);
}

sim::thread_id round_robin_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  const sim::thread_id chosen = whose_turn(point);
  const sim::operation_kind next = point.next[chosen].kind;
  if (next == sim::operation_kind::mutex_trylock || next == sim::operation_kind::shared_trylock) ++tries_;
  return chosen;
}

}  // namespace heddle::check
