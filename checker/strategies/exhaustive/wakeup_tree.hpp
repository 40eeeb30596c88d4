// Wakeup trees: what is still to be explored from one state, as sequences of transitions that share prefixes.
//
// How it works. A tree is a list of branches, in the order in which they will be explored; each leads to another list.
// A sequence is inserted only when no branch of the tree already leads to an execution that begins, up to the order of
// independent transitions, with it.
//
// Source: Abdulla, Aronsson, Jonsson, Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction",
// JACM 64(4), 2017, section 5.
#pragma once

#include "heddle/sim/operation.hpp"
#include "strategies/exhaustive/access.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

// A transition as it was seen in an execution.
struct wakeup_step {
  sim::thread_id thread = 0;
  accesses touched;
  std::vector<std::uint32_t> answers;  // to the choices it asked for
};

// Transitions in the order of an execution, and which of them must stay in that order.
class wakeup_sequence {
 public:
  // `before`: the places in this sequence of those that happen before `step`.
  void add(wakeup_step step, std::vector<std::uint32_t> before) {
    steps_.push_back({std::move(step), std::move(before), false});
  }

  // Whether an execution that begins with the sequence may begin with `thread` instead: a weak initial. `next` is what
  // the thread would do.
  bool may_begin_with(sim::thread_id thread, const accesses& next) const;
  // Takes the first transition of the thread out, if there is one.
  void remove_first_of(sim::thread_id thread);
  // The transitions that are left, in order.
  std::vector<wakeup_step> rest() &&;

 private:
  struct entry {
    wakeup_step step;
    std::vector<std::uint32_t> before;
    bool removed = false;
  };
  std::vector<entry> steps_;
};

struct wakeup_branch {
  wakeup_step step;
  std::vector<wakeup_branch> next;
};

// Inserts the sequence; does nothing when the tree covers it.
void insert(std::vector<wakeup_branch>& tree, wakeup_sequence sequence);

}  // namespace heddle::check
