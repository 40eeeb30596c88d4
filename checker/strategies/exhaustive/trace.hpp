// One execution as transitions: what each thread did from one scheduling point to the next, and what it waited for.
//
// How it works. The strategy tells where a transition begins; events say which objects it touched, and the machine what
// else it touched where operations have none. A thread that became runnable was made so by the transition before, or,
// when the clock has moved, by all others coming to rest: it has to stay behind them in every order. Not so where it
// only wanted a lock that was given back: it might have come first.
//
// Invariants.
//   1. Number 0 is what thread 0 does before the first scheduling point.
//   2. Transitions below `kept` are those of the execution before; they are run again, and not changed.
#pragma once

#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"
#include "strategies/exhaustive/access.hpp"
#include "strategies/exhaustive/clock.hpp"
#include "strategies/exhaustive/object_map.hpp"
#include "strategies/exhaustive/touch_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace heddle::check {

struct transition {
  sim::thread_id thread = 0;
  bool asked = false;  // which thread runs: there were several
  bool stays = false;  // with the thread that ran before
  accesses touched;
  bool is_composite = false;  // of more than one operation: what the later ones touch may follow from the earlier ones
  std::vector<std::uint32_t> enabled_by;
  transition_clock before;  // what had to happen first: of its thread, and what it waited for
  transition_clock clock;   // all that happened before, and itself
};

class transition_trace final : public sim::event_observer {
 public:
  explicit transition_trace(sim::granularity level) noexcept : reader_(level == sim::granularity::task) {}

  // A new execution, whose first `kept` transitions are the same.
  void restart(std::size_t kept);
  // The execution came to a scheduling point: the running transition is over.
  void arrive(const sim::scheduling_point& point);
  // Begins the next one. REQUIRES: below `kept`, the same thread as before.
  void start(sim::thread_id thread, const sim::scheduling_point& point);
  // The execution is over.
  void finish();

  void on_event(const sim::event& what, std::uintptr_t object) noexcept override;
  bool wants_touches() const noexcept override { return !stopped_ && is_fresh(); }
  void on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept override;

  // The rest of the execution is not looked at: the running transition ends where it is.
  void stop() noexcept { stopped_ = true; }

  // Those begun in this execution, and those kept.
  std::span<transition> transitions() noexcept { return {transitions_.data(), count()}; }
  std::span<const transition> transitions() const noexcept { return {transitions_.data(), count()}; }
  // Number of the running transition.
  std::size_t running() const noexcept { return started_ - 1; }

 private:
  struct thread_view {
    bool seen = false;
    bool runnable = false;
    bool waits_for_notification = false;
    std::uint32_t last = 0;                 // its last transition
    std::uint64_t runnable_at = 0;          // the last arrival at which it was
    std::vector<std::uint32_t> enabled_by;  // of its next one
  };

  struct touched_object {
    std::uint32_t transition = 0;
    std::uint32_t kinds = 0;  // of access by it, as bits
  };

  std::size_t count() const noexcept { return started_ > kept_ ? started_ : kept_; }
  // Whether the running transition is none of the execution before.
  bool is_fresh() const noexcept { return started_ > kept_; }
  transition& add_transition();
  void add(const access& one);
  void note_enabled(sim::thread_id thread, const sim::scheduling_point& point, bool clock_moved);
  bool gave_back(std::uintptr_t lock) const noexcept;
  void end_transition();

  touch_reader reader_;
  std::vector<transition> transitions_;  // what is behind count() is room to be used again
  std::size_t kept_ = 0;
  std::size_t started_ = 0;
  accesses touched_;                     // by the running transition, where it is fresh
  object_map<touched_object> distinct_;  // the same, by object
  std::vector<thread_view> threads_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t now_ = 0;
  bool is_composite_ = false;  // the running transition
  bool stopped_ = false;
};

}  // namespace heddle::check
