// Vector clocks: for every thread, up to which of its moments somebody knows what it did.
//
// A moment is a thread's own count of the times it published what it knew. The scalar beside them is the position
// of the last seq_cst fence that happened before, in the order of all seq_cst operations.
#pragma once

#include "../machine/host_memory.hpp"
#include "heddle/sim/operation.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class vector_clock {
 public:
  std::uint32_t at(thread_id thread) const noexcept { return thread < times_.size() ? times_[thread] : 0; }

  void set(thread_id thread, std::uint32_t time) {
    if (thread >= times_.size()) times_.resize(thread + 1);
    times_[thread] = time;
  }

  // Whether that told anything new.
  bool raise(thread_id thread, std::uint32_t time) {
    if (at(thread) >= time) return false;
    set(thread, time);
    return true;
  }

  // Whether that told anything new.
  bool join(const vector_clock& other) {
    bool changed = false;
    if (other.times_.size() > times_.size()) times_.resize(other.times_.size());
    for (std::size_t thread = 0; thread < other.times_.size(); ++thread) {
      if (other.times_[thread] <= times_[thread]) continue;
      times_[thread] = other.times_[thread];
      changed = true;
    }
    if (other.fence_ > fence_) {
      fence_ = other.fence_;
      changed = true;
    }
    return changed;
  }

  void assign(const vector_clock& other) {
    times_.assign(other.times_.begin(), other.times_.end());
    fence_ = other.fence_;
  }

  void clear() noexcept {
    times_.clear();
    fence_ = 0;
  }

  std::uint32_t fence() const noexcept { return fence_; }
  void set_fence(std::uint32_t position) noexcept { fence_ = position; }

 private:
  host_vector<std::uint32_t> times_;
  std::uint32_t fence_ = 0;
};

}  // namespace heddle::sim
