// Random priorities of what threads are about to do: the core of partial order sampling, see pos.hpp.
//
// How it works. The next operation of each thread has a priority, which is drawn when it is first asked for. After an
// operation that thread's next one gets a new priority, and so do the operations of others that conflict with what was
// done (same object, one of the two writes), so that each order of two conflicting operations stays about as likely as
// the other.
//
// All are drawn anew after redrawn_after operations: an operation is passed over n times with a probability of 1 / n,
// and with a far greater one if several threads spin on one object and draw each other's priorities anew all the time.
// A correct program would be reported as endless.
//
// Not thread-safe.
#pragma once

#include "heddle/sim/decision.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

class operation_priorities {
 public:
  // Above what tests do between two waits: below it nothing is different from the paper.
  static constexpr std::uint32_t redrawn_after = 400;

  void clear() noexcept {
    priorities_.clear();
    done_ = 0;
  }

  // The thread of highest priority among those runnable that `is_free` is true of, or no_thread. `draw` gives a random
  // number.
  template <typename Draw, typename IsFree>
  sim::thread_id highest(const sim::scheduling_point& point, Draw draw, IsFree is_free) {
    sim::thread_id best = sim::no_thread;
    for (const sim::thread_id thread : point.runnable) {
      if (thread >= priorities_.size()) priorities_.resize(thread + 1);
      if (!is_free(thread)) continue;
      if (priorities_[thread] == to_be_drawn) priorities_[thread] = draw() | 1;
      if (best == sim::no_thread || priorities_[thread] > priorities_[best]) best = thread;
    }
    return best;
  }

  // After `chosen`, which highest() has seen, was chosen to do its next operation.
  void done(const sim::scheduling_point& point, sim::thread_id chosen) noexcept {
    if (++done_ == redrawn_after) return clear();
    const sim::operation& what = point.next[chosen];
    priorities_[chosen] = to_be_drawn;
    if (what.object == 0) return;
    for (const sim::thread_id thread : point.runnable) {
      const sim::operation& other = point.next[thread];
      if (other.object == what.object && (what.writes || other.writes)) priorities_[thread] = to_be_drawn;
    }
  }

 private:
  static constexpr std::uint64_t to_be_drawn = 0;

  std::vector<std::uint64_t> priorities_;  // by thread, of its next operation
  std::uint32_t done_ = 0;                 // operations since all were drawn
};

}  // namespace heddle::check
