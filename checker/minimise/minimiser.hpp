// Shrinks the plan of a schedule that fails to one that fails in the same way and is nearer to the usual schedule; then
// finds the two operations whose order decides.
//
// How it works. Turns and choices are taken away, in pieces of half the list at first, of single ones at last, as long
// as the rest fails in the same way and needs no more preemptions; then turns that end in a preemption are prolonged
// until their thread waits, and threads change their parts, as those that do the same often can. What is left is
// minimal in the sense that no single turn and no single choice can go. If it has several preemptions and the program
// is small, all schedules of one preemption are tried. Then each preemption is put off, point by point, while the
// schedule still fails: the operation before which it must come is one of the two, call it B. Of the operations that
// others did meanwhile on the same object, each is tried as the other one, A: the schedule is run with B right before
// A, and all else as before. If that passes, it is their order that matters.
//
// Source: the pieces, Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002; the
// turns, Jalbert and Sen, "A Trace Simplification Technique for Effective Debugging of Concurrent Programs", FSE 2010.
//
// Limits: the executions and the time given. What was found by then is kept.
#pragma once

#include "minimise/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace heddle::check {

// How a planned schedule ended.
enum class verdict : std::uint8_t {
  same,      // it failed in the same way
  passed,    // it did not fail
  other,     // it failed in another way
  unusable,  // nothing may be run any more
};

// Runs a planned schedule. `observer`: null, or the same source.
using plan_runner = std::function<verdict(planned_source& source, sim::event_observer* observer)>;

// A fails before B, and passes after it.
struct deciding_order {
  sim::event first;
  sim::event second;
};

class minimiser {
 public:
  // `goes_on` says, before each run, whether there is time left.
  minimiser(plan failing, schedule_cost cost, plan_runner run, std::uint64_t runs_max, std::function<bool()> goes_on)
      : best_(std::move(failing)),
        cost_(cost),
        run_(std::move(run)),
        runs_max_(runs_max),
        goes_on_(std::move(goes_on)) {}

  void shrink();
  // After shrink(). Nothing where no two operations can be told, such as when no thread was preempted.
  std::optional<deciding_order> find_deciding();

  const plan& best() const noexcept { return best_; }
  const schedule_cost& cost() const noexcept { return cost_; }
  std::uint64_t runs() const noexcept { return runs_; }

 private:
  verdict run(planned_source& source, sim::event_observer* observer);
  bool try_plan(plan candidate);
  template <typename Element>
  bool drop_from(std::vector<Element> plan::* list);
  bool prolong_turns();
  bool swap_threads();
  void try_single_preemptions();
  // Writes all turns of the schedule down, and returns the places of those that a preemption ends.
  std::vector<std::size_t> spell_out();
  void put_off(std::size_t number);
  std::optional<deciding_order> find_deciding(std::size_t number);
  bool passes_with(const std::vector<turn>& turns);

  plan best_;
  schedule_cost cost_;
  const plan_runner run_;
  const std::uint64_t runs_max_;
  const std::function<bool()> goes_on_;
  std::uint64_t runs_ = 0;
  bool stopped_ = false;
};

}  // namespace heddle::check
