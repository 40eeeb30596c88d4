// Vector clocks over the transitions of one execution.
//
// How it works. For every thread, how many of the execution's transitions must have been done before its last one
// that happened before; so whether transition i of thread t is among them is one comparison.
#pragma once

#include "heddle/sim/operation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::check {

class transition_clock {
 public:
  // Whether the transition number `index`, of `thread`, happened before or is the one this is the clock of.
  bool contains(sim::thread_id thread, std::uint32_t index) const noexcept {
    return thread < last_.size() && last_[thread] > index;
  }
  void add(sim::thread_id thread, std::uint32_t index) {
    if (thread >= last_.size()) last_.resize(thread + 1);
    last_[thread] = std::max(last_[thread], index + 1);
  }
  void join(const transition_clock& other) {
    if (other.last_.size() > last_.size()) last_.resize(other.last_.size());
    for (std::size_t thread = 0; thread < other.last_.size(); ++thread)
      last_[thread] = std::max(last_[thread], other.last_[thread]);
  }
  void clear() noexcept { last_.clear(); }

 private:
  std::vector<std::uint32_t> last_;  // by thread: 1 + the number of its last transition in here, or 0
};

}  // namespace heddle::check
