// Schedules that wait to be run, the cheap ones first: a cost is a number of preemptions, or of delays.
//
// How it works. A schedule is one that has been run, and one deviation from it: so it takes a place in a tree, and no
// copy. A place is free again when neither the schedule itself nor any that deviates from it is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::check {

struct deviation {
  std::uint32_t question = 0;    // number of it, from 0
  std::uint32_t answer = 0;      // a thread, or that to a choice
  std::uint32_t transition = 0;  // how many were over when it was asked

  friend bool operator==(const deviation&, const deviation&) = default;
};
using deviations = std::vector<deviation>;

class waiting_schedules {
 public:
  // The usual schedule waits, at no cost.
  explicit waiting_schedules(std::uint32_t cost_max);

  std::size_t size() const noexcept { return size_; }
  // The last that was added of the cheapest, to be run. False if none waits.
  bool take(deviations& schedule, std::uint32_t& cost);
  // What differs from the one that was taken last in `further` too, which comes after all its deviations.
  void add(deviation further, std::uint32_t cost);

 private:
  using place = std::uint32_t;
  static constexpr place nowhere = ~place{0};
  struct node {
    place parent = nowhere;  // or the next that is free
    std::uint32_t uses = 0;  // itself, while it waits or is run, and its children
    deviation last;
  };

  place add_node(node fresh);
  void leave(place at);

  std::vector<node> nodes_;
  place free_ = nowhere;
  place taken_ = nowhere;
  std::vector<std::vector<place>> lists_;  // by cost
  std::size_t size_ = 0;
};

}  // namespace heddle::check
