// Checks a whole program, from its arguments to the exit status of the process.
#pragma once

#include "heddle/sim/machine.hpp"

namespace heddle::check {

// 0: nothing found; 1: findings; 2: a usage or environment error; 3: heddle itself failed.
int check_program(sim::program what);

}  // namespace heddle::check
