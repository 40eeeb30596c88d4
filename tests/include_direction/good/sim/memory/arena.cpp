#include "../machine/state.hpp"
#include "heddle/sim/machine.hpp"
