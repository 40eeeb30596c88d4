#include "strategies/exhaustive/wakeup_tree.hpp"

#include <algorithm>
#include <utility>

namespace heddle::check {

bool wakeup_sequence::may_begin_with(sim::thread_id thread, const accesses& next) const {
  for (const entry& one : steps_) {
    if (one.removed) continue;
    if (one.step.thread == thread)
      return std::all_of(one.before.begin(), one.before.end(),
                         [this](std::uint32_t earlier) { return steps_[earlier].removed; });
  }
  return std::none_of(steps_.begin(), steps_.end(),
                      [&next](const entry& one) { return !one.removed && conflict(one.step.touched, next); });
}

void wakeup_sequence::remove_first_of(sim::thread_id thread) {
  const auto found = std::find_if(steps_.begin(), steps_.end(),
                                  [thread](const entry& one) { return !one.removed && one.step.thread == thread; });
  if (found != steps_.end()) found->removed = true;
}

std::vector<wakeup_step> wakeup_sequence::rest() && {
  std::vector<wakeup_step> left;
  for (entry& one : steps_) {
    if (!one.removed) left.push_back(std::move(one.step));
  }
  return left;
}

void insert(std::vector<wakeup_branch>& tree, wakeup_sequence sequence) {
  std::vector<wakeup_branch>* level = &tree;
  for (;;) {
    const auto branch = std::find_if(level->begin(), level->end(), [&sequence](const wakeup_branch& one) {
      return sequence.may_begin_with(one.step.thread, one.step.touched);
    });
    if (branch == level->end()) break;
    // Everything that begins with a leaf will be explored.
    if (branch->next.empty()) return;
    sequence.remove_first_of(branch->step.thread);
    level = &branch->next;
  }
  for (wakeup_step& step : std::move(sequence).rest()) {
    level->push_back({std::move(step), {}});
    level = &level->back().next;
  }
}

}  // namespace heddle::check
