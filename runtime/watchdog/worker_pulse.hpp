// What a worker shows of itself to whoever watches it.
#pragma once

#include <cstdint>

namespace heddle::detail {

struct worker_pulse {
  std::uint64_t polls = 0;  // begun
  std::uint64_t turns = 0;  // changes whenever the worker parks or goes on; odd: it is awake
  int thread = 0;           // the id of the thread that runs it; 0: not known

  bool is_awake() const noexcept { return turns % 2 != 0; }
  friend bool operator==(const worker_pulse&, const worker_pulse&) = default;
};

}  // namespace heddle::detail
