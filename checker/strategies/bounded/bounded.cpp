#include "strategies/bounded/bounded.hpp"

#include "strategies/turns.hpp"

#include <algorithm>
#include <utility>

namespace heddle::check {

bounded_strategy::bounded_strategy(counts cost, std::uint32_t bound, sim::granularity level, std::size_t waiting_limit)
    : counts_(cost), bound_(bound), waiting_limit_(waiting_limit), waiting_(bound), path_(level) {}

bool bounded_strategy::begin(std::uint64_t index) noexcept {
  const bool repeats = begun_ && index == index_;
  begun_ = true;
  index_ = index;
  if (!repeats) {
    std::swap(schedule_, schedule_before_);
    if (!waiting_.take(schedule_, cost_)) return false;
    path_.restart(transitions_kept());
  } else {
    path_.stop();
  }
  branches_ = !repeats;
  next_ = 0;
  asked_ = 0;
  patience_.reset();
  record_.clear();
  return true;
}

// How many transitions are the same as in the schedule before: those before the first question that is answered
// otherwise.
std::size_t bounded_strategy::transitions_kept() const {
  const auto [one, other] =
      std::mismatch(schedule_.begin(), schedule_.end(), schedule_before_.begin(), schedule_before_.end());
  std::size_t kept = path_.ended();
  if (one != schedule_.end()) kept = std::min<std::size_t>(kept, one->transition);
  if (other != schedule_before_.end()) kept = std::min<std::size_t>(kept, other->transition);
  return kept;
}

std::optional<std::uint32_t> bounded_strategy::planned() {
  const std::uint32_t question = asked_++;
  if (next_ == schedule_.size() || schedule_[next_].question != question) return std::nullopt;
  return schedule_[next_++].answer;
}

void bounded_strategy::note(std::uint32_t answer, std::uint32_t cost) {
  if (cost > bound_) return;
  if (waiting_.size() == waiting_limit_) {
    dropped_ = true;
    return;
  }
  waiting_.add({asked_ - 1, answer, static_cast<std::uint32_t>(path_.ended())}, cost);
}

// Where all that could come has been noted already, nothing more is.
void bounded_strategy::look_at_state(const sim::scheduling_point& point) {
  path_.end_transition();
  if (!branches()) return;
  const std::uint64_t state = path_.state(point);
  branches_ = states_.size() < states_max ? states_.insert(state) : !states_.contains(state);
  if (!branches_) path_.stop();
}

void bounded_strategy::note_others(const sim::scheduling_point& point, sim::thread_id usual, bool gives_way) {
  const auto goes_on_spinning = [&](sim::thread_id one) { return gives_way && one == point.current; };
  if (counts_ == counts::delays) {
    std::uint32_t passed_over = 0;
    for (sim::thread_id one = next_in_turn(point, usual); one != usual; one = next_in_turn(point, one)) {
      if (!goes_on_spinning(one)) note(one, cost_ + ++passed_over);
    }
    return;
  }
  const std::uint32_t preemption = point.current_runnable && !gives_way ? 1 : 0;
  for (const sim::thread_id one : point.runnable) {
    if (one != usual && !goes_on_spinning(one)) note(one, cost_ + preemption);
  }
}

sim::thread_id bounded_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  look_at_state(point);
  sim::thread_id chosen = point.runnable.front();
  if (point.runnable.size() > 1) {
    const bool gives_way = point.current_runnable && patience_.ends_with(point.current, point.next[point.current]);
    const bool stays = point.current_runnable && !gives_way;
    chosen = stays ? point.current : next_in_turn(point, point.current);
    const bool branching = branches();
    const std::optional<std::uint32_t> answer = planned();
    // A program that does not do the same again is not followed: the audit tells.
    const auto is_wanted = [&](sim::thread_id one) { return one == *answer; };
    if (answer && std::any_of(point.runnable.begin(), point.runnable.end(), is_wanted)) chosen = *answer;
    if (branching) note_others(point, chosen, gives_way);
    record_.add_answer(point, chosen);
  }
  path_.begin_transition(chosen, point.next[chosen]);
  return chosen;
}

std::uint32_t bounded_strategy::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const bool branching = branches();
  const std::uint32_t answer = planned().value_or(0);
  const std::uint32_t chosen = answer < candidates ? answer : 0;
  for (std::uint32_t other = 1; branching && other < candidates; ++other) note(other, cost_);
  path_.add_choice(kind, chosen);
  record_.add_choice(kind, chosen);
  return chosen;
}

}  // namespace heddle::check
