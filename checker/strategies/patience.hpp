// How long a strategy with priorities lets one thread run while others could.
//
// A thread that spins until another has done something would run for ever under a strict priority. One that yields says
// so; of one that only looks, again and again, the number of its turns tells. Both must give way, or a correct program
// would be reported as endless.
#pragma once

#include "heddle/sim/decision.hpp"

#include <cstdint>

namespace heddle::check {

class patience {
 public:
  // Turns in a row after which a thread gives way; above what real code does between two waits in tests.
  static constexpr std::uint32_t turns_max = 400;

  void reset() noexcept {
    thread_ = sim::no_thread;
    turns_ = 0;
  }

  // Whether `chosen`, about to do `next`, must give way from now on.
  [[nodiscard]] bool ends_with(sim::thread_id chosen, const sim::operation& next) noexcept {
    turns_ = chosen == thread_ ? turns_ + 1 : 1;
    thread_ = chosen;
    if (next.kind != sim::operation_kind::yield && turns_ < turns_max) return false;
    turns_ = 0;
    return true;
  }

 private:
  sim::thread_id thread_ = sim::no_thread;
  std::uint32_t turns_ = 0;
};

}  // namespace heddle::check
