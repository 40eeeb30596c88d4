// The state that an execution has come to, as a hash of how it came there: of who did what in which order, as far as
// the order matters.
//
// How it works. A transition's hash is made of the hash of its thread's last one, of the answers it was given, and of
// the last change of each object that it touched. The state is the sum over all transitions. So two executions that
// differ only in the order of independent transitions have the same hash. Who looked before a change and who after it
// is told by the hashes of those who looked. Objects need no names: what a thread touches next follows from what it did
// and saw.
//
// Source: Musuvathi and Qadeer, "Partial-Order Reduction for Context-Bounded State Exploration", 2007.
#pragma once

#include "heddle/sim/decision.hpp"
#include "strategies/exhaustive/trace.hpp"
#include "strategies/generator.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace heddle::check {

class path_hash {
 public:
  void clear() {
    threads_.clear();
    objects_.clear();
    answers_ = all_ = 0;
  }
  // A choice of the transition that is to be added next.
  void add_choice(sim::choice_kind kind, std::uint32_t answer) noexcept {
    answers_ = mix(answers_ + (std::uint64_t{answer} << 8 | static_cast<std::uint64_t>(kind)) + 1);
  }
  // The transition that is over.
  void add(const transition& one);
  // The state at a scheduling point, which is told from that with another thread running.
  std::uint64_t state(const sim::scheduling_point& point) const noexcept {
    const std::uint64_t running = point.current_runnable ? std::uint64_t{point.current} + 1 : 0;
    return mix(mix(all_ + running) + point.now);
  }

 private:
  std::vector<std::uint64_t> threads_;                         // hash of the last transition
  std::unordered_map<std::uintptr_t, std::uint64_t> objects_;  // by key: that of its last change; looked up only
  std::uint64_t answers_ = 0;
  std::uint64_t all_ = 0;
};

}  // namespace heddle::check
