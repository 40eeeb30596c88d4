// The end of a scope in which the calling thread may block although it polls a task.
#pragma once

#include "execution.hpp"

namespace heddle::sim {

// REQUIRES: the thread is in one. What the poll did until here does not make it long.
inline void end_allowed_blocking(execution& machine) noexcept {
  virtual_thread& self = machine.current();
  if (--self.blocking_allowed == 0 && self.polled != nullptr) self.polled->steps_at_poll = machine.steps_of(self);
}

}  // namespace heddle::sim
