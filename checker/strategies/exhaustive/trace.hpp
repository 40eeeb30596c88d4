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

#include <cstddef>
#include <cstdint>
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
  // With `by_words` plain accesses are told as well, and objects in one word of 8 bytes are one.
  explicit transition_trace(bool by_words) noexcept : by_words_(by_words) {}

  // A new execution, whose first `kept` transitions are the same.
  void restart(std::size_t kept);
  // The execution came to a scheduling point: the running transition is over.
  void arrive(const sim::scheduling_point& point);
  // Begins the next one. REQUIRES: below `kept`, the same thread as before.
  void start(sim::thread_id thread, const sim::scheduling_point& point);
  // The execution is over.
  void finish();

  void on_event(const sim::event& what, std::uintptr_t object) noexcept override;
  bool wants_touches() const noexcept override { return true; }
  void on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept override;

  // The rest of the execution is not looked at: the running transition ends where it is.
  void stop() noexcept { stopped_ = true; }

  std::vector<transition>& transitions() noexcept { return transitions_; }
  const std::vector<transition>& transitions() const noexcept { return transitions_; }
  // Number of the running transition.
  std::size_t running() const noexcept { return started_ - 1; }

 private:
  struct thread_view {
    bool seen = false;
    bool runnable = false;
    bool waits_for_notification = false;
    std::uint32_t last = 0;                 // its last transition
    std::vector<std::uint32_t> enabled_by;  // of its next one
  };

  void note_enabled(sim::thread_id thread, const sim::scheduling_point& point, bool clock_moved);
  // Whether the object has been stored to by other than seq_cst operations under weak memory.
  bool has_other_stores(std::uintptr_t object) const noexcept;
  bool gave_back(std::uintptr_t lock) const noexcept;
  std::uintptr_t key_of(sim::object_id object) const noexcept;
  thread_view& view_of(sim::thread_id thread);

  void end_transition();
  std::uintptr_t word_of(std::uintptr_t object) const noexcept { return by_words_ ? object | 7 : object; }

  const bool by_words_;
  std::vector<transition> transitions_;
  std::size_t kept_ = 0;
  std::size_t started_ = 0;
  accesses touched_;                          // by the running transition
  std::vector<std::uintptr_t> keys_;          // of objects, by number
  std::vector<std::uintptr_t> other_stores_;  // objects, see has_other_stores
  std::vector<thread_view> threads_;
  std::vector<bool> runnable_;  // by thread, at the point that the execution came to
  std::uint64_t now_ = 0;
  bool is_composite_ = false;  // the running transition
  bool stopped_ = false;
};

}  // namespace heddle::check
