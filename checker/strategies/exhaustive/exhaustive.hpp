// Every execution that differs from the others in the order of two dependent operations, and each once.
//
// How it works. Executions are explored depth first. After each, its races are found (races.hpp); of each the other
// order is noted as a sequence to be tried where the executions would part (wakeup_tree.hpp), unless a thread that
// sleeps there already led to it. A thread sleeps where everything that begins with its next transition has
// been explored, and wakes below when a transition conflicts with that. Choices other than threads are tried one after
// the other where they are made.
//
// Source: optimal dynamic partial-order reduction, Abdulla, Aronsson, Jonsson, Sagonas, "Source Sets: A Foundation for
// Optimal Dynamic Partial Order Reduction", JACM 64(4), 2017, algorithm 2. Deviation: choices, which it does not have.
//
// A compare-exchange that fails is a read. Put before the write that kept it from success it may write, and is taken to
// until it has run: for a sleeping thread that reads the word it is no place where it may come after all.
//
// A transition may be of many operations: one that runs trusted code, as the runtime's is, and at granularity::task the
// whole step from one suspension to the next. It conflicts by all that it touched (sim::event_observer::on_touch). Put
// before another one it may take another way from where they meet, so that what it touches then is not known: it is
// taken to conflict with everything until it has run. For this a few executions turn out to be explored already; of
// single operations none does.
//
// What it holds for: plain accesses are no transitions of their own unless the granularity is `memory`, and are not
// looked at unless it is that or `task`, so a program with data races may do more than was explored.
//
// Limit: a loop that spins until another thread has done something has infinitely many executions.
#pragma once

#include "strategies/exhaustive/races.hpp"
#include "strategies/exhaustive/trace.hpp"
#include "strategies/exhaustive/wakeup_tree.hpp"
#include "strategies/patience.hpp"
#include "strategies/strategy.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace heddle::check {

class exhaustive_strategy final : public explorer_strategy {
 public:
  explicit exhaustive_strategy(sim::granularity level) noexcept : trace_(level) {}

  // The number before again, or the next.
  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;
  bool wants_every_point() const noexcept override { return true; }

  sim::event_observer* observer() noexcept override { return &trace_; }
  std::optional<decision_record> decisions() const override;
  bool is_proof() const noexcept override { return astray_ == 0; }
  // Each branch of a node is taken to lead to as many executions as any other. A lower bound of what is left, while
  // branches are still being found.
  std::optional<double> explored() const override;

  // Executions that turned out to be explored already.
  std::uint64_t redundant() const noexcept { return redundant_; }
  // Executions in which a thread could not run that should have: a fault of this strategy, or of the program's
  // determinism.
  std::uint64_t astray() const noexcept { return astray_; }

 private:
  struct choice_made {
    sim::choice_kind kind = sim::choice_kind::test;
    std::uint32_t answer = 0;
    std::uint32_t candidates = 0;
    std::uint32_t tried = 1;  // answers, this one included; they are tried in cyclic order
  };
  struct sleeper {
    sim::thread_id thread = 0;
    accesses next;
  };
  // The state before a transition, and the one that is being explored from it.
  struct node {
    sim::thread_id thread = 0;
    std::vector<choice_made> choices;
    std::vector<std::uint32_t> planned;  // answers to its first choices
    accesses explored;                   // what the transition touched with any of the answers tried
    std::vector<sleeper> sleep;
    std::vector<wakeup_branch> tree;  // the first branch is the one being explored
    std::uint32_t done = 0;           // branches before it
  };

  void analyse();
  static accesses touched_before(const transition& first, const transition& second);
  void note_reversal(const race& found);
  bool backtrack();
  bool next_choice(node& last);
  bool next_branch(node& last);
  node* extend(const sim::scheduling_point& point);
  sim::thread_id default_thread(const std::vector<sleeper>& asleep, const sim::scheduling_point& point);
  sim::thread_id leave(const sim::scheduling_point& point, std::uint64_t& counter);

  transition_trace trace_;
  race_finder races_;
  std::vector<node> nodes_;     // by number of the transition
  std::size_t fresh_from_ = 0;  // nodes from here on have not been analysed
  std::size_t position_ = 0;    // transitions begun in this execution
  std::size_t choice_ = 0;      // choices of the running one that were made
  std::uint64_t index_ = 0;     // of the execution
  bool begun_ = false;          // any
  bool left_ = false;           // this execution is not followed any more
  bool repeats_ = false;        // it is the one before, once more
  patience patience_;
  std::uint64_t redundant_ = 0;
  std::uint64_t astray_ = 0;
};

}  // namespace heddle::check
