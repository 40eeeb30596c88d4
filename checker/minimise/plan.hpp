// A schedule as something that can be shrunk: turns of threads, and the choices that were not the usual ones.
//
// How it works. A turn lets a thread go on until it has passed so many scheduling points of its own since it began. So
// the turns that are left mean the same when others are taken away: what a thread did not do in a turn that is gone it
// does in its next one, or at the end. What no turn speaks of goes as usual: the running thread goes on, or else the
// next one in turn, and choices are answered by 0. A choice is known by its thread, its kind and how many of that kind
// the thread made before.
//
// schedule_log makes a plan of what happens; planned_source is a decision source that follows one, as far as possible.
#pragma once

#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"
#include "strategies/patience.hpp"
#include "strategies/record.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::check {

struct turn {
  sim::thread_id thread = 0;
  std::uint32_t until = 0;  // points of the thread's own, from its beginning

  friend bool operator==(const turn&, const turn&) = default;
};

struct unusual_choice {
  sim::thread_id thread = 0;
  sim::choice_kind kind = sim::choice_kind::test;
  std::uint32_t ordinal = 0;  // among those of its kind and thread, from 0
  std::uint32_t answer = 0;

  friend bool operator==(const unusual_choice&, const unusual_choice&) = default;
};

struct plan {
  std::vector<turn> turns;
  std::vector<unusual_choice> choices;  // in the order of thread, kind and ordinal, so that they can be searched
};

// How far a schedule is from the usual one.
struct schedule_cost {
  std::uint64_t preemptions = 0;  // switches from a thread that could have gone on, and does not spin
  std::uint64_t unusual = 0;      // other decisions that were not the usual ones

  friend auto operator<=>(const schedule_cost&, const schedule_cost&) = default;
};

class schedule_log {
 public:
  // Who chose the thread: what a thread that spins gives way to is no preemption.
  enum class chooser : std::uint8_t { schedule, custom };
  void add_thread(const sim::scheduling_point& point, sim::thread_id chosen, chooser who = chooser::schedule);
  void add_choice(sim::choice_kind kind, std::uint32_t answer);

  // Of the thread that was chosen last: how many choices of the kind it made.
  std::uint32_t choices_made(sim::choice_kind kind) const noexcept { return views_[running_].choices[index(kind)]; }
  // Points that the thread has passed.
  std::uint32_t points(sim::thread_id thread) const noexcept {
    return thread < views_.size() ? views_[thread].points : 0;
  }
  sim::thread_id threads() const noexcept { return static_cast<sim::thread_id>(views_.size()); }
  sim::thread_id running() const noexcept { return running_; }
  const schedule_cost& cost() const noexcept { return cost_; }
  // Turns of threads that could have gone on, in order.
  const std::vector<turn>& preempted() const noexcept { return preempted_; }
  const decision_record& record() const noexcept { return record_; }
  plan take_plan();

 private:
  static constexpr std::size_t choice_kinds = static_cast<std::size_t>(sim::choice_kind::test) + 1;
  static constexpr std::size_t index(sim::choice_kind kind) noexcept { return static_cast<std::size_t>(kind); }

  void add_switch(const sim::scheduling_point& point, sim::thread_id chosen);

  struct thread_view {
    std::uint32_t points = 0;
    std::array<std::uint32_t, choice_kinds> choices{};
  };

  std::vector<thread_view> views_ = std::vector<thread_view>(1);  // by thread
  sim::thread_id running_ = 0;
  plan plan_;
  std::vector<turn> preempted_;
  schedule_cost cost_;
  decision_record record_;
};

// Passes questions on to a strategy, and logs its schedule.
class logging_source final : public sim::decision_source {
 public:
  // `source` must outlive it.
  explicit logging_source(sim::decision_source& source) noexcept : source_(source) {}

  bool wants_every_point() const noexcept override { return true; }
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;

  schedule_log& log() noexcept { return log_; }

 private:
  sim::decision_source& source_;
  schedule_log log_;
};

// An event, and how many points its thread had passed then, the one before it included.
struct placed_event {
  sim::event what;
  std::uint32_t points = 0;
};

class planned_source final : public sim::decision_source, public sim::event_observer {
 public:
  // `wanted` must outlive it.
  explicit planned_source(const plan& wanted) noexcept : plan_(wanted) {}

  bool wants_every_point() const noexcept override { return true; }
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;
  // Where it is an observer too.
  void on_event(const sim::event& what, std::uintptr_t object) noexcept override;

  schedule_log& log() noexcept { return log_; }
  const std::vector<placed_event>& events() const noexcept { return events_; }

 private:
  static constexpr std::size_t events_max = std::size_t{1} << 18;

  sim::thread_id usual(const sim::scheduling_point& point) noexcept;

  const plan& plan_;
  std::size_t turn_ = 0;
  schedule_log log_;
  patience patience_;
  std::vector<placed_event> events_;
};

}  // namespace heddle::check
