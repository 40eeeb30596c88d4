// What makes two failures the same one: the kind, and the places.
//
// Messages are not compared: they may hold values that depend on the schedule.
#pragma once

#include "heddle/sim/machine.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::check {

struct failure_signature {
  sim::failure_kind kind = sim::failure_kind::assertion;
  std::string file;  // of an assertion, where it is known
  unsigned line = 0;
  std::vector<std::uintptr_t> places;  // return addresses, in ascending order
  std::vector<std::string> awaits;     // of tasks that wait, in order

  friend bool operator==(const failure_signature&, const failure_signature&) = default;
};

// Of a deadlock, its places are where threads and tasks wait; of a data race, both accesses, in whichever order; of
// others, where it was noticed.
failure_signature signature_of(const sim::failure& failure);

}  // namespace heddle::check
