#include "minimise/plan.hpp"

#include "strategies/turns.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace heddle::check {

namespace {

auto key_of(const unusual_choice& one) noexcept {
  return std::tuple(one.thread, one.kind, one.ordinal);
}

bool comes_before(const unusual_choice& a, const unusual_choice& b) noexcept {
  return key_of(a) < key_of(b);
}

bool is_runnable(const sim::scheduling_point& point, sim::thread_id thread) noexcept {
  return std::find(point.runnable.begin(), point.runnable.end(), thread) != point.runnable.end();
}

}  // namespace

void schedule_log::add_thread(const sim::scheduling_point& point, sim::thread_id chosen, chooser who) {
  const bool stays = point.current_runnable && chosen == point.current;
  if (point.runnable.size() > 1) {
    record_.add_answer(point, chosen);
    if (!stays && who == chooser::schedule) add_switch(point, chosen);
  }
  if (chosen >= views_.size()) views_.resize(chosen + 1);
  running_ = chosen;
  const std::uint32_t until = ++views_[chosen].points;
  if (plan_.turns.empty() || plan_.turns.back().thread != chosen) plan_.turns.push_back({chosen, until});
  plan_.turns.back().until = until;
}

void schedule_log::add_switch(const sim::scheduling_point& point, sim::thread_id chosen) {
  if (point.current_runnable) {
    ++cost_.preemptions;
    preempted_.push_back({point.current, points(point.current)});
  } else if (chosen != next_in_turn(point, point.current)) {
    ++cost_.unusual;
  }
}

void schedule_log::add_choice(sim::choice_kind kind, std::uint32_t answer) {
  record_.add_choice(kind, answer);
  const std::uint32_t ordinal = views_[running_].choices[index(kind)]++;
  if (answer == 0) return;
  ++cost_.unusual;
  plan_.choices.push_back({running_, kind, ordinal, answer});
}

plan schedule_log::take_plan() {
  std::sort(plan_.choices.begin(), plan_.choices.end(), comes_before);
  return std::move(plan_);
}

sim::thread_id logging_source::choose_thread(const sim::scheduling_point& point) noexcept {
  const bool asks = point.runnable.size() > 1 || source_.wants_every_point();
  const sim::thread_id chosen = asks ? source_.choose_thread(point) : point.runnable.front();
  log_.add_thread(point, chosen);
  return chosen;
}

std::uint32_t logging_source::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const std::uint32_t answer = source_.choose(kind, candidates);
  log_.add_choice(kind, answer);
  return answer;
}

sim::thread_id planned_source::usual(const sim::scheduling_point& point) noexcept {
  const sim::thread_id chosen = point.current_runnable ? point.current : next_in_turn(point, point.current);
  return patience_.ends_with(chosen, point.next[chosen]) ? next_in_turn(point, chosen) : chosen;
}

sim::thread_id planned_source::choose_thread(const sim::scheduling_point& point) noexcept {
  // A thread that waits has had its turn; for one that is still to be created its turn waits.
  const auto is_over = [&](const turn& one) {
    const bool exists = one.thread < point.next.size();
    return log_.points(one.thread) >= one.until || (exists && !is_runnable(point, one.thread));
  };
  while (turn_ < plan_.turns.size() && is_over(plan_.turns[turn_])) ++turn_;
  const bool planned = turn_ < plan_.turns.size() && is_runnable(point, plan_.turns[turn_].thread);
  const sim::thread_id chosen = planned ? plan_.turns[turn_].thread : usual(point);
  log_.add_thread(point, chosen, planned ? schedule_log::chooser::schedule : schedule_log::chooser::custom);
  return chosen;
}

std::uint32_t planned_source::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const unusual_choice wanted{log_.running(), kind, log_.choices_made(kind), 0};
  const auto found = std::lower_bound(plan_.choices.begin(), plan_.choices.end(), wanted, comes_before);
  const bool planned = found != plan_.choices.end() && key_of(*found) == key_of(wanted);
  const std::uint32_t answer = planned && found->answer < candidates ? found->answer : 0;
  log_.add_choice(kind, answer);
  return answer;
}

void planned_source::on_event(const sim::event& what, std::uintptr_t) noexcept {
  if (events_.size() < events_max) events_.push_back({what, log_.points(what.thread)});
}

}  // namespace heddle::check
