#include "strategies/feedback/feedback.hpp"

#include <algorithm>
#include <utility>

namespace heddle::check {

bool feedback_strategy::begin(std::uint64_t index) noexcept {
  const bool again = begun_ && index == index_;
  if (begun_ && !repeats_) keep_if_new();
  if (again) {
    before_ = std::exchange(done_, {});
  } else {
    done_.clear();
  }
  repeats_ = again;
  begun_ = true;
  index_ = index;
  asked_ = cut_ = 0;
  changed_at_ = nowhere;
  first_ = second_ = {};
  static_cast<void>(walk_.begin(index));
  if (again) {
    second_ = before_;
  } else {
    plan();
  }
  seen_.begin();
  return true;
}

void feedback_strategy::keep_if_new() {
  if (seen_.news() == 0 || done_.empty() || done_.size() > decisions_max) return;
  if (kept_.size() == kept_max) kept_.pop_front();
  kept_.push_back(done_);
}

const feedback_strategy::steps& feedback_strategy::draw_kept() noexcept {
  const auto count = static_cast<std::uint32_t>(kept_.size());
  const std::uint32_t one = below(numbers_.next(), count);
  return kept_[std::max(one, below(numbers_.next(), count))];
}

void feedback_strategy::plan() {
  constexpr std::uint64_t salt = 0x66656564;
  numbers_ = generator(schedule_seed(seed_ ^ salt, index_));
  if (kept_.empty() || below(numbers_.next(), 2) == 0) return;
  const steps& like = draw_kept();
  const std::size_t place = below(numbers_.next(), static_cast<std::uint32_t>(like.size()));
  first_ = like;
  cut_ = place;
  switch (below(numbers_.next(), 3)) {
    case 0:
      break;
    case 1:
      cut_ = like.size();
      changed_at_ = place;
      break;
    default:
      second_ = draw_kept();
  }
}

const feedback_strategy::step* feedback_strategy::planned() noexcept {
  const std::size_t question = asked_++;
  if (question < cut_) return &first_[question];
  return question < second_.size() ? &second_[question] : nullptr;
}

// `than` if there is no other.
sim::thread_id feedback_strategy::other_thread(const sim::scheduling_point& point, sim::thread_id than) noexcept {
  const auto count = static_cast<std::uint32_t>(point.runnable.size());
  if (count == 1) return point.runnable.front();
  const sim::thread_id one = point.runnable[below(numbers_.next(), count - 1)];
  return one == than ? point.runnable.back() : one;
}

sim::thread_id feedback_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  const bool changes = asked_ == changed_at_;
  const step* const wanted = planned();
  const bool fits = wanted != nullptr && wanted->is_thread &&
                    std::find(point.runnable.begin(), point.runnable.end(), wanted->answer) != point.runnable.end();
  const sim::thread_id chosen = !fits     ? walk_.choose_thread(point)
                                : changes ? other_thread(point, wanted->answer)
                                          : wanted->answer;
  done_.push_back({.answer = chosen, .is_thread = true, .stays = point.current_runnable && chosen == point.current});
  return chosen;
}

std::uint32_t feedback_strategy::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const bool changes = asked_ == changed_at_;
  const step* const wanted = planned();
  const bool fits = wanted != nullptr && !wanted->is_thread && wanted->choice == kind && wanted->answer < candidates;
  std::uint32_t answer = 0;
  if (!fits) {
    answer = walk_.choose(kind, candidates);
  } else if (changes) {
    answer = (wanted->answer + 1 + below(numbers_.next(), candidates - 1)) % candidates;
  } else {
    answer = wanted->answer;
  }
  done_.push_back({.answer = answer, .choice = kind});
  return answer;
}

std::optional<decision_record> feedback_strategy::decisions() const {
  decision_record record;
  for (const step& one : done_) {
    if (!one.is_thread) {
      record.add_choice(one.choice, one.answer);
    } else if (one.stays) {
      record.add_stay();
    } else {
      record.add_thread(one.answer);
    }
  }
  return record;
}

}  // namespace heddle::check
