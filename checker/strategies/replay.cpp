#include "strategies/replay.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace heddle::check {

void replay_source::diverge(mismatch why) noexcept {
  if (diverged_ != mismatch::none) return;
  diverged_ = why;
  diverged_at_ = asked_;
}

const decision* replay_source::expect(bool thread_question) noexcept {
  ++asked_;
  if (diverged_ != mismatch::none) return nullptr;
  if (position_ == record_.entries().size()) {
    diverge(mismatch::ended);
    return nullptr;
  }
  const decision& entry = record_.entries()[position_];
  if (entry.kind != decision::what::usual && thread_question == (entry.kind == decision::what::choice)) {
    diverge(mismatch::other_question);
    return nullptr;
  }
  return &entry;
}

void replay_source::consume() noexcept {
  const decision& entry = record_.entries()[position_];
  if (entry.kind == decision::what::usual && ++usual_done_ < entry.answer) return;
  usual_done_ = 0;
  ++position_;
}

sim::thread_id replay_source::choose_thread(const sim::scheduling_point& point) noexcept {
  const sim::thread_id fallback = point.current_runnable ? point.current : point.runnable.front();
  const decision* entry = expect(true);
  if (entry == nullptr) return fallback;
  const bool stays = entry->kind == decision::what::usual;
  const bool possible =
      stays ? point.current_runnable
            : std::find(point.runnable.begin(), point.runnable.end(), entry->answer) != point.runnable.end();
  if (!possible) {
    diverge(mismatch::not_runnable);
    return fallback;
  }
  const sim::thread_id chosen = stays ? point.current : entry->answer;
  consume();
  return chosen;
}

std::uint32_t replay_source::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const decision* entry = expect(false);
  if (entry == nullptr) return 0;
  if (entry->kind == decision::what::usual) {
    consume();
    return 0;
  }
  if (entry->choice != kind || entry->answer >= candidates) {
    diverge(entry->choice != kind ? mismatch::other_question : mismatch::out_of_range);
    return 0;
  }
  const std::uint32_t answer = entry->answer;
  consume();
  return answer;
}

std::optional<std::string> replay_source::divergence() const {
  switch (diverged_) {
    case mismatch::none:
      break;
    case mismatch::ended:
      return fmt::format("the record ends before decision {}", diverged_at_);
    case mismatch::other_question:
      return fmt::format("decision {} is of another kind than the recorded one", diverged_at_);
    case mismatch::not_runnable:
      return fmt::format("at decision {} the recorded thread cannot run", diverged_at_);
    case mismatch::out_of_range:
      return fmt::format("at decision {} there are fewer candidates than recorded", diverged_at_);
  }
  if (position_ < record_.entries().size())
    return fmt::format("the execution ended after decision {}, before the record did", asked_);
  return std::nullopt;
}

}  // namespace heddle::check
