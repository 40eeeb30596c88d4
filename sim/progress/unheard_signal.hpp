// A signal that found nobody waiting: a notification of a condition variable, a wake of a futex or the like. It is
// not kept, so a thread that waits afterwards has missed it, unless it had looked at the state that it stands for.
//
// How it works. That state is what the signaller wrote since it last published anything but one: as a rule it unlocks a
// mutex between writing and signalling. Who has read such a write, or anything of another's after the signal, and
// waits all the same, has missed nothing.
#pragma once

#include "../memory/access_cell.hpp"
#include "heddle/sim/operation.hpp"

#include <cstdint>

namespace heddle::sim {

struct unheard_signal {
  std::uint64_t number = 0;  // among those of the execution, from 1; 0: none
  std::uint64_t stamp = 0;   // of the signaller
  std::uint64_t step = 0;    // scheduling points before it
  std::uint32_t place = 0;   // in the call tree
  std::uint32_t value = 0;   // of a futex: the word's
  thread_id thread = no_thread;
  std::uint32_t task = 0;  // that was polled there; 0: none
};

// The last time that somebody read what another had written.
struct last_look {
  std::uint64_t signals = 0;  // unheard ones of the execution until then
  std::uint64_t written = 0;  // the stamp of what was read; 0: unknown
};

inline bool has_missed(const last_look& looked, const unheard_signal& signal) noexcept {
  if (signal.number <= looked.signals) return false;
  const bool of_the_signaller = stamp::actor_of(looked.written) == stamp::actor_of(signal.stamp);
  const bool told = of_the_signaller && stamp::time_of(looked.written) + 1 >= stamp::time_of(signal.stamp);
  return looked.written == 0 || !told;
}

}  // namespace heddle::sim
