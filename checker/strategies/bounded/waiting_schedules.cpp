// The tree of schedules that wait; see waiting_schedules.hpp. Thread safety: none.
#include "strategies/bounded/waiting_schedules.hpp"

#include <algorithm>

namespace heddle::check {

waiting_schedules::waiting_schedules(std::uint32_t cost_max) : lists_(std::size_t{cost_max} + 1) {
  lists_.front().push_back(add_node({nowhere, 1, {}}));
  size_ = 1;
}

waiting_schedules::place waiting_schedules::add_node(node fresh) {
  if (free_ == nowhere) {
    nodes_.push_back(fresh);
    return static_cast<place>(nodes_.size() - 1);
  }
  const place at = free_;
  free_ = nodes_[at].parent;
  nodes_[at] = fresh;
  return at;
}

void waiting_schedules::leave(place at) {
  while (at != nowhere && --nodes_[at].uses == 0) {
    const place parent = nodes_[at].parent;
    nodes_[at].parent = free_;
    free_ = at;
    at = parent;
  }
}

bool waiting_schedules::take(deviations& schedule, std::uint32_t& cost) {
  const auto list = std::find_if(lists_.begin(), lists_.end(), [](const auto& one) { return !one.empty(); });
  if (list == lists_.end()) return false;
  leave(taken_);
  taken_ = list->back();
  list->pop_back();
  --size_;
  cost = static_cast<std::uint32_t>(list - lists_.begin());
  schedule.clear();
  for (place at = taken_; nodes_[at].parent != nowhere; at = nodes_[at].parent) schedule.push_back(nodes_[at].last);
  std::reverse(schedule.begin(), schedule.end());
  return true;
}

void waiting_schedules::add(deviation further, std::uint32_t cost) {
  ++nodes_[taken_].uses;
  lists_[cost].push_back(add_node({taken_, 1, further}));
  ++size_;
}

}  // namespace heddle::check
